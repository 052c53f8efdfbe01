"""Deduplicate on local processes: the steps of ``dedup.steps``, grouped through files.

Of every collection a task leaves one Arrow file with a batch for each group; the task of a group reads its own batch of
all files. What is known of documents is not grouped but looked up (``signed_files``). Where all nodes fit one group,
one task takes the links of all partitions to their verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.signed_files import SignedFiles, write_signed
from hanmill.pipelines.build.verdict_files import DIGESTS, Verdict, VerdictWriter, read_digests, write_digests
from hanmill.pipelines.corpus.atomic import replacing
from hanmill.pipelines.corpus.repeat_file import write_repeats
from hanmill.pipelines.corpus.shards import write_table
from hanmill.pipelines.dedup.exchange import distinct, in_turn, numbered
from hanmill.pipelines.dedup.lines import LINES, count_lines, line_batches
from hanmill.pipelines.dedup.partitions import as_batch, read_batch, write_batches
from hanmill.pipelines.dedup.repeats import too_often
from hanmill.pipelines.dedup.schema import SIGNATURES
from hanmill.pipelines.dedup.signed import compared
from hanmill.pipelines.dedup.steps import (
    CLUSTER_SIZES,
    COMPARED_MEMBERS,
    EDGES,
    LABEL_STEPS,
    LINK,
    MEMBERS_OF_BUCKETS,
    NODES_OF_LINKS,
    ONE_GROUP,
    ROWS_OF_KEYS,
    SIGNED_DOCUMENTS,
    VERDICTS,
    Cut,
    Grouping,
    InMemory,
    Step,
    component_steps,
    scatter,
    schema_of,
)
from hanmill.schemas.location import Location, parquet_source


@dataclass(frozen=True, slots=True)
class ShardRanges:
    """Shards in groups of neighbours: what is known of one shard is brought together by its group."""

    shards: int
    groups: int

    def group_of(self, shard: int) -> int:
        """The group of a shard."""
        return shard * self.groups // self.shards

    def shards_of(self, group: int) -> range:
        """The shards of a group."""
        start, stop = (-(-bound * self.shards // self.groups) for bound in (group, group + 1))
        return range(start, stop)


@dataclass(frozen=True, slots=True)
class ScatterJob:
    """Signatures of some shards, cut into groups. ``number`` of a task is that of its first shard."""

    grouping: Grouping
    name: str = "deduplicate: scatter"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``rows``, ``signed``, ``edges`` and ``nodes`` and, where lines or passages are counted, ``lines``."""
        tables = [pq.read_table(parquet_source(path), schema=SIGNATURES) for path in task.reading_all("signatures")]
        if self.grouping.settings.counts_repeats:
            hashes = np.concatenate([np.zeros(0, np.uint64), *(t["lines"].combine_chunks().flatten() for t in tables)])
            counts = count_lines(hashes, np.ones(len(hashes), np.uint32))
            with _replacing(task.writing("lines")) as path:
                write_batches(path, LINES, line_batches(counts, self.grouping.keys))
        documents = numbered([(task.number + place, table) for place, table in enumerate(tables)])
        del tables
        with _replacing(task.writing(SIGNED_DOCUMENTS)) as path:
            write_signed(path, documents)
        write_cuts(task, scatter(documents, self.grouping), self.grouping)


@dataclass(frozen=True, slots=True)
class GatherJob:
    """The buckets of one partition, compared. ``number`` of a task is that of its partition."""

    grouping: Grouping
    name: str = "deduplicate: gather"

    def open(self) -> Callable[[Task], None]:
        """What is known of documents."""
        return partial(self.run, signed=SignedFiles())

    def run(self, task: Task, signed: SignedFiles) -> None:
        """Writes ``edges`` and ``nodes`` and, where lines or passages are counted, the ``repeated`` ones."""
        if self.grouping.settings.counts_repeats:
            batches = [read_batch(path, task.number) for path in task.reading_all("lines")]
            table = pa.Table.from_batches(batches, LINES)
            counts = count_lines(table["key"].to_numpy(), table["count"].to_numpy())
            write_table(task.writing("repeated"), too_often(counts, self.grouping.settings))
        write_cuts(task, self._links(task, signed), self.grouping)

    def _links(self, task: Task, signed: SignedFiles) -> Iterator[Cut]:
        files = task.reading_all(SIGNED_DOCUMENTS)
        for members in in_turn(distinct(read_group(task, MEMBERS_OF_BUCKETS, task.number))):
            rows = compared(members, signed.of(np.unique(members["node"].to_numpy()), files))
            yield from LINK.run({COMPARED_MEMBERS: rows}, self.grouping)


