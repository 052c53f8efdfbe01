"""Summaries: what the shards of a split say of themselves, and sums of those of many splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.tasks import split_label
from hanmill.pipelines.corpus.shards import read_footer
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import Location, location, open_parquet, relative
from hanmill.schemas.manifest import SHARDS, SPLITS, Accounting, ManifestError, RowGroup, Shard, shard_rows, split_rows

#: Splits that are summed up together, so that few summaries come together in the end.
SPLITS_PER_BLOCK = 1 << 10


@dataclass(frozen=True, slots=True)
class FinishedSplit:
    """What the shards of one split say of themselves; ``number`` is its place in the plan.

    ``needed`` are the shards behind it that a next build can start from, relative to the corpus.
    """

    number: int
    label: str
    accounting: Accounting
    train: Shard
    validation: Shard
    measures: Counter[str]
    findings: Findings
    needed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring splits summed up: what grows with them are the rows of Arrow tables.

    ``first`` is the number of the first split; ``train`` and ``validation`` are SHARDS, ``splits`` SPLITS.
    """

    first: int
    accounting: Accounting
    measures: Counter[str]
    findings: Findings
    train: pa.Table
    validation: pa.Table
    splits: pa.Table
    needed: pa.ChunkedArray


def block_of(splits: Sequence[FinishedSplit]) -> Block:
    """The sum of some splits, in the order of the plan. Raises ManifestError where the records of one do not add up."""
    measures: Counter[str] = Counter()
    findings = Findings()
    total = Accounting(0, 0, {}, {})
    for split in splits:
        split.accounting.check(split.label)
        measures.update(split.measures)
        findings.add(split.findings)
        total += split.accounting
    return Block(
        splits[0].number,
        total,
        measures,
        findings,
        shard_rows("train", (split.train for split in splits)),
        shard_rows("validation", (split.validation for split in splits)),
        split_rows((split.label, split.accounting) for split in splits),
        pa.chunked_array([pa.array([path for split in splits for path in split.needed], pa.string())]),
    )


def add_blocks(blocks: Iterable[Block]) -> Block:
    """The sum of all blocks, in the order of the plan."""
    measures: Counter[str] = Counter()
    findings = Findings()
    total = Accounting(0, 0, {}, {})
    train, validation, splits = [SHARDS.empty_table()], [SHARDS.empty_table()], [SPLITS.empty_table()]
    needed: list[pa.Array] = []
    for block in blocks:
        measures.update(block.measures)
        findings.add(block.findings)
        total += block.accounting
        train.append(block.train)
        validation.append(block.validation)
        splits.append(block.splits)
        needed += block.needed.chunks
    return Block(
        0,
        total,
        measures,
        findings,
        pa.concat_tables(train),
        pa.concat_tables(validation),
        _with_own_names(pa.concat_tables(splits)),
        pa.chunked_array(needed, pa.string()),
    )


def _with_own_names(splits: pa.Table) -> pa.Table:
    """SPLITS under names of their own: files of one name from several folders are numbered in the order of the plan."""
    if pc.count_distinct(splits["split"]).as_py() == len(splits):
        return splits
    names = splits["split"].to_pylist()
    seen: Counter[str] = Counter()
    own = []
    for name in names:
        seen[name] += 1
        own.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return splits.set_column(0, SPLITS.field("split"), pa.array(own, pa.string()))


def read_split(output: Location, task: Task, others: Sequence[Task] = ()) -> FinishedSplit:
    """The account of one split, from the footers of its shards and the rows that are really in them.

    ``task`` is that of annotation; ``others`` are tasks of the split that have left shards which it does not read.
    """
    ingested = read_footer(task.reading("documents"))
    before = Accounting.from_dict(ingested["accounting"])
    train, train_footer = _read_shard(output, "train", task)
    validation, validation_footer = _read_shard(output, "validation", task)
    dropped = Counter(before.dropped) + Counter(train_footer["left_out"])
    findings = Findings()
    findings.add_footers(ingested, (train_footer, validation_footer))
    paths = (path for pairs in (task.reads, task.writes, *(one.writes for one in others)) for _, path in pairs)
    return FinishedSplit(
        number=task.number,
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
        needed=tuple(relative(location(path), output) for path in paths),
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
