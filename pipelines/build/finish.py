"""Finish: sums up what every shard says of itself and writes the manifest, or refuses to."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from hanmill.pipelines import __version__
from hanmill.pipelines.annotate.chinese.segmenter import weights_file
from hanmill.pipelines.build import content_address as address
from hanmill.pipelines.build.content_address import Ingredients
from hanmill.pipelines.build.data_card import CARD_NAME, data_card
from hanmill.pipelines.build.dependencies import annotate_ingredients
from hanmill.pipelines.build.garbage import SCRATCH, write_needed
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.report.findings import FINDINGS_NAME, Findings
from hanmill.pipelines.build.report.page import REPORT_NAME, report
from hanmill.pipelines.build.stage_record import write_record
from hanmill.pipelines.build.stages import BuildState
from hanmill.pipelines.build.stored_tables import Tables
from hanmill.pipelines.build.summary import SPLITS_PER_BLOCK, Block, add_blocks, block_of, read_split
from hanmill.pipelines.corpus.atomic import replacing, write_files, write_text
from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.hashing import file_sha256, settings_hash
from hanmill.schemas.location import Location, ObjectPath, location, relative
from hanmill.schemas.manifest import MANIFEST_NAME, InputFile, Manifest, listed_shards, listed_splits
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_paths import without_folders


@dataclass(frozen=True, slots=True)
class Finished:
    """What a build has come to when all shards are there.

    ``made_from`` is what each part was made from (stages.json); ``sizes`` counts clusters of duplicates by their size;
    ``others`` are shards that belong to no split and that a next build can start from.
    """

    recipe: Recipe
    output: Location
    inputs: Sequence[InputFile]
    tables: Tables
    made_from: Mapping[str, Ingredients]
    sizes: Counter[int]
    others: Sequence[Location]


def finish(state: BuildState) -> Manifest:
    """Sums up a build that is led from here (``write_manifest``)."""
    cluster, tables = state.tasks("cluster"), state.tasks("tables")
    done = Finished(
        state.recipe,
        state.output,
        state.plan.inputs,
        state.tables,
        state.made_from | {"annotate": annotate_ingredients(state.recipe, state.tables.files)},
        state.clusters.sizes if cluster else Counter(),
        [location(path) for task in (*cluster, *tables) for _, path in task.writes],
    )
    return write_manifest(done, _blocks(state))


def _blocks(state: BuildState) -> Iterator[Block]:
    annotated = state.tasks("annotate")
    counted = state.tasks("count")
    read = partial(read_split, state.output)
    with ThreadPoolExecutor() as threads:
        # Hashing lets go of the interpreter, so threads use all cores.
        for start in range(0, len(annotated), SPLITS_PER_BLOCK):
            some = slice(start, start + SPLITS_PER_BLOCK)
            behind: list[tuple[Task, ...]] = [(task,) for task in counted[some]] or [()] * len(annotated[some])
            yield block_of(list(threads.map(read, annotated[some], behind)))


def write_manifest(done: Finished, blocks: Iterable[Block]) -> Manifest:
    """Puts the tables in their places and writes report, data card, records and, last, the manifest.

    ``blocks`` are in the order of the plan. May be run again, or twice at once: equal bytes are written under equal
    names. Raises ManifestError where the records of any split do not add up.
    """
    output, recipe, tables = done.output, done.recipe, done.tables
    found = add_blocks(blocks)
    found.accounting.check("all splits")
    value = without_folders(recipe)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        hanmill_version=__version__,
        recipe=value,
        recipe_sha256=settings_hash(value),
        inputs=done.inputs,
        resources=dict(sorted((_resources(recipe) | tables.versions).items())),
        tables=tables.files,
        train=listed_shards(found.train),
        validation=listed_shards(found.validation),
        accounting=found.accounting,
        splits=listed_splits(found.splits),
        measures=dict(sorted(found.measures.items())),
    )
    for name, file in tables.files.items():
        _put(tables.stored[name], output / file.path, file.sha256)
    found.findings.duplicates.update(done.sizes)
    write_text(output / FINDINGS_NAME, found.findings.to_json())
    written = Findings.load(output)
    write_text(output / REPORT_NAME, report(output, manifest, written))
    write_text(output / CARD_NAME, data_card(manifest, written))
    write_record(output, done.made_from)
    files = manifest.files()
    others = [relative(path, output) for path in (*done.others, *tables.stored.values())]
    write_needed(output, files[MANIFEST_NAME], pa.chunked_array([*found.needed.chunks, pa.array(others, pa.string())]))
    write_files(output, files)
    return manifest


def _put(stored: Location, place: Location, sha256: str) -> None:
    """Copies a table to where readers look for it, unless it stands there."""
    if not place.is_file() or file_sha256(place) != sha256:
        with replacing(place, place.parent.parent) as temporary:
            temporary.write_bytes(stored.read_bytes())


def _resources(recipe: Recipe) -> dict[str, str]:
    libraries = {*address.INGEST_LIBRARIES, *address.WORD_LIBRARIES, *address.PINYIN_LIBRARIES}
    names = tuple(sorted({*libraries, *address.GLYPH_LIBRARIES, "apache-beam"}))
    weights = weights_file(recipe.segment)
    return address.library_versions(names) | ({"chinese_model": file_sha256(weights)} if weights else {})


def remove_scratch(output: Location) -> None:
    """Removes what stages have left for one another alone."""
    for name in SCRATCH:
        folder = output / name
        if isinstance(folder, ObjectPath):
            folder.remove_folder()
        else:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(output: Location, manifest: Manifest) -> None:
    """Removes training shards and tables of an earlier recipe: who reads ``train/*.parquet`` must not meet them."""
    named = {shard.path for shard in (*manifest.train, *manifest.validation)}
    named |= {file.path for file in manifest.tables.values()}
    for part in ("train", "validation", "tables"):
        for path in (output / part).glob("*.parquet"):
            if f"{part}/{path.name}" not in named:
                path.unlink(missing_ok=True)
