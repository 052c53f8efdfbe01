"""The tables of a corpus, made of the counts of its documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from hanmill.pipelines.annotate.glyphs.bitmaps import render
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.vocabulary.characters import (
    characters_table,
    choose_characters,
    cluster_numbers,
    clusters_table,
    counts_by_character,
)
from hanmill.pipelines.vocabulary.words import identical_tables, word_tables
from hanmill.schemas.corpus import GLYPH_FONTS, GLYPHS, SYLLABLE_LENGTH, SYLLABLES
from hanmill.schemas.hashing import canonical_json
from hanmill.schemas.recipe import GlyphStyle, Recipe
from hanmill.schemas.syllables import syllable_ids


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


def make_tables(counts: pa.Table, words: pa.Table, recipe: Recipe) -> tuple[dict[str, pa.Table], dict[str, str]]:
    """Tables by name, and the versions of the variant sources, of CHARACTER_COUNTS and WORD_COUNTS."""
    by_character = counts_by_character(counts)
    pinyin = PinyinAnnotator()
    points = choose_characters(by_character, recipe.vocabulary)
    representative, versions = cluster_numbers(points, recipe.unihan)
    default_pinyin = pinyin.default(np.array([0, *points], np.uint32))
    tables = {"characters": characters_table(points, by_character, representative, default_pinyin)}
    tables["clusters"] = clusters_table(tables["characters"])
    tables["syllables"] = syllables_table(pinyin.syllables)
    if recipe.glyphs.styles:
        tables["glyphs"] = glyphs_table(points, recipe.glyphs.styles)
    if recipe.vocabulary.words:
        by_language = dict(word_tables(words, recipe.vocabulary.words))
        tables |= {f"words.{lang}": table for lang, table in by_language.items()} | identical_tables(by_language)
    return tables, versions
