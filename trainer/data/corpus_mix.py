"""Several corpora read as one: their tables joined, their row groups one after another, each with a weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.schemas.corpus import CHARACTERS, GLYPH_BYTES, WORDS
from hanmill.schemas.hashing import settings_hash
from hanmill.schemas.location import Location
from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe
from hanmill.trainer.data.corpus import Corpus, Ints, RowGroupPlace
from hanmill.trainer.data.translation import Translation
from hanmill.trainer.errors import CorpusError

#: Character ids are uint16.
_MOST_CHARACTERS = 1 << 16


class WeightedCorpus(NamedTuple):
    """``weight``: how often each document comes in an epoch; 0.25 is another quarter of them in each of four epochs."""

    corpus: Corpus
    weight: float = 1.0


class CorpusMix(Corpus):
    """Corpora of one normalisation. Ids are the first one's, then those that each following corpus adds.

    A character's reading, glyph and a cluster's first character are those of the first corpus that has it; clusters
    that share a character are one. Words are counted over all. Raises CorpusError where normalisations differ or there
    are more characters than 65,535.
    """

    def __init__(self, parts: Sequence[WeightedCorpus]) -> None:
        for part in parts:
            if not 0 < part.weight < 1000:
                raise CorpusError(f"{part.corpus.folder}: weight: found {part.weight:g}, expected above 0, below 1000")
        self._parts = tuple(part.corpus for part in parts)
        self._weights = tuple(part.weight for part in parts)
        first = self._parts[0]
        self.folder, self.manifest = first.folder, first.manifest
        for other in self._parts[1:]:
            if other.normalize != first.normalize:
                raise CorpusError(
                    f"{other.folder}: normalize of its recipe: {other.normalize}; of {first.folder}: {first.normalize}"
                )

    def verify(self, memory: Path | None = None) -> None:
        """Each corpus, one after another."""
        for part in self._parts:
            part.verify(memory)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the corpora's own, with their weights, in this order."""
        named = [[part.fingerprint, weight] for part, weight in zip(self._parts, self._weights, strict=True)]
        return settings_hash(named)

    @cached_property
    def train(self) -> tuple[RowGroupPlace, ...]:
        """Row groups of all training shards, each with its corpus's weight."""
        return self._translated([part.train for part in self._parts])

    @cached_property
    def validation(self) -> tuple[RowGroupPlace, ...]:
        """Row groups of all validation shards."""
        return self._translated([part.validation for part in self._parts])

    @cached_property
    def normalize(self) -> NormalizeRecipe:
        """The same in all."""
        return self._parts[0].normalize

    @cached_property
    def segment(self) -> SegmentRecipe:
        """The first corpus's."""
        return self._parts[0].segment

    @cached_property
    def readings(self) -> ReadingsRecipe:
        """The first corpus's."""
        return self._parts[0].readings

    @cached_property
    def syllables(self) -> npt.NDArray[np.uint8]:
        """Letter and tone ids of each syllable, uint8 [syllables, 8]; row 0 is zeros."""
        return self._syllables[0]

    @cached_property
    def glyphs(self) -> npt.NDArray[np.uint8]:
        """Bitmaps of each character id, uint8 [size, 1728]."""
        glyphs = np.zeros((self.size, GLYPH_BYTES), np.uint8)
        for part, ids in reversed(list(zip(self._parts, self._character_ids, strict=True))):
            glyphs[ids] = part.glyphs
        return glyphs

    def words(self, language: str) -> pa.Table:
        """The WORDS table of a language: counts added, by falling count."""
        return self._words(language)[0]

    def identical(self, first: str, second: str) -> Ints:
        """Ids of the words that two languages spell alike, int64 [words, 2]."""
        one, other = (self.words(language)["word"].to_pylist() for language in (first, second))
        places = {word: number for number, word in enumerate(other) if word}
        pairs = [(number, places[word]) for number, word in enumerate(one) if word in places]
        return np.array(pairs, np.int64).reshape(-1, 2)

    @cached_property
    def _character_ids(self) -> list[npt.NDArray[np.uint16]]:
        """New id of each character of each corpus."""
        numbers = {"": 0}
        found = [[numbers.setdefault(item, len(numbers)) for item in part.characters] for part in self._parts]
        if len(numbers) > _MOST_CHARACTERS:
            raise CorpusError(
                f"{', '.join(str(part.folder) for part in self._parts)}: characters together: {len(numbers):,}; "
                f"at most {_MOST_CHARACTERS:,}"
            )
        return [np.array(ids, np.uint16) for ids in found]

    @cached_property
    def _syllables(self) -> tuple[npt.NDArray[np.uint8], list[npt.NDArray[np.uint16]]]:
        """Spellings, and the new id of each syllable of each corpus."""
        spelled = [part.syllables for part in self._parts]
        numbers: dict[bytes, int] = {spelled[0][0].tobytes(): 0}
        ids = [[numbers.setdefault(row.tobytes(), len(numbers)) for row in rows] for rows in spelled]
        table = np.frombuffer(b"".join(numbers), np.uint8).reshape(len(numbers), -1)
        return table, [np.array(row, np.uint16) for row in ids]

    @cached_property
    def _characters(self) -> pa.Table:
        size = max(int(ids.max()) for ids in self._character_ids) + 1
        readings = self._has_syllables
        rows: list[dict[str, Any]] = [{} for _ in range(size)]
        first = np.arange(size)
        for number, (part, ids) in enumerate(zip(self._parts, self._character_ids, strict=True)):
            for new, row in zip(ids.tolist(), part.character_rows(), strict=True):
                if not rows[new]:
                    reading = int(self._syllables[1][number][row["default_pinyin"]]) if readings else 0
                    rows[new] = row | {"id": new, "default_pinyin": reading, "counts": {}}
                for item in row["counts"]:
                    counted = rows[new]["counts"]
                    counted[item["lang"]] = counted.get(item["lang"], 0) + item["count"]
                _unite(first, new, int(ids[row["representative"]]))
        for number, row in enumerate(rows):
            row["counts"] = [{"lang": lang, "count": count} for lang, count in sorted(row["counts"].items())]
            row["cluster"] = row["representative"] = _root(first, number)
        return pa.Table.from_pylist(rows, CHARACTERS)

    @property
    def _has_syllables(self) -> bool:
        return all("syllables" in part.manifest.tables for part in self._parts)

    def _words(self, language: str) -> tuple[pa.Table, list[Ints]]:
        if language not in self._word_tables:
            tables = [part.words(language) for part in self._parts]
            counts: dict[str, int] = {}
            for table in tables:
                for word, count in zip(*(table[name].to_pylist() for name in ("word", "count")), strict=True):
                    counts[word] = counts.get(word, 0) + count
            unknown = counts.pop("", 0)
            listed = ["", *sorted(counts, key=lambda word: (-counts[word], word))]
            numbers = {word: number for number, word in enumerate(listed)}
            columns = [range(len(listed)), listed, [unknown, *(counts[word] for word in listed[1:])]]
            arrays = [pa.array(column, field.type) for column, field in zip(columns, WORDS, strict=True)]
            ids = [np.array([numbers[word] for word in table["word"].to_pylist()], np.int64) for table in tables]
            self._word_tables[language] = pa.Table.from_arrays(arrays, schema=WORDS), ids
        return self._word_tables[language]

    @cached_property
    def _word_tables(self) -> dict[str, tuple[pa.Table, list[Ints]]]:
        return {}

    def _translated(self, parts: Sequence[Sequence[RowGroupPlace]]) -> tuple[RowGroupPlace, ...]:
        found: list[RowGroupPlace] = []
        languages = [{name[6:] for name in part.manifest.tables if name.startswith("words.")} for part in self._parts]
        shared = sorted(set.intersection(*languages))
        for number, (places, weight) in enumerate(zip(parts, self._weights, strict=True)):
            translation = Translation(
                self._character_ids[number],
                self._syllables[1][number] if self._has_syllables else None,
                {language: self._words(language)[1][number] for language in shared},
            )
            found += [
                replace(place, ordinal=len(found) + at, weight=weight, translation=translation, part=number)
                for at, place in enumerate(places)
            ]
        return tuple(found)


def open_corpora(corpora: Sequence[tuple[Location, float]]) -> Corpus:
    """One corpus as it is, or several, or one with a weight, as a mix. Raises ManifestError or CorpusError."""
    parts = [WeightedCorpus(Corpus(folder), weight) for folder, weight in corpora]
    return parts[0].corpus if len(parts) == 1 and parts[0].weight == 1 else CorpusMix(parts)


def _root(first: Ints, number: int) -> int:
    while first[number] != number:
        number = int(first[number])
    return number


def _unite(first: Ints, one: int, other: int) -> None:
    """Joins two clusters; the least id is the first."""
    low, high = sorted((_root(first, one), _root(first, other)))
    first[high] = low
