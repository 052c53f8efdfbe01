"""The end of a build on Beam, of summaries that have come together on one worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hanmill.pipelines.build.dependencies import (
    annotate_ingredients,
    deduplicate_ingredients,
    ingest_ingredients,
    tables_ingredients,
    vocabulary_ingredients,
)
from hanmill.pipelines.build.finish import Finished, remove_scratch, sweep, write_manifest
from hanmill.pipelines.build.stored_tables import read_tables
from hanmill.schemas.location import location
from hanmill.schemas.manifest import Manifest, listed_inputs
from hanmill.schemas.recipe import Recipe


def finish_build(element: tuple[int, Mapping[str, Iterable[Any]]], recipe: Recipe, output: str) -> int:
    """Writes the manifest; the number of documents kept."""
    found = element[1]
    (inputs,), (clusters,), (listing,) = (found[name] for name in ("inputs", "clusters", "tables"))
    tables = read_tables(location(listing))
    done = Finished(
        recipe,
        location(output),
        listed_inputs(inputs.entries),
        tables,
        {
            "ingest": ingest_ingredients(recipe, inputs.sources),
            "deduplicate": deduplicate_ingredients(recipe),
            "vocabulary": vocabulary_ingredients(recipe),
            "tables": tables_ingredients(recipe),
            "annotate": annotate_ingredients(recipe, tables.files),
        },
        clusters.sizes,
        [*(location(path) for _, path in clusters.task.writes), location(listing)],
    )
    blocks = sorted(found["blocks"], key=lambda block: block.first)
    return write_manifest(done, blocks).accounting.kept


def sweep_build(kept: int, output: str) -> int:
    """Removes what the manifest does not name."""
    remove_scratch(location(output))
    sweep(location(output), Manifest.load(location(output)))
    return kept
