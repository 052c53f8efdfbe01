from __future__ import annotations

import lzma
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.pipelines.annotate.words import Words
from hanmill.pipelines.corpus.documents import StoredDocument
from hanmill.pipelines.corpus.rows import AlignmentError, RowBuilder
from hanmill.pipelines.extract.document import Reading
from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.recipe import SegmentRecipe

IDENTITY = np.arange(0x110000).astype(np.uint16)


def document(lang: str, text: str, readings: tuple[Reading, ...] = ()) -> StoredDocument:
    return StoredDocument(7, "wikipedia", lang, "Jpan", "題", "https://例", "1", text, readings, b"0" * 16)


@pytest.fixture(scope="module")
def builder() -> RowBuilder:
    return RowBuilder(IDENTITY, Segmenters(SegmentRecipe()), PinyinAnnotator(), {"ja": {"猫": 5}}, romaji=True)


def test_every_column_of_a_chinese_and_a_japanese_document(builder: RowBuilder) -> None:
    annotated = builder.build([document("zh", "银行 行长"), document("ja", "猫は流して\n走る。")])
    assert annotated.table.schema.equals(CORPUS)
    chinese, japanese = annotated.table.to_pylist()
    syllables = PinyinAnnotator().syllables
    assert chinese["char_ids"] == [ord(c) % 65536 for c in "银行行长"]
    assert [syllables[i] for i in chinese["pinyin_ids"]] == ["yin2", "hang2", "hang2", "zhang3"]
    assert (sum(chinese["word_lens"]), chinese["word_ids"]) == (4, None)
    assert japanese["pinyin_ids"] is None
    assert japanese["sent_lens"] == [5, 3]
    assert japanese["word_roman"][:3] == ["neko", "ha", "nagashite"]
    assert japanese["word_ids"][:3] == [5, 0, 0]
    assert annotated.measures["characters"] == 12
    assert annotated.measures["white_space_dropped"] == 2


def test_the_reading_the_source_gives_wins(builder: RowBuilder) -> None:
    (row,) = builder.build([document("ja", "強敵と書く。", (Reading(0, 2, "とも"),))]).table.to_pylist()
    assert row["word_roman"][0] == "tomo"


def test_words_longer_than_a_byte_are_split_and_counted(builder: RowBuilder) -> None:
    annotated = builder.build([document("en", "a" * 600 + " b")])
    (row,) = annotated.table.to_pylist()
    assert row["word_lens"] == [255, 255, 90, 1]
    assert len(row["word_roman"]) == 4
    assert annotated.measures["words_split_at_255"] == 1


def test_no_documents_and_empty_documents(builder: RowBuilder) -> None:
    assert builder.build([]).table.num_rows == 0
    (row,) = builder.build([document("ja", " \n\u3000")]).table.to_pylist()
    assert (row["char_ids"], row["sent_lens"], row["word_lens"], row["word_roman"]) == ([], [], [], [])


class _Forgetful:
    """A segmenter with a defect: it loses the last word."""

    version = "0"

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        return [Words(np.array([1], np.int64), [text[0]], None) for text in texts]


def test_lengths_that_do_not_add_up_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenters = Segmenters(SegmentRecipe())
    monkeypatch.setattr(segmenters, "of", lambda lang: _Forgetful())
    broken = RowBuilder(IDENTITY, segmenters, None, {}, romaji=False)
    with pytest.raises(AlignmentError, match=r"sum of word_lens: 1; characters: 4"):
        broken.build([document("ja", "吾輩は猫")])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["zh", "ja", "ko", "en", "yue", "lzh"]),
            st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
            | st.text(
                "银行行长大了着得地。！？「」 \n\u3000Aaé1２ｶﾞか\u3099っッー𠮷葛\U000e0100👩‍👩‍👧한글", max_size=60
            ),
        ),
        max_size=5,
    )
)
def test_everything_adds_up_on_any_text(pairs: list[tuple[str, str]]) -> None:
    builder = RowBuilder(IDENTITY, _SEGMENTERS, _PINYIN, {}, romaji=True)
    for (_, text), row in zip(pairs, builder.build([document(*pair) for pair in pairs]).table.to_pylist(), strict=True):
        count = sum(not character.isspace() for character in text)
        assert len(row["char_ids"]) == sum(row["sent_lens"]) == sum(row["word_lens"]) == count
        assert 0 not in row["sent_lens"]
        assert 0 not in row["word_lens"]
        assert len(row["word_roman"]) == len(row["word_lens"])
        assert row["pinyin_ids"] is None or len(row["pinyin_ids"]) == count


_SEGMENTERS = Segmenters(SegmentRecipe())
_PINYIN = PinyinAnnotator()


def test_real_treebank_sentences_add_up(builder: RowBuilder, shared_data: Path) -> None:
    for lang in ("zh", "ja"):
        with lzma.open(shared_data / "segmentation" / f"{lang}_gsd-ud-dev.conllu.xz", "rt", encoding="utf-8") as file:
            texts = [line.removeprefix("# text = ").rstrip("\n") for line in file if line.startswith("# text = ")]
        assert len(texts) == 500 if lang == "zh" else len(texts) > 450
        rows = builder.build([document(lang, text) for text in texts]).table.to_pylist()
        for text, row in zip(texts, rows, strict=True):
            count = sum(not character.isspace() for character in text)
            assert len(row["char_ids"]) == sum(row["sent_lens"]) == sum(row["word_lens"]) == count
