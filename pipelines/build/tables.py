"""All tables of a corpus, built from the counts of its documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.annotate.glyphs.bitmaps import render
from pipelines.annotate.pinyin.phrases import PinyinAnnotator
from pipelines.annotate.pinyin.syllables import syllable_ids
from pipelines.build.job import Task
from pipelines.corpus.atomic import replacing
from pipelines.corpus.shards import write_table
from pipelines.vocabulary.characters import (
    CHARACTER_COUNTS,
    add_character_counts,
    characters_table,
    choose_characters,
    cluster_numbers,
    clusters_table,
    counts_by_character,
)
from pipelines.vocabulary.words import WORD_COUNTS, identical_tables, word_tables
from schemas.corpus import GLYPH_FONTS, GLYPHS, SYLLABLE_LENGTH, SYLLABLES
from schemas.hashing import canonical_json, file_sha256
from schemas.location import parquet_source
from schemas.recipe import GlyphStyle, Recipe


@dataclass(frozen=True, slots=True)
class TablesJob:
    """One task: every table, from the counts of all shards."""

    recipe: Recipe
    name: str = "tables"

    def open(self) -> Callable[[Task], None]:
        """Loads when the task is done; there is one."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes a file a table, and then ``tables``, which says what they are."""
        counts = add_character_counts(
            pq.read_table(parquet_source(path), schema=CHARACTER_COUNTS) for path in task.reading_all("merged")
        )
        words = [pq.read_table(parquet_source(path), schema=WORD_COUNTS) for path in task.reading_all("commonest")]
        tables, versions = _make_tables(
            counts_by_character(counts), pa.concat_tables([WORD_COUNTS.empty_table(), *words]), self.recipe
        )
        listing = task.writing("tables")
        files = {}
        for name, table in sorted(tables.items()):
            path = listing.parent / f"{name}-{task.key}.parquet"
            write_table(path, table)
            files[name] = [path.name, file_sha256(path), table.num_rows]
        with replacing(listing, listing.parent.parent) as temporary:
            temporary.write_text(canonical_json({"versions": versions, "files": files}), encoding="utf-8")


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
    counts: dict[int, dict[str, int]], words: pa.Table, recipe: Recipe
) -> tuple[dict[str, pa.Table], dict[str, str]]:
    """Tables by name, and the versions of the variant sources; ``words`` are WORD_COUNTS."""
    pinyin = PinyinAnnotator()
    points = choose_characters(counts, recipe.vocabulary)
    representative, versions = cluster_numbers(points, recipe.unihan)
    default_pinyin = pinyin.default(np.array([0, *points], np.uint32))
    tables = {"characters": characters_table(points, counts, representative, default_pinyin)}
    tables["clusters"] = clusters_table(tables["characters"])
    tables["syllables"] = syllables_table(pinyin.syllables)
    if recipe.glyphs.styles:
        tables["glyphs"] = glyphs_table(points, recipe.glyphs.styles)
    if recipe.vocabulary.words:
        by_language = dict(word_tables(words, recipe.vocabulary.words))
        tables |= {f"words.{lang}": table for lang, table in by_language.items()} | identical_tables(by_language)
    return tables, versions
