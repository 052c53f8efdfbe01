"""What each stage's bytes depend on beside its input (content_address.ingredients)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.content_address import (
    ANNOTATE_LIBRARIES,
    GLYPH_LIBRARIES,
    INGEST_LIBRARIES,
    STORAGE_LIBRARIES,
    Ingredients,
    ingredients,
)
from schemas.manifest import TableFile
from schemas.recipe import Recipe
from schemas.typed_mapping import to_mapping


def ingest_ingredients(recipe: Recipe) -> Ingredients:
    """Sources, cleaning, normalisation. Where splits are cut is part of each split's own identity."""
    clean = recipe.clean
    wikipedia = recipe.sources.wikipedia
    files = [*(rule.file for rule in clean.rules), *clean.decontaminate.files, wikipedia.groups]
    # Files count by what is in them, not by the folder they lie in.
    named = replace(
        clean,
        rules=tuple(replace(rule, file=Path(rule.file).name) for rule in clean.rules),
        decontaminate=replace(clean.decontaminate, files=tuple(Path(name).name for name in clean.decontaminate.files)),
    )
    # Which records an index names is part of each split's identity, and how they are fetched changes no byte.
    sources = _without(to_mapping(recipe.sources), "split_bytes")
    sources["wikipedia"]["groups"] = Path(wikipedia.groups).name
    sources["commoncrawl"] = _without(sources["commoncrawl"], "index")
    settings: dict[str, Any] = {
        "sources": sources,
        "clean": _without(to_mapping(named), "max_failed_share"),
        "normalize": to_mapping(recipe.normalize),
        "deduplicate.lines": recipe.deduplicate.lines > 0,
        "output.row_group_rows": recipe.output.row_group_rows,
    }
    return ingredients(settings, "pipelines.jobs.ingest", INGEST_LIBRARIES, files)


def deduplicate_ingredients(recipe: Recipe) -> Ingredients:
    """The thresholds and what is removed."""
    settings = {"deduplicate": to_mapping(recipe.deduplicate)}
    return ingredients(settings, "pipelines.jobs.deduplicate", STORAGE_LIBRARIES)


def count_ingredients(recipe: Recipe) -> Ingredients:
    """Segmentation, where words are counted."""
    settings = {"segment": to_mapping(recipe.segment)} if recipe.vocabulary.words else {}
    libraries = ANNOTATE_LIBRARIES if recipe.vocabulary.words else STORAGE_LIBRARIES
    return ingredients(settings, "pipelines.jobs.count", libraries, _models(recipe))


def tables_ingredients(recipe: Recipe) -> Ingredients:
    """Vocabulary, variant clusters, glyphs."""
    sections = ("vocabulary", "unihan", "glyphs")
    settings = {name: to_mapping(getattr(recipe, name)) for name in sections}
    files = (recipe.vocabulary.characters, recipe.unihan.file)
    libraries = (*ANNOTATE_LIBRARIES, *GLYPH_LIBRARIES)
    return ingredients(settings, "pipelines.vocabulary.tables", libraries, files)


def annotate_ingredients(recipe: Recipe, tables: dict[str, TableFile]) -> Ingredients:
    """Segmentation, readings, layout, and the tables that ids are looked up in; no glyph is."""
    settings = {name: to_mapping(getattr(recipe, name)) for name in ("segment", "readings", "output")}
    files = [*_models(recipe), *_reading_models(recipe)]
    found = dict(ingredients(settings, "pipelines.jobs.annotate", ANNOTATE_LIBRARIES, files))
    found |= {f"table {name}": file.sha256 for name, file in tables.items() if name not in ("glyphs", "clusters")}
    return dict(sorted(found.items()))


def _models(recipe: Recipe) -> list[str]:
    return [recipe.segment.chinese_model] if Path(recipe.segment.chinese_model).is_file() else []


def _reading_models(recipe: Recipe) -> list[str]:
    """The file that the recipe names; the program's own counts as part of its code."""
    wanted = recipe.readings.pinyin and recipe.readings.chinese == "context"
    return [recipe.readings.chinese_model] if wanted else []


def _without(mapping: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}
