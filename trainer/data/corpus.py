"""A finished corpus as the trainer sees it: verified manifest, tables as arrays, list of row groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanmill.schemas.corpus import CHARACTERS, GLYPH_BYTES, GLYPHS, IDENTICAL, SYLLABLE_LENGTH, SYLLABLES, WORDS
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import Location, parquet_source
from hanmill.schemas.manifest import MANIFEST_NAME, Manifest, Shard
from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe
from hanmill.schemas.typed_mapping import from_mapping
from hanmill.trainer.data.translation import Translation
from hanmill.trainer.data.verified import is_remembered, remember, stamps_of
from hanmill.trainer.errors import CorpusError

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowGroupPlace:
    """Where one row group stands. ``ordinal`` counts the row groups of the split in manifest order.

    Of several corpora read together ``part`` is the number of this one, ``weight`` how often its documents come in an
    epoch, and ``translation`` what its ids become. ``languages``, where given, are those of its documents that are
    taken.
    """

    path: Location
    index: int
    ordinal: int
    rows: int
    characters: int
    part: int = 0
    weight: float = 1.0
    translation: Translation | None = None
    languages: tuple[str, ...] | None = None

    def takes(self, language: str) -> bool:
        """Whether documents of a language tag are taken."""
        return self.languages is None or primary_subtag(language) in self.languages


def primary_subtag(language: str) -> str:
    """``zh`` of ``zh-TW``."""
    return language.split("-")[0].lower()


class Corpus:
    """A corpus folder. Opening reads the manifest only; ``verify`` recomputes every hash."""

    def __init__(self, folder: Location) -> None:
        self.folder = folder
        self.manifest = Manifest.load(folder)

    def verify(self, memory: Path | None = None) -> None:
        """Raises ManifestError at the first file that is missing or whose hash differs.

        ``memory`` is a file in which that is noted: files of the same size and times are not read again.
        """
        stamps = stamps_of(self.folder, self.manifest)
        if memory is not None and is_remembered(memory, self.fingerprint, stamps):
            return
        self.manifest.check_files(self.folder)
        if memory is not None:
            remember(memory, self.fingerprint, stamps)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the manifest, which names the hash of every file."""
        return file_sha256(self.folder / MANIFEST_NAME)

    @cached_property
    def train(self) -> tuple[RowGroupPlace, ...]:
        """Row groups of the training shards."""
        return self._places(self.manifest.train)

    @cached_property
    def validation(self) -> tuple[RowGroupPlace, ...]:
        """Row groups of the validation shards."""
        return self._places(self.manifest.validation)

    @cached_property
    def size(self) -> int:
        """Number of character ids, the unknown character included."""
        return len(self._characters)

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """The character of each id; empty for the unknown character."""
        return tuple(self._characters["character"].to_pylist())

    @cached_property
    def normalize(self) -> NormalizeRecipe:
        """What its builder did to text. Raises SettingError where the manifest's recipe is none of this version."""
        return from_mapping(NormalizeRecipe, self.manifest.recipe.get("normalize", {}), "normalize")

    @cached_property
    def segment(self) -> SegmentRecipe:
        """Who cut its words. Raises SettingError as ``normalize``."""
        return from_mapping(SegmentRecipe, self.manifest.recipe.get("segment", {}), "segment")

    @cached_property
    def readings(self) -> ReadingsRecipe:
        """Who read its characters. Raises SettingError as ``normalize``."""
        return from_mapping(ReadingsRecipe, self.manifest.recipe.get("readings", {}), "readings")

    def character_rows(self) -> list[dict[str, Any]]:
        """The table of characters by id, a mapping a character."""
        rows: list[dict[str, Any]] = self._characters.to_pylist()
        return rows

    def counts(self, languages: tuple[str, ...] = ()) -> npt.NDArray[np.int64]:
        """Occurrences of each character id, int64 [size], in languages of these primary subtags (none: in all)."""
        column = self._characters["counts"].combine_chunks()
        offsets = column.offsets.to_numpy()
        first, last = int(offsets[0]), int(offsets[-1])
        items = column.values.slice(first, last - first)
        values = items.field("count").to_numpy(zero_copy_only=False).astype(np.int64)
        if languages:
            tags = items.field("lang").to_pylist()
            values = np.where([primary_subtag(tag) in languages for tag in tags], values, 0)
        totals = np.concatenate(([0], np.cumsum(values)))
        counts: npt.NDArray[np.int64] = np.diff(totals[offsets - first])
        return counts

    def check_languages(self, languages: tuple[str, ...]) -> None:
        """Raises CorpusError where no document is in one of these primary subtags."""
        column = self._characters["counts"].combine_chunks()
        found = {primary_subtag(tag) for tag in column.flatten().field("lang").unique().to_pylist()}
        if missing := [language for language in languages if language not in found]:
            raise CorpusError(
                f"{self.folder}: data.languages asks for {', '.join(missing)}; languages of the corpus: "
                f"{', '.join(sorted(found)) or 'none'}"
            )

    @cached_property
    def representative(self) -> npt.NDArray[np.uint16]:
        """First character of each character's cluster, uint16 [size]."""
        found: npt.NDArray[np.uint16] = self._characters["representative"].to_numpy()
        if len(found) and int(found.max()) >= self.size:
            raise CorpusError(
                f"{self._table_path('characters')}: representative {int(found.max())}, characters: {self.size}"
            )
        if not np.array_equal(found[found], found):
            first = int(np.flatnonzero(found[found] != found)[0])
            raise CorpusError(
                f"{self._table_path('characters')}: representative of {first} is {int(found[first])}, "
                f"whose own representative is {int(found[found[first]])}, expected itself"
            )
        return found

    @cached_property
    def default_pinyin(self) -> npt.NDArray[np.uint16]:
        """Syllable of each character without context, uint16 [size]."""
        found: npt.NDArray[np.uint16] = self._characters["default_pinyin"].to_numpy()
        if len(found) and int(found.max()) >= len(self.syllables):
            raise CorpusError(
                f"{self._table_path('characters')}: default_pinyin {int(found.max())}, syllables: {len(self.syllables)}"
            )
        return found

    @cached_property
    def syllables(self) -> npt.NDArray[np.uint8]:
        """Letter and tone ids of each syllable, uint8 [syllables, 8]; row 0 is zeros."""
        table = self._table("syllables", SYLLABLES)
        ids: npt.NDArray[np.uint8] = table["ids"].combine_chunks().flatten().to_numpy()
        return ids.reshape(-1, SYLLABLE_LENGTH)

    @cached_property
    def glyphs(self) -> npt.NDArray[np.uint8]:
        """Bitmaps of each character id, uint8 [size, 1728]."""
        table = self._table("glyphs", GLYPHS)
        if len(table) != self.size:
            raise CorpusError(
                f"{self._table_path('glyphs')}: glyphs: {len(table):,}; characters in the table: {self.size:,}"
            )
        joined = b"".join(table["bitmaps"].to_pylist())
        return np.frombuffer(joined, np.uint8).reshape(-1, GLYPH_BYTES)

    def words(self, language: str) -> pa.Table:
        """The WORDS table of a language, by id. Raises CorpusError where the corpus has none."""
        return self._table(f"words.{language}", WORDS)

    def identical(self, first: str, second: str) -> npt.NDArray[np.int64]:
        """Ids of the words that two languages spell alike in the word table of each, int64 [words, 2]."""
        names = sorted((first, second))
        table = self._table(f"identical.{names[0]}-{names[1]}", IDENTICAL)
        columns = ("first", "second") if names[0] == first else ("second", "first")
        return np.stack([table[name].to_numpy().astype(np.int64) for name in columns], axis=1)

    @cached_property
    def _characters(self) -> pa.Table:
        table = self._table("characters", CHARACTERS)
        ids = table["id"].to_numpy()
        if not len(ids) or not np.array_equal(ids, np.arange(len(ids))):
            raise CorpusError(f"{self._table_path('characters')}: ids found out of order, expected 0, 1, 2, …")
        return table

    def _table_path(self, name: str) -> Location:
        return self.folder / "tables" / f"{name}.parquet"

    def _table(self, name: str, schema: pa.Schema) -> pa.Table:
        path = self._table_path(name)
        if f"tables/{name}.parquet" not in {item.path for item in self.manifest.tables.values()}:
            raise CorpusError(
                f"{self.folder}: tables in the manifest: {', '.join(sorted(self.manifest.tables))}; needed: {name}"
            )
        try:
            table = pq.read_table(parquet_source(path), columns=schema.names)
        except (OSError, pa.ArrowInvalid) as error:
            raise CorpusError(f"{path}: cannot be read: {error}") from error
        if missing := [field for field in schema.names if field not in table.column_names]:
            raise CorpusError(f"{path}: columns: {', '.join(table.column_names)}; missing: {', '.join(missing)}")
        return table.take(pc.sort_indices(table["id"])) if "id" in schema.names else table

    def _places(self, shards: Sequence[Shard]) -> tuple[RowGroupPlace, ...]:
        places: list[RowGroupPlace] = []
        for shard in shards:
            for index, group in enumerate(shard.row_groups):
                place = RowGroupPlace(self.folder / shard.path, index, len(places), group.rows, group.characters)
                places.append(place)
        return tuple(places)
