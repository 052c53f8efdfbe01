"""Streams and packed inputs: nothing lost, nothing twice, nothing across a boundary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hanmill.trainer.data.documents import Documents, Sentences
from hanmill.trainer.data.packed import lay_out
from hanmill.trainer.data.packing import Segments, pack_sentences
from hanmill.trainer.data.stream import count_windows, cut_stream
from hanmill.trainer.data.windows import NO_UNIT, Windows
from hanmill.trainer.models import chinesebert, unihanlm

SENTENCES = (
    "今天天气很好。",
    "学而时习之，不亦说乎？",
    "佢哋喺香港住。",
    "東京は日本の首都です。",
    "서울은수도이다.",
    "Hi",
)


def documents_of(texts: list[list[str]], language: list[int] | None = None) -> tuple[Documents, str]:
    """Documents whose character ids are places in a sorted alphabet, every two characters a word."""
    flat = "".join("".join(text) for text in texts)
    alphabet = ["", *sorted(set(flat))]
    lengths = np.array([len(sentence) for text in texts for sentence in text], np.int64)
    document = np.array([number for number, text in enumerate(texts) for _ in text], np.int64)
    ids = np.array([alphabet.index(c) for c in flat], np.uint16)
    sentences = Sentences(lengths, document, np.array(language or [0] * len(texts), np.int64))
    words = (np.arange(len(ids)) // 2).astype(np.int32)
    return Documents(sentences, ids, ids + 100, words), "".join(alphabet[1:])


texts_strategy = st.lists(st.lists(st.text("国國気gg。漢", max_size=30), max_size=6), max_size=8)


def decode(ids: np.ndarray, alphabet: str, count: int) -> str:
    return "".join(alphabet[i - count] if i >= count else f"<{i}>" for i in ids)


class TestStream:
    def test_sentences_close_and_windows_follow(self) -> None:
        documents, alphabet = documents_of([[SENTENCES[0], SENTENCES[5]], [SENTENCES[3]]], [0, 1])
        model_ids = unihanlm.SPECIALS.model_ids(len(alphabet) + 1)
        windows = cut_stream(documents, model_ids, unihanlm.SPECIALS, 8, 3, bounded=True)
        shown = [decode(row, alphabet, 14) for row in windows.ids]
        # The last row goes on with what the first began with.
        assert shown == ["气很好。<1>Hi<1>", "東京は日本の首都", "です。<1>今天天气"]
        assert windows.segment[1].tolist() == [2] * 8
        assert windows.segment[2].tolist() == [2] * 4 + [1] * 4
        assert windows.language[1].tolist() == [1] * 8
        assert (windows.unit[:, 0] == NO_UNIT).all()
        again = cut_stream(documents, model_ids, unihanlm.SPECIALS, 8, 3 + 23, bounded=True)
        assert (again.ids == windows.ids).all()

    def test_unbounded_is_one_segment(self) -> None:
        documents, alphabet = documents_of([[SENTENCES[0]], [SENTENCES[1]]])
        model_ids = unihanlm.SPECIALS.model_ids(len(alphabet) + 1)
        for begin in range(20):
            windows = cut_stream(documents, model_ids, unihanlm.SPECIALS, 7, begin, bounded=False)
            assert windows.segment.tolist() == [[1] * 7] * 3

    @given(texts_strategy, st.integers(2, 20), st.none() | st.integers(0, 1 << 63))
    def test_stream_is_complete(self, texts: list[list[str]], window: int, begin: int | None) -> None:
        documents, alphabet = documents_of(texts)
        model_ids = unihanlm.SPECIALS.model_ids(len(alphabet) + 1)
        windows = cut_stream(documents, model_ids, unihanlm.SPECIALS, window, begin, bounded=True)
        tokens = len(documents.char_ids) + len(documents.sentences.lengths)
        assert len(windows) == count_windows(tokens, window)
        units = windows.ids[windows.segment > 0].tolist()
        model = unihanlm.SPECIALS
        whole = [
            number
            for text in texts
            for sentence in text
            for number in [*(alphabet.index(c) + model.vocabulary_size(1) for c in sentence), model.end]
        ]
        if begin is None or len(windows) < 2:
            assert units == whole
            assert (windows.ids[windows.segment == 0] == unihanlm.SPECIALS.padding).all()
            return
        # Full rows, no token left out, and fewer than a row's come twice.
        start = begin % tokens
        assert units == [*whole[start:], *whole, *whole][: len(windows) * window]
        assert (windows.segment > 0).all()
        assert 0 <= len(units) - tokens < window


def laid_out(documents: Documents, alphabet: str, segments: Segments, window: int) -> Windows:
    model_ids = chinesebert.SPECIALS.model_ids(len(alphabet) + 1)
    return lay_out(segments, documents, model_ids, chinesebert.SPECIALS, window)


class TestPacking:
    def test_documents_are_segments(self) -> None:
        documents, alphabet = documents_of([[SENTENCES[0], SENTENCES[5]], [SENTENCES[2]], [SENTENCES[1]]])
        segments = pack_sentences(documents.sentences, 20, 0.0, np.random.default_rng(1))
        windows = laid_out(documents, alphabet, segments, 20)
        shown = [decode(row, alphabet, 5) for row in windows.ids]
        assert shown == [
            "<2>学而时习之，不亦说乎？<3>" + "<0>" * 7,
            "<2>今天天气很好。Hi<3><2>佢哋喺香港住。<3>",
        ]
        assert windows.segment[1].tolist() == [2] * 11 + [3] * 9
        special = windows.ids < 5
        assert (windows.unit[special] == NO_UNIT).all()
        assert (windows.pinyin[special] == 0).all()

    def test_single_inputs_share_rows_apart(self) -> None:
        documents, alphabet = documents_of([[SENTENCES[5], SENTENCES[5], SENTENCES[0]]])
        segments = pack_sentences(documents.sentences, 12, 1.0, np.random.default_rng(1))
        windows = laid_out(documents, alphabet, segments, 12)
        shown = [decode(row, alphabet, 5) for row in windows.ids]
        assert shown == ["<2>今天天气很好。<3>" + "<0>" * 3, "<2>Hi<3><2>Hi<3>" + "<0>" * 4]

    def test_authors_way_crosses_documents(self) -> None:
        documents, alphabet = documents_of([[SENTENCES[5]], [SENTENCES[0]]])
        segments = pack_sentences(documents.sentences, 20, 0.0, np.random.default_rng(1), bounded=False)
        windows = laid_out(documents, alphabet, segments, 20)
        assert decode(windows.ids[0], alphabet, 5) == "<2>Hi今天天气很好。<3>" + "<0>" * 9

    @given(texts_strategy, st.integers(3, 24), st.floats(0, 1), st.integers(0, 9), st.booleans())
    def test_every_character_once(
        self, texts: list[list[str]], window: int, single: float, seed: int, bounded: bool
    ) -> None:
        documents, alphabet = documents_of(texts)
        segments = pack_sentences(documents.sentences, window, single, np.random.default_rng(seed), bounded)
        windows = laid_out(documents, alphabet, segments, window)
        characters = windows.ids >= 5
        # Pinyin is the character id plus 100 here, so both must move together.
        assert (windows.pinyin[characters].astype(int) - 100 + 4 == windows.ids[characters]).all()
        assert sorted(windows.ids[characters] - 4) == sorted(documents.char_ids)
        covered = np.concatenate(
            [np.arange(s, s + n) for s, n in zip(segments.start, segments.length, strict=True)] or [[]]
        )
        assert sorted(covered) == list(range(len(documents.char_ids)))
        for ids, segment in zip(windows.ids, windows.segment, strict=True):
            assert (np.diff(segment[segment > 0]) >= 0).all()
            for number in set(segment[segment > 0].tolist()):
                inside = ids[segment == number]
                assert inside[0] == chinesebert.SPECIALS.begin
                assert inside[-1] == chinesebert.SPECIALS.end
                assert (inside[1:-1] >= 5).all()


def test_unknown_character_has_its_token() -> None:
    assert chinesebert.SPECIALS.model_ids(4).tolist() == [1, 5, 6, 7]
    assert unihanlm.SPECIALS.model_ids(4).tolist() == [3, 14, 15, 16]
    assert unihanlm.SPECIALS.vocabulary_size(4) == 17