@dataclass(frozen=True, slots=True)
class StepJob:
    """A step of ``dedup.steps`` on one group, which ``number`` of a task says."""

    step: Step
    grouping: Grouping
    ranges: ShardRanges

    @property
    def name(self) -> str:
        """What a person sees of it."""
        return f"deduplicate: {self.step.name}"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes a file for each collection of the step."""
        group = {name: read_group(task, name, task.number) for name in self.step.reads}
        whole = {name: read_group(task, name, 0) for name in self.step.whole}
        write_cuts(task, self.step.run({**group, **whole}, self.grouping), self.grouping, self.ranges)


@dataclass(frozen=True, slots=True)
class VerdictsJob:
    """The verdict files of a group of shards, which ``number`` of a task says; it reads their documents' places."""

    ranges: ShardRanges
    name: str = "deduplicate: verdicts"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes verdict files and then ``listed``, their digests by shard."""
        clustered = read_group(task, VERDICTS, task.number)
        digests = _write_verdicts(task, clustered, self.ranges.shards_of(task.number))
        write_digests(task.writing("listed"), digests, Counter())


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """One task: the digests of all verdicts, and all repeated lines and passages. Where there is one group of nodes it
    takes the links to their verdicts too."""

    grouping: Grouping
    name: str = "deduplicate: cluster"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``repeated`` where lines or passages are counted, and ``digests``."""
        if self.grouping.settings.counts_repeats:
            tables = [pq.read_table(parquet_source(path), schema=LINES) for path in task.reading_all("repeated")]
            write_repeats(task.writing("repeated"), pa.concat_tables(tables), self.grouping.settings)
        if self.grouping.nodes == 1:
            held = InMemory(self.grouping)
            for name in (EDGES, NODES_OF_LINKS):
                held.add((name, 0, as_batch(table)) for table in [read_group(task, name, 0)] if table.num_rows)
            held.run([*component_steps(rounds=0), *LABEL_STEPS])
            digests = _write_verdicts(task, held.whole(VERDICTS), range(len(task.reading_all("documents"))))
            sizes = _sizes([held.whole(CLUSTER_SIZES)])
        else:
            digests = {}
            for path in task.reading_all("listed"):
                digests.update(read_digests(path).by_shard)
            sizes = _sizes(pa.Table.from_batches([read_batch(path, 0)]) for path in task.reading_all(CLUSTER_SIZES))
        write_digests(task.writing(DIGESTS), digests, sizes)


def read_group(task: Task, collection: str, group: int) -> pa.Table:
    """The rows of one group in all files of a collection that a task reads."""
    schema = schema_of(collection)
    batches = [read_batch(path, group) for path in task.reading_all(collection)]
    return pa.Table.from_batches([batch for batch in batches if batch.num_rows], schema)


def write_cuts(task: Task, cuts: Iterable[Cut], grouping: Grouping, ranges: ShardRanges | None = None) -> None:
    """Writes the collections that a task leaves, of each one file with a batch for every group."""
    held: dict[str, dict[int, list[pa.RecordBatch]]] = {}
    for collection, number, batch in cuts:
        group = ranges.group_of(number) if ranges and collection == VERDICTS else number
        held.setdefault(collection, {}).setdefault(group, []).append(batch)
    for collection, _ in task.writes:
        if collection in ("lines", "repeated", SIGNED_DOCUMENTS):
            continue
        groups = dict.fromkeys((ROWS_OF_KEYS, MEMBERS_OF_BUCKETS), grouping.keys) | dict.fromkeys(ONE_GROUP, 1)
        batches = _batches(held.pop(collection, {}), groups.get(collection, grouping.nodes), schema_of(collection))
        with _replacing(task.writing(collection)) as path:
            write_batches(path, schema_of(collection), batches)


def _batches(held: Mapping[int, list[pa.RecordBatch]], groups: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for number in range(groups):
        found = held.get(number, [])
        yield found[0] if len(found) == 1 else as_batch(pa.Table.from_batches(found, schema))


def _write_verdicts(task: Task, clustered: pa.Table, shards: range) -> dict[int, Verdict]:
    writer = VerdictWriter(dict(zip(shards, task.reading_all("documents"), strict=True)))
    return writer.write_all(clustered)


def _sizes(tables: Iterable[pa.Table]) -> Counter[int]:
    sizes: Counter[int] = Counter()
    for table in tables:
        for size, clusters in zip(table["size"].to_pylist(), table["clusters"].to_pylist(), strict=True):
            sizes[size] += clusters
    return sizes


def _replacing(path: Location) -> AbstractContextManager[Path]:
    return replacing(path, path.parent.parent)
