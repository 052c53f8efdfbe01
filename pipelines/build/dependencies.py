"""What each stage's bytes depend on beside its input (content_address.ingredients)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from hanmill.pipelines.annotate.chinese.pointwise_model import SHIPPED_MODEL as WORD_MODEL
from hanmill.pipelines.annotate.chinese.segmenter import weights_file
from hanmill.pipelines.annotate.glyphs.faces import find_face
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL as PINYIN_MODEL
from hanmill.pipelines.build.content_address import (
    GLYPH_LIBRARIES,
    INGEST_LIBRARIES,
    PINYIN_LIBRARIES,
    STORAGE_LIBRARIES,
    WORD_LIBRARIES,
    Ingredients,
    ingredients,
    named_files,
)
from hanmill.pipelines.corpus.word_cutter import converts_by_word
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.schemas.manifest import TableFile
from hanmill.schemas.recipe import Recipe


def ingest_ingredients(recipe: Recipe, sources: Iterable[str]) -> Ingredients:
    """Reading these sources, cleaning, normalisation. Where splits are cut is part of each split's own identity."""
    names = sorted(sources)
    settings = {f"sources.{name}": SOURCES[name].settings(recipe.sources) for name in names} | {
        "clean": recipe.clean,
        "normalize": recipe.normalize,
        "deduplicate.lines": recipe.deduplicate.lines > 0,
        "deduplicate.text_characters": recipe.deduplicate.text_characters,
        "output.row_group_rows": recipe.output.row_group_rows,
        "output.dropped_text": recipe.output.dropped_text,
    }
    modules = ["hanmill.pipelines.build.ingest", *(SOURCES[name].read.__module__ for name in names)]
    files = _files(settings.values())
    perplexity = any(setting.rule == "perplexity@1" for setting in recipe.clean.rules)
    libraries = {*INGEST_LIBRARIES, *(["kenlm"] if perplexity and find_spec("kenlm") else [])}
    if not converts_by_word(recipe):
        return ingredients(settings, modules, sorted(libraries), files)
    settings["segment"] = recipe.segment
    modules.append("hanmill.pipelines.corpus.word_cutter")
    libraries |= {*WORD_LIBRARIES}
    return _without_unused(ingredients(settings, modules, sorted(libraries), [*files, *_weights(recipe)]), recipe)


def deduplicate_ingredients(recipe: Recipe) -> Ingredients:
    """The thresholds and what is removed."""
    return ingredients({"deduplicate": recipe.deduplicate}, ["hanmill.pipelines.build.deduplicate"], STORAGE_LIBRARIES)


def count_ingredients() -> Ingredients:
    """Counts of characters depend on the documents alone."""
    return ingredients({}, ["hanmill.pipelines.build.count"], STORAGE_LIBRARIES)


def words_ingredients(recipe: Recipe) -> Ingredients:
    """Segmentation, for recipes with a vocabulary of words."""
    found = ingredients(
        {"segment": recipe.segment}, ["hanmill.pipelines.build.words"], WORD_LIBRARIES, _weights(recipe)
    )
    return _without_unused(found, recipe)


def vocabulary_ingredients(recipe: Recipe) -> Ingredients:
    """All that counts are made of, and how many words are kept of them."""
    words = recipe.vocabulary.words
    merged = ingredients({"vocabulary.words": words}, ["hanmill.pipelines.build.merge_counts"], STORAGE_LIBRARIES)
    return {**count_ingredients(), **(words_ingredients(recipe) if words else {}), **merged}


def tables_ingredients(recipe: Recipe) -> Ingredients:
    """Vocabulary, variant clusters, glyphs."""
    settings = {"vocabulary": recipe.vocabulary, "unihan": recipe.unihan, "glyphs": recipe.glyphs}
    files = _files([recipe.vocabulary, recipe.unihan])
    faces = dict.fromkeys(find_face(name).path for style in recipe.glyphs.styles for name in style.faces)
    libraries = (*STORAGE_LIBRARIES, *PINYIN_LIBRARIES, *GLYPH_LIBRARIES, "opencc")
    return ingredients(settings, ["hanmill.pipelines.build.tables"], libraries, [*files, *faces])


def annotate_ingredients(recipe: Recipe, tables: dict[str, TableFile]) -> Ingredients:
    """Segmentation, readings, layout, and the tables that ids are looked up in; no glyph is."""
    settings = {"segment": recipe.segment, "readings": recipe.readings, "output": recipe.output}
    files = [*_weights(recipe), *(_files([recipe.readings]) if _reads_context(recipe) else [])]
    libraries = (*WORD_LIBRARIES, *PINYIN_LIBRARIES)
    found = dict(_without_unused(ingredients(settings, ["hanmill.pipelines.build.annotate"], libraries, files), recipe))
    found |= {f"table {name}": file.sha256 for name, file in tables.items() if name not in ("glyphs", "clusters")}
    return dict(sorted(found.items()))


def _files(settings: Iterable[object]) -> list[Path]:
    return [Path(name) for name in named_files(list(settings)) if name]


def _weights(recipe: Recipe) -> list[Path]:
    """The file, folder or downloaded copy of the segmenter's weights; those of the program count as part of it."""
    found = weights_file(recipe.segment)
    return [found] if found else []


def _reads_context(recipe: Recipe) -> bool:
    return recipe.readings.pinyin and recipe.readings.chinese == "context"


def _without_unused(found: Ingredients, recipe: Recipe) -> Ingredients:
    """Leaves out the program's own models where a recipe names others, or needs none."""
    unused = set()
    if recipe.segment.chinese != "pointwise" or recipe.segment.chinese_model:
        unused.add(WORD_MODEL.name)
    if not _reads_context(recipe) or recipe.readings.chinese_model:
        unused.add(PINYIN_MODEL.name)
    return {name: value for name, value in found.items() if name.rpartition("/")[2] not in unused}
