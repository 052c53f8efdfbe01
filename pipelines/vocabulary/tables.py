"""All tables of a corpus, built from the counts of its documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.annotate.glyphs import render
from pipelines.annotate.pinyin import PinyinAnnotator
from pipelines.annotate.syllables import syllable_ids
from pipelines.storage.atomic import write_text
from pipelines.storage.shards import write_table
from pipelines.vocabulary.characters import (
    characters_table,
    choose_characters,
    cluster_numbers,
    clusters_table,
    merge_counts,
)
from pipelines.vocabulary.words import identical_tables, merge_word_counts, words_table
from schemas.corpus import GLYPH_FONTS, GLYPHS, SYLLABLE_LENGTH, SYLLABLES
from schemas.hashing import canonical_json, file_sha256
from schemas.location import Location
from schemas.manifest import TableFile
from schemas.recipe import GlyphStyle, Recipe

RECORD_NAME = "tables.json"


@dataclass(frozen=True, slots=True)
class Tables:
    """What stands in ``tables/``, and the versions of what it was made from."""

    files: dict[str, TableFile]
    versions: dict[str, str]


def read_tables(output: Location, key: str) -> Tables | None:
    """The tables of a corpus where they are those of ``key`` and stand there unchanged."""
    path = output / RECORD_NAME
    if not path.is_file():
        return None
    entry = json.loads(path.read_text(encoding="utf-8"))
    tables = Tables({name: TableFile(*file) for name, file in entry["files"].items()}, entry["versions"])
    if entry["key"] != key or not all(_unchanged(output, file) for file in tables.files.values()):
        return None
    return tables


def build_tables(
    output: Location, key: str, counts: Sequence[Location], word_counts: Sequence[Location], recipe: Recipe
) -> Tables:
    """Writes ``tables/`` unless a record of the same ``key`` says that they stand there, unchanged."""
    existing = read_tables(output, key)
    if existing is not None:
        return existing
    tables, versions = _make_tables(merge_counts(counts), word_counts, recipe)
    files = {}
    for stale in (output / "tables").glob("*"):
        stale.unlink()
    for name, table in sorted(tables.items()):
        path = output / "tables" / f"{name}.parquet"
        write_table(path, table)
        files[name] = TableFile(f"tables/{path.name}", file_sha256(path), table.num_rows)
    built = Tables(files, versions)
    entry = {
        "key": key,
        "versions": versions,
        "files": {name: [file.path, file.sha256, file.rows] for name, file in files.items()},
    }
    write_text(output / RECORD_NAME, canonical_json(entry))
    return built


def syllables_table(syllables: Sequence[str]) -> pa.Table:
    """The SYLLABLES table; row 0, no reading, is eight zeros."""
    ids = np.array([syllable_ids(syllable) for syllable in syllables], np.uint8)
    columns = [
        pa.array(range(len(syllables)), pa.uint16()),
        pa.array(syllables, pa.string()),
        pa.FixedSizeListArray.from_arrays(pa.array(ids.ravel()), SYLLABLE_LENGTH),
    ]
    return pa.table(columns, SYLLABLES)


def glyphs_table(points: Sequence[int], styles: Sequence[GlyphStyle]) -> pa.Table:
    """The GLYPHS table; row 0, the unknown character, is blank and missing everywhere."""
    glyphs = render(np.array(points, np.uint32), styles)
    bitmaps = np.concatenate([np.zeros((1, *glyphs.bitmaps.shape[1:]), np.uint8), glyphs.bitmaps])
    missing = np.concatenate([np.ones((1, GLYPH_FONTS), bool), glyphs.missing])
    columns = [
        pa.array(range(len(points) + 1), pa.uint16()),
        pa.array([bitmap.tobytes() for bitmap in bitmaps], GLYPHS.field("bitmaps").type),
        pa.FixedSizeListArray.from_arrays(pa.array(missing.ravel()), GLYPH_FONTS),
    ]
    fonts = canonical_json(list(glyphs.fonts))
    return pa.table(columns, GLYPHS).replace_schema_metadata({"hanmill.fonts": fonts})


def _make_tables(
    counts: dict[int, dict[str, int]], word_counts: Sequence[Location], recipe: Recipe
) -> tuple[dict[str, pa.Table], dict[str, str]]:
    pinyin = PinyinAnnotator()
    points = choose_characters(counts, recipe.vocabulary)
    representative, versions = cluster_numbers(points, recipe.unihan)
    tables = {"characters": characters_table(points, counts, representative, pinyin)}
    tables["clusters"] = clusters_table(tables["characters"])
    tables["syllables"] = syllables_table(pinyin.syllables)
    if recipe.glyphs.styles:
        tables["glyphs"] = glyphs_table(points, recipe.glyphs.styles)
    if recipe.vocabulary.words:
        merged = merge_word_counts(word_counts)
        words = {lang: words_table(merged[lang], recipe.vocabulary.words) for lang in merged}
        tables |= {f"words.{lang}": table for lang, table in words.items()} | identical_tables(words)
    return tables, versions


def _unchanged(output: Location, file: TableFile) -> bool:
    path = output / file.path
    return path.is_file() and file_sha256(path) == file.sha256
