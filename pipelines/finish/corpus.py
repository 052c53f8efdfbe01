"""Finish: sums up what every shard says of itself and writes the manifest, or refuses to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines import __version__
from pipelines import content_address as address
from pipelines.finish.data_card import data_card
from pipelines.finish.garbage import write_needed
from pipelines.finish.report import Findings, report
from pipelines.jobs.job import Task
from pipelines.jobs.tasks import split_label
from pipelines.sources.plan import Plan
from pipelines.storage.atomic import write_text
from pipelines.storage.shards import read_footer
from pipelines.vocabulary.tables import Tables
from schemas.corpus import SCHEMA_VERSION
from schemas.hashing import file_sha256, settings_hash
from schemas.location import Location, open_parquet
from schemas.manifest import MANIFEST_NAME, Accounting, Manifest, ManifestError, RowGroup, Shard
from schemas.recipe import Recipe
from schemas.typed_mapping import to_mapping


@dataclass(frozen=True, slots=True)
class FinishedSplit:
    """What the shards of one split say of themselves."""

    label: str
    accounting: Accounting
    train: Shard
    validation: Shard
    measures: Counter[str]
    findings: Findings


def finish(
    output: Location, recipe: Recipe, plan: Plan, annotate: Sequence[Task], tables: Tables, earlier: Sequence[Task]
) -> Manifest:
    """Writes report, data card and manifest; then removes training shards that are not part of it.

    ``earlier`` are the tasks of the stages before, whose shards a next build can start from. Reads footers and
    hashes shards, never rows. Raises ManifestError where the records of any split do not add up.
    """
    with ThreadPoolExecutor() as threads:
        # Hashing lets go of the interpreter, so threads use all cores.
        splits = list(threads.map(partial(read_split, output), annotate))
    measures: Counter[str] = Counter()
    findings = Findings()
    total = Accounting(0, 0, {}, {})
    for split in splits:
        split.accounting.check(split.label)
        measures.update(split.measures)
        findings.add(split.findings)
        total += split.accounting
    total.check("all splits")
    value = to_mapping(recipe)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        hanmill_version=__version__,
        recipe=value,
        recipe_sha256=settings_hash(value),
        inputs=plan.inputs,
        resources=dict(sorted((_resources(recipe) | tables.versions).items())),
        tables=tables.files,
        train=tuple(split.train for split in splits),
        validation=tuple(split.validation for split in splits),
        accounting=total,
        splits={split.label: split.accounting for split in splits},
        measures=dict(sorted(measures.items())),
    )
    write_text(output / "report.html", report(output, manifest, findings))
    write_text(output / "DATA_CARD.md", data_card(manifest))
    text = manifest.to_json()
    write_needed(output, text, [*earlier, *annotate])
    write_text(output / MANIFEST_NAME, text)
    _remove_stale(output, frozenset(task.writing("train").name for task in annotate))
    return manifest


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
    return Shard(str(path.relative_to(output)), file_sha256(path), rows, characters, groups), footer


def _resources(recipe: Recipe) -> dict[str, str]:
    names = tuple(
        sorted({*address.INGEST_LIBRARIES, *address.ANNOTATE_LIBRARIES, *address.GLYPH_LIBRARIES, "apache-beam"})
    )
    model = recipe.segment.chinese_model
    return address.library_versions(names) | (
        {"chinese_model": file_sha256(Path(model))} if Path(model).is_file() else {}
    )


def _remove_stale(output: Location, shards: frozenset[str]) -> None:
    """Whoever reads ``train/*.parquet`` must not meet the rows of an earlier recipe."""
    for part in ("train", "validation"):
        for path in (output / part).glob("part-*.parquet"):
            if path.name not in shards:
                path.unlink()
