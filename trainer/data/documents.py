"""One Parquet row group as flat arrays, its length invariants checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanmill.schemas.sentence_lengths import flatten
from hanmill.trainer.data.corpus import Ints, RowGroupPlace, primary_subtag
from hanmill.trainer.data.row_group import read_row_group, read_row_groups
from hanmill.trainer.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentence lengths of the documents of one row group that are in the model's languages.

    ``lengths`` int64 [sentences] in characters; ``document`` int64 [sentences] rises from 0; ``language`` int64
    [documents] indexes the languages asked for (0 where none were).
    """

    lengths: Ints
    document: Ints
    language: Ints


@dataclass(frozen=True, slots=True)
class Documents:
    """The same documents with their characters.

    ``char_ids`` and ``pinyin_ids`` uint16 [characters] (0 where the document has no readings); ``word`` int32
    [characters], the number of the character's word, rising from 0.
    """

    sentences: Sentences
    char_ids: npt.NDArray[np.uint16]
    pinyin_ids: npt.NDArray[np.uint16]
    word: npt.NDArray[np.int32]


def read_sentences(places: Sequence[RowGroupPlace], languages: tuple[str, ...]) -> Iterator[Sentences]:
    """Of each row group, from two columns. Raises CorpusError where a row group contradicts the manifest."""
    for place, table in zip(places, read_row_groups(places, ["lang", "sent_lens"]), strict=True):
        chosen, language = _in_languages(table, languages, place)
        lengths, counts = flatten(chosen["sent_lens"])
        yield Sentences(lengths.astype(np.int64), np.repeat(np.arange(len(counts)), counts), language)


def read_documents(
    place: RowGroupPlace, languages: tuple[str, ...], characters: int, syllables: int | None = None
) -> Documents:
    """Reads what training needs. ``characters`` and ``syllables`` are the sizes of the two tables.

    Readings are read where ``syllables`` is given. Raises CorpusError naming the file, the row group and the uid of
    the first row whose lengths do not add up or whose ids are not in the tables.
    """
    columns = ["uid", "lang", "char_ids", "sent_lens", "word_lens", *(["pinyin_ids"] if syllables else [])]
    table, language = _in_languages(read_row_group(place, columns), languages, place)
    translation = place.translation
    if translation is not None:
        characters = len(translation.characters)
        if syllables and translation.syllables is not None:
            syllables = len(translation.syllables)
    char_ids, sizes = flatten(table["char_ids"])
    sentences, sentence_counts = flatten(table["sent_lens"])
    words, word_counts = flatten(table["word_lens"])
    _check_sums(place, table, "sent_lens", _sums(sentences, sentence_counts), sizes)
    _check_sums(place, table, "word_lens", _sums(words, word_counts), sizes)
    _check_range(place, "char_ids", char_ids, characters)
    pinyin = np.zeros(len(char_ids), np.uint16)
    if syllables:
        readings, reading_sizes = flatten(table["pinyin_ids"])
        has_reading = pc.is_valid(table["pinyin_ids"]).to_numpy()
        _check_sums(place, table, "pinyin_ids", np.where(has_reading, reading_sizes, sizes), sizes, "pinyin_ids has")
        _check_range(place, "pinyin_ids", readings, syllables)
        if translation is not None and translation.syllables is not None:
            readings = translation.syllables[readings]
        pinyin[np.repeat(has_reading, sizes)] = readings
    return Documents(
        Sentences(sentences.astype(np.int64), np.repeat(np.arange(len(sizes)), sentence_counts), language),
        char_ids if translation is None else translation.characters[char_ids],
        pinyin,
        np.repeat(np.arange(len(words), dtype=np.int32), words),
    )


def _in_languages(table: pa.Table, languages: tuple[str, ...], place: RowGroupPlace) -> tuple[pa.Table, Ints]:
    """The rows of these languages, and the place of each row's language among them."""
    if not languages:
        return table, np.zeros(len(table), np.int64)
    primary = np.array([primary_subtag(str(tag)) for tag in table["lang"].to_pylist()], dtype=object)
    language = np.full(len(table), -1, np.int64)
    for index, name in enumerate(languages):
        if place.takes(name):
            language[primary == name] = index
    wanted = language >= 0
    return table.filter(pa.array(wanted)), language[wanted]


def _sums(values: npt.NDArray[Any], counts: Ints) -> Ints:
    totals = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    ends = np.cumsum(counts)
    sums: Ints = totals[ends] - totals[ends - counts]
    return sums


def _check_sums(
    place: RowGroupPlace, table: pa.Table, name: str, found: Ints, expected: Ints, verb: str | None = None
) -> None:
    if np.array_equal(found, expected):
        return
    row = int(np.flatnonzero(found != expected)[0])
    raise CorpusError(
        f"{place.path}: row group {place.index}, uid {table['uid'][row].as_py()}: "
        f"{verb or f'{name} sums to'} {int(found[row]):,}, char_ids has {int(expected[row]):,}"
    )


def _check_range(place: RowGroupPlace, name: str, values: npt.NDArray[Any], size: int) -> None:
    if len(values) and int(values.max()) >= size:
        raise CorpusError(
            f"{place.path}: row group {place.index}: {name} up to {int(values.max()):,}, ids in the table: {size:,}"
        )
