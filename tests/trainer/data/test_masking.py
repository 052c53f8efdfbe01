"""Masking: rates, whole words, nothing of the original left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.counter_random import keys_of
from hanmill.trainer.data.masking import Fates, MaskingConfig, draw_characters, draw_fates
from hanmill.trainer.data.packed import PackedFormat
from hanmill.trainer.data.windows import NO_UNIT, Windows
from hanmill.trainer.models import chinesebert
from hanmill.trainer.models.chinesebert import packed_format

ROWS, WINDOW = 400, 100


def keys(rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    return keys_of("words", 1, last=np.zeros(rows, np.int64)), keys_of("row", 1, last=np.arange(rows))


def words(length: int) -> np.ndarray:
    """Words of ``length`` tokens through all rows; the first and last column may not be masked."""
    unit = (np.arange(ROWS * WINDOW, dtype=np.int32) // length).reshape(ROWS, WINDOW)
    unit[:, [0, -1]] = NO_UNIT
    return unit


@pytest.mark.parametrize("whole_word", [0.0, 0.9, 1.0])
@pytest.mark.parametrize("decide", ["unit", "token"])
def test_rates(whole_word: float, decide: str) -> None:
    fates = draw_fates(words(2), *keys(), MaskingConfig(whole_word=whole_word, decide=decide))
    inner = fates.chosen[:, 1:-1]
    assert not fates.chosen[:, [0, -1]].any()
    assert inner.mean() == pytest.approx(0.15, abs=0.008)
    assert fates.masked.sum() / inner.sum() == pytest.approx(0.8, abs=0.025)
    assert fates.replaced.sum() / inner.sum() == pytest.approx(0.1, abs=0.02)
    assert not (fates.masked & fates.replaced).any()
    assert not ((fates.masked | fates.replaced) & ~fates.chosen).any()


def test_long_words_are_as_likely_as_short() -> None:
    config = MaskingConfig(whole_word=1.0)
    long = draw_fates(words(7), *keys(), config).chosen[:, 1:-1].mean()
    assert long == pytest.approx(0.15, abs=0.015)


def kinds_agree(values: np.ndarray, unit: np.ndarray) -> bool:
    inner = unit != NO_UNIT
    first = np.unique(unit[inner], return_index=True)[1]
    return bool((values[inner][first][np.unique(unit[inner], return_inverse=True)[1]] == values[inner]).all())


def test_words_stand_and_fall_together() -> None:
    unit = words(4)
    fates = draw_fates(unit, *keys(), MaskingConfig(whole_word=1.0))
    assert kinds_agree(fates.chosen, unit)
    assert kinds_agree(fates.masked, unit)
    assert kinds_agree(fates.replaced, unit)


def test_fate_by_token_mixes_inside_a_word() -> None:
    unit = words(4)
    fates = draw_fates(unit, *keys(), MaskingConfig(whole_word=1.0, decide="token"))
    assert kinds_agree(fates.chosen, unit)
    assert not kinds_agree(fates.masked, unit)


def test_a_tenth_of_the_rows_masks_characters() -> None:
    unit = words(4)
    fates = draw_fates(unit, *keys(), MaskingConfig(whole_word=0.9))
    by_character = [not kinds_agree(fates.chosen[row], unit[row]) for row in range(ROWS)]
    # A row of 98 characters in words of four shows itself almost surely.
    assert np.mean(by_character) == pytest.approx(0.1, abs=0.04)


def test_rows_are_drawn_on_their_own() -> None:
    unit = words(3)
    group_keys, row_keys = keys()
    config = MaskingConfig(whole_word=0.5)
    whole = draw_fates(unit, group_keys, row_keys, config)
    part = draw_fates(unit[50:60], group_keys[50:60], row_keys[50:60], config)
    assert (part.chosen == whole.chosen[50:60]).all()
    assert (part.masked == whole.masked[50:60]).all()
    assert (part.replaced == whole.replaced[50:60]).all()


def test_replacements_are_characters_of_the_table() -> None:
    replaced = np.ones((ROWS, WINDOW), bool)
    drawn = draw_characters(replaced, keys()[1], 9)
    assert set(drawn.tolist()) == set(range(1, 9))


class TestLeak:
    """Swaps every original for another one and expects what the model sees of changed tokens not to move."""

    @pytest.fixture
    def form(self, corpus_folder: Path, small) -> PackedFormat:
        corpus = Corpus(corpus_folder)
        config = small("chinesebert", masking={"rate": 0.5, "mask": 0.5, "random": 0.4})
        return packed_format(config, config.stages[0], corpus)

    def rows(self, form: PackedFormat, shift: int) -> Windows:
        shape = (20, form.data.window)
        number = np.arange(20 * form.data.window).reshape(shape)
        ids = form.model_ids[1 + (number + shift) % (len(form.model_ids) - 1)]
        pinyin = (1 + (number + shift) % (form.syllables - 1)).astype(np.uint16)
        unit = (number // 2).astype(np.int32)
        return Windows(ids, np.ones(shape, np.int32), unit, pinyin, np.zeros(shape, np.uint8))

    def test_no_feature_of_the_original_survives(self, form: PackedFormat) -> None:
        nothing = np.zeros(20, np.int64)
        first = form.batch(self.rows(form, 0), nothing, np.arange(20), 0)
        second = form.batch(self.rows(form, 1), nothing, np.arange(20), 0)
        assert (first.places == second.places).all()
        assert (first.targets != second.targets).all()
        seen, read = first.ids.flatten()[first.places], first.pinyin.flatten()[first.places]
        kept = (seen == first.targets) & (second.ids.flatten()[second.places] == second.targets)
        changed = ~kept
        assert 0.8 < changed.float().mean() < 0.98
        assert (seen[changed] == second.ids.flatten()[second.places][changed]).all()
        assert (read[changed] == second.pinyin.flatten()[second.places][changed]).all()
        masked = seen == chinesebert.SPECIALS.mask
        assert (read[masked] == 0).all()
        # A replaced token is read as its new character is read without context.
        replaced = changed & ~masked
        assert replaced.sum() > 20
        characters = (seen[replaced] - chinesebert.SPECIALS.count + 1).numpy()
        assert (read[replaced].numpy() == form.default_pinyin[characters]).all()


def test_fates_of_nothing() -> None:
    fates = draw_fates(np.full((2, 5), NO_UNIT, np.int32), *(part[:2] for part in keys()), MaskingConfig())
    assert isinstance(fates, Fates)
    assert not fates.chosen.any()
