from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter, LtpCutter, load_weights
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.spaced import SpaceSegmenter
from hanmill.pipelines.annotate.words import (
    Segmenter,
    Words,
    has_extenders,
    native_text,
    restore_extenders,
    without_extenders,
    words_of,
)
from tests.pipelines.annotate.texts import TEXTS, hostile_text


def check(texts: Sequence[str], words: Sequence[Words]) -> None:
    """What holds for every segmenter and every text."""
    assert len(words) == len(texts)
    for text, one in zip(texts, words, strict=True):
        assert "".join(one.surfaces) == "".join(text.split())
        assert one.lengths.dtype == np.int64
        assert one.lengths.tolist() == list(map(len, one.surfaces))
        assert 0 not in one.lengths
        assert one.readings is None or len(one.readings) == len(one.surfaces)


@pytest.fixture(params=["chinese", "japanese", "spaced"])
def segmenter(request: pytest.FixtureRequest) -> Segmenter:
    built: Segmenter = request.getfixturevalue(request.param)
    return built


def test_words_hold_every_visible_character(segmenter: Segmenter) -> None:
    check(TEXTS, segmenter.segment(TEXTS))


def test_a_text_is_cut_the_same_alone_and_in_a_batch(segmenter: Segmenter) -> None:
    alone = [segmenter.segment([text])[0].surfaces for text in TEXTS]
    assert [words.surfaces for words in segmenter.segment(TEXTS)] == alone


def test_no_texts_give_no_words(segmenter: Segmenter) -> None:
    assert segmenter.segment([]) == []


@settings(deadline=None, max_examples=300)
@given(st.lists(hostile_text, max_size=3))
def test_words_of_hostile_text(
    chinese: ChineseSegmenter, japanese: JapaneseSegmenter, spaced: SpaceSegmenter, texts: list[str]
) -> None:
    check(texts, chinese.segment(texts))
    check(texts, japanese.segment(texts))
    check(texts, spaced.segment(texts))


@settings(deadline=None, max_examples=300)
@given(hostile_text)
def test_ltp_words_of_hostile_chunks(ltp_weights: object, text: str) -> None:
    cutter = LtpCutter(load_weights(ltp_weights))  # type: ignore[arg-type]
    for chunk in native_text(without_extenders(text)).split():
        assert "".join(next(cutter.cut([chunk]))) == chunk


@pytest.mark.parametrize("name", ["chinese", "japanese", "spaced"])
@pytest.mark.parametrize("cluster", ["葛󠄀", "か゚", "👨‍👩‍👧", "👍🏽", "❤️", "e\u0323\u0302"])
def test_no_boundary_inside_a_character_with_marks(name: str, cluster: str, request: pytest.FixtureRequest) -> None:
    segmenter: Segmenter = request.getfixturevalue(name)
    for text in (cluster, f"我{cluster}城市", f"この{cluster}は", f"a {cluster} b"):
        words = segmenter.segment([text])[0]
        assert any(cluster in word for word in words.surfaces), words.surfaces


def test_a_selector_does_not_hide_a_word_from_the_dictionary(japanese: JapaneseSegmenter) -> None:
    words = japanese.segment(["辻󠄀さんは学󠄀校へ"])[0]
    assert "学󠄀校" in words.surfaces
    assert words.readings is not None
    assert words.readings[words.surfaces.index("学󠄀校")] == "ガッコウ"


def test_extenders_alone_are_one_word() -> None:
    assert has_extenders("\u0301")
    assert restore_extenders(" \u0301\u0302 ", words_of([], [])).surfaces == ["\u0301\u0302"]
    assert not has_extenders("plain ASCII")
    assert not has_extenders("中文が한국")


def test_native_text_keeps_the_length() -> None:
    assert native_text("a\0\ud800中\udfff") == "a\ufffd\ufffd中\ufffd"
