"""Documents into training rows: every annotator over a batch, aligned to the characters that are not white space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.annotate.japanese.romaji import romanize
from hanmill.pipelines.annotate.pinyin.context import ContextPinyin
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.pipelines.annotate.words import Words
from hanmill.pipelines.corpus.documents import StoredDocument
from hanmill.pipelines.text.characters import tokenize
from hanmill.pipelines.text.han import CHINESE
from hanmill.pipelines.text.sentences import sentence_lengths
from hanmill.schemas.corpus import CORPUS, MAX_WORD_LENGTH, UNKNOWN_CHARACTER, UNKNOWN_WORD
from hanmill.schemas.errors import HanmillError


class AlignmentError(HanmillError, ValueError):
    """Lengths that do not add up to the characters of a document: a defect of an annotator."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """Training rows, and what was counted on the way."""

    table: pa.Table
    measures: Mapping[str, int]


class RowBuilder:
    """Holds the tables and native objects; ``build`` is a function of its documents alone.

    ``characters`` is uint16 [0x110000] from code point to character id; ``words`` maps a language to its word ids.
    ``pinyin`` is None where the recipe stores none, ``romaji`` says whether words are romanised.
    """

    def __init__(
        self,
        characters: npt.NDArray[np.uint16],
        segmenters: Segmenters,
        pinyin: PinyinAnnotator | ContextPinyin | None,
        words: Mapping[str, Mapping[str, int]],
        *,
        romaji: bool,
    ) -> None:
        self._characters = characters
        self._segmenters = segmenters
        self._pinyin = pinyin
        self._word_ids = words
        self._romaji = romaji

    def build(self, documents: Sequence[StoredDocument], cut: Sequence[Words] | None = None) -> Annotated:
        """One row per document, in order; ``cut`` are its words where an earlier stage has cut them.

        Raises AlignmentError where lengths disagree.
        """
        told: dict[str, Any] = {name: [document[place] for document in documents] for place, name in _FIELDS}
        texts = told["text"]
        if cut is None:
            cut = self._segmenters.cut(texts, told["lang"], told["readings"])
        characters = tokenize(texts, self._characters)
        bounds = characters.offsets
        sentences = [sentence_lengths(text) for text in texts]
        words, split_words = _split_long(cut)
        word_lengths = np.concatenate([np.zeros(0, np.int64), *(word.lengths for word in words)])
        word_bounds = _bounds([len(word.lengths) for word in words])
        _check_sums(documents, "sent_lens", np.array(list(map(sum, sentences)), np.int64), np.diff(bounds))
        word_sums = np.diff(np.concatenate([np.zeros(1, np.int64), np.cumsum(word_lengths)])[word_bounds])
        _check_sums(documents, "word_lens", word_sums, np.diff(bounds))
        columns = {
            "uid": pa.array(told["uid"], pa.uint64()),
            **{name: _names(told[name], name) for name in ("source", "lang", "script", "licence")},
            **{name: pa.array(told[name], pa.string()) for name in _PLAIN},
            "text": pa.array(texts, pa.large_string()),
            "char_ids": pa.ListArray.from_arrays(bounds.astype(np.int32), pa.array(characters.ids)),
            "sent_lens": pa.array(sentences, pa.list_(pa.uint32())),
            "word_lens": pa.ListArray.from_arrays(word_bounds, pa.array(word_lengths.astype(np.uint8))),
            "pinyin_ids": self._pinyin_column(documents, bounds, words),
            "word_ids": self._word_id_column(documents, words),
            "word_roman": self._roman_column(words),
            "opt_out": pa.array(told["opt_out"], pa.bool_()),
        }
        measures = {
            "characters": len(characters.ids),
            "white_space_dropped": sum(map(len, texts)) - len(characters.ids),
            "unknown_characters": int(np.count_nonzero(characters.ids == UNKNOWN_CHARACTER)),
            "words": sum(len(word.lengths) for word in words),
            "words_split_at_255": split_words,
        }
        return Annotated(pa.table([columns[name] for name in CORPUS.names], CORPUS), measures)

    def _pinyin_column(
        self, documents: Sequence[StoredDocument], bounds: npt.NDArray[np.int64], words: Sequence[Words]
    ) -> pa.Array:
        chinese = [index for index, document in enumerate(documents) if document.lang in CHINESE]
        column: list[npt.NDArray[np.uint16] | None] = [None] * len(documents)
        if self._pinyin is not None and chinese:
            texts = [documents[index].text for index in chinese]
            ids = self._pinyin.annotate(texts, [words[index] for index in chinese])
            lengths = [int(bounds[index + 1] - bounds[index]) for index in chinese]
            if sum(lengths) != len(ids):
                raise AlignmentError(f"pinyin_ids: {len(ids):,}; characters of the Chinese documents: {sum(lengths):,}")
            for index, part in zip(chinese, np.split(ids, np.cumsum(lengths)[:-1]), strict=True):
                column[index] = part
        return _lists(column, pa.uint16())

    def _word_id_column(self, documents: Sequence[StoredDocument], words: Sequence[Words]) -> pa.Array:
        column: list[npt.NDArray[np.uint32] | None] = []
        for document, word in zip(documents, words, strict=True):
            ids = self._word_ids.get(document.lang)
            column.append(
                None if ids is None else np.array([ids.get(s, UNKNOWN_WORD) for s in word.surfaces], np.uint32)
            )
        return _lists(column, pa.uint32())

    def _roman_column(self, words: Sequence[Words]) -> pa.Array:
        kind = CORPUS.field("word_roman").type
        if not self._romaji:
            return pa.nulls(len(words), kind)
        romaji = list(map(romanize, words))
        values = pa.array(list(chain.from_iterable(romaji)), pa.string()).dictionary_encode()
        return pa.ListArray.from_arrays(_bounds(list(map(len, romaji))), values).cast(kind)


_PLAIN = ("title", "url", "revision")
_FIELDS = tuple(enumerate(StoredDocument._fields))


def _names(values: Sequence[str], name: str) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode().cast(CORPUS.field(name).type)


def _bounds(lengths: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.cumsum([0, *lengths], dtype=np.int32)


def _lists(rows: Sequence[npt.NDArray[np.unsignedinteger] | None], kind: pa.DataType) -> pa.Array:
    """A list column from arrays, one copy; None becomes null."""
    lengths = [0 if row is None else len(row) for row in rows]
    present = [row for row in rows if row is not None]
    values: npt.ArrayLike = np.concatenate(present) if present else []
    return pa.ListArray.from_arrays(
        np.cumsum([0, *lengths], dtype=np.int32),
        pa.array(values, kind),
        mask=pa.array([row is None for row in rows], pa.bool_()),
    )


def _split_long(words: Sequence[Words]) -> tuple[list[Words], int]:
    """Words longer than ``word_lens`` can hold, cut into pieces; how many were cut."""
    if not words or np.concatenate([word.lengths for word in words]).max(initial=0) <= MAX_WORD_LENGTH:
        return list(words), 0
    result, cut = [], 0
    for word in words:
        if not len(word.lengths) or int(word.lengths.max()) <= MAX_WORD_LENGTH:
            result.append(word)
            continue
        lengths: list[int] = []
        surfaces: list[str] = []
        readings: list[str] | None = None if word.readings is None else []
        for index, (length, surface) in enumerate(zip(word.lengths.tolist(), word.surfaces, strict=True)):
            cut += length > MAX_WORD_LENGTH
            for start in range(0, length, MAX_WORD_LENGTH):
                end = min(start + MAX_WORD_LENGTH, length)
                whole = end - start == length
                lengths.append(end - start)
                surfaces.append(surface if whole else surface[start:end])
                if readings is not None and word.readings is not None:
                    readings.append(word.readings[index] if whole else "")
        result.append(Words(np.array(lengths, np.int64), surfaces, readings))
    return result, cut


def _check_sums(
    documents: Sequence[StoredDocument], column: str, found: npt.NDArray[np.int64], expected: npt.NDArray[np.int64]
) -> None:
    for index in np.flatnonzero(found != expected)[:1].tolist():
        uid, sums, characters = documents[index].uid, found[index], expected[index]
        raise AlignmentError(f"document {uid:016x}: sum of {column}: {sums:,}; characters: {characters:,}")
