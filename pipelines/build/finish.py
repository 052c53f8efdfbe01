"""Finish: sums up what every shard says of itself and writes the manifest, or refuses to."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from hanmill.pipelines import __version__
from hanmill.pipelines.annotate.chinese.segmenter import weights_file
from hanmill.pipelines.build import content_address as address
from hanmill.pipelines.build.data_card import CARD_NAME, data_card
from hanmill.pipelines.build.dependencies import annotate_ingredients
from hanmill.pipelines.build.garbage import SCRATCH, write_needed
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.report.findings import FINDINGS_NAME, Findings
from hanmill.pipelines.build.report.page import REPORT_NAME, report
from hanmill.pipelines.build.stage_record import write_record
from hanmill.pipelines.build.stages import BuildState
from hanmill.pipelines.build.tasks import split_label
from hanmill.pipelines.corpus.atomic import replacing, write_text
from hanmill.pipelines.corpus.shards import read_footer
from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.hashing import file_sha256, settings_hash
from hanmill.schemas.location import Location, ObjectPath, location, open_parquet, relative
from hanmill.schemas.manifest import MANIFEST_NAME, Accounting, Manifest, ManifestError, RowGroup, Shard
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_paths import without_folders

#: Stages whose shards a next build can start from; so can it from the tables.
_NEEDED = ("ingest", "cluster", "count", "words", "annotate")


@dataclass(frozen=True, slots=True)
class FinishedSplit:
    """What the shards of one split say of themselves."""

    label: str
    accounting: Accounting
    train: Shard
    validation: Shard
    measures: Counter[str]
    findings: Findings


def finish(state: BuildState) -> Manifest:
    """Puts the tables in their places and writes report, data card, records and, last, the manifest.

    Reads footers and hashes shards, never rows. May be run again, or twice at once: equal bytes are written under equal
    names. Raises ManifestError where the records of any split do not add up.
    """
    output, recipe, tables = state.output, state.recipe, state.tables
    with ThreadPoolExecutor() as threads:
        # Hashing lets go of the interpreter, so threads use all cores.
        splits = list(threads.map(partial(read_split, output), state.tasks("annotate")))
    measures: Counter[str] = Counter()
    findings = Findings()
    total = Accounting(0, 0, {}, {})
    for split in splits:
        split.accounting.check(split.label)
        measures.update(split.measures)
        findings.add(split.findings)
        total += split.accounting
    total.check("all splits")
    value = without_folders(recipe)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        hanmill_version=__version__,
        recipe=value,
        recipe_sha256=settings_hash(value),
        inputs=state.plan.inputs,
        resources=dict(sorted((_resources(recipe) | tables.versions).items())),
        tables=tables.files,
        train=tuple(split.train for split in splits),
        validation=tuple(split.validation for split in splits),
        accounting=total,
        splits=_by_label(splits),
        measures=dict(sorted(measures.items())),
    )
    for name, file in tables.files.items():
        _put(tables.stored[name], output / file.path, file.sha256)
    if state.tasks("cluster"):
        findings.duplicates.update(state.clusters.sizes)
    write_text(output / FINDINGS_NAME, findings.to_json())
    written = Findings.load(output)
    write_text(output / REPORT_NAME, report(output, manifest, written))
    write_text(output / CARD_NAME, data_card(manifest, written))
    text = manifest.to_json()
    write_record(output, state.made_from | {"annotate": annotate_ingredients(recipe, tables.files)})
    shards = [location(path) for name in _NEEDED for task in state.tasks(name) for _, path in task.writes]
    shards += [path for task in state.tasks("annotate") for path in task.reading_all("verdict")]
    write_needed(output, text, [*shards, state.tasks("tables")[0].writing("tables"), *tables.stored.values()])
    write_text(output / MANIFEST_NAME, text)
    return manifest


def _by_label(splits: Sequence[FinishedSplit]) -> dict[str, Accounting]:
    """Accounts by label; files of one name from several folders are numbered in the order of the plan."""
    seen: Counter[str] = Counter()
    found: dict[str, Accounting] = {}
    for split in splits:
        seen[split.label] += 1
        number = seen[split.label]
        found[split.label if number == 1 else f"{split.label} ({number})"] = split.accounting
    return found


def _put(stored: Location, place: Location, sha256: str) -> None:
    """Copies a table to where readers look for it, unless it stands there."""
    if not place.is_file() or file_sha256(place) != sha256:
        with replacing(place, place.parent.parent) as temporary:
            temporary.write_bytes(stored.read_bytes())


def read_split(output: Location, task: Task) -> FinishedSplit:
    """The account of one split, from the footers of its shards and the rows that are really in them."""
    ingested = read_footer(task.reading("documents"))
    before = Accounting.from_dict(ingested["accounting"])
    train, train_footer = _read_shard(output, "train", task)
    validation, validation_footer = _read_shard(output, "validation", task)
    dropped = Counter(before.dropped) + Counter(train_footer["left_out"])
    findings = Findings()
    findings.add_footers(ingested, (train_footer, validation_footer))
    return FinishedSplit(
        label=split_label(task),
        accounting=Accounting(
            before.read,
            train.rows + validation.rows,
            dict(sorted(dropped.items())),
            dict(sorted(before.failed.items())),
            before.bytes_lost,
            before.masked,
            before.licences,
            before.opt_out,
        ),
        train=train,
        validation=validation,
        measures=Counter(train_footer["measures"]) + Counter(validation_footer["measures"]),
        findings=findings,
    )


def _read_shard(output: Location, part: str, task: Task) -> tuple[Shard, dict[str, Any]]:
    path = task.writing(part)
    footer = read_footer(path)
    groups = tuple(RowGroup(**group) for group in footer["row_groups"])
    rows = open_parquet(path).metadata.num_rows
    if rows != sum(group.rows for group in groups):
        raise ManifestError(f"{path}: rows by its footer: {sum(g.rows for g in groups):,}; rows in it: {rows:,}")
    characters = sum(group.characters for group in groups)
    return Shard(relative(path, output), file_sha256(path), rows, characters, groups), footer


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
