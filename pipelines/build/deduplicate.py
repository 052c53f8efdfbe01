"""Deduplicate, in three jobs: scatter signatures by key, gather what shares a key, cluster what is alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.corpus.atomic import replacing
from hanmill.pipelines.corpus.shards import ShardWriter, write_table
from hanmill.pipelines.dedup.clusters import LINKS, cluster, links, shard_digests
from hanmill.pipelines.dedup.exchange import ROWS, exchange_batches, read_partition
from hanmill.pipelines.dedup.lines import LINES, count_lines, line_batches
from hanmill.pipelines.dedup.partitions import read_batch, write_batches
from hanmill.pipelines.dedup.schema import CLUSTERED, SIGNATURES
from hanmill.schemas.location import parquet_source
from hanmill.schemas.recipe import DeduplicateRecipe

#: Rows a row group of ``clusters``: what a worker reads to find the few rows of its own shard.
_CLUSTER_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class ScatterJob:
    """Signatures of some shards, cut into partitions. ``number`` of a task is that of its first shard."""

    partitions: int
    count_lines: bool
    name: str = "deduplicate: scatter"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``exchange`` and, where lines are counted, ``lines``."""
        corpus = task.writing("exchange").parent.parent
        tables = [pq.read_table(parquet_source(path), schema=SIGNATURES) for path in task.reading_all("signatures")]
        if self.count_lines:
            hashes = np.concatenate([np.zeros(0, np.uint64), *(t["lines"].combine_chunks().flatten() for t in tables)])
            counts = count_lines(hashes, np.ones(len(hashes), np.uint32))
            with replacing(task.writing("lines"), corpus) as path:
                write_batches(path, LINES, line_batches(counts, self.partitions))
        shards = [(task.number + place, table) for place, table in enumerate(tables)]
        with replacing(task.writing("exchange"), corpus) as path:
            write_batches(path, ROWS, exchange_batches(shards, self.partitions))


@dataclass(frozen=True, slots=True)
class GatherJob:
    """What shares a key in one partition, compared. ``number`` of a task is that of its partition."""

    settings: DeduplicateRecipe
    name: str = "deduplicate: gather"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``links`` and, where lines are counted, the ``repeated`` ones."""
        if self.settings.lines:
            batches = [read_batch(path, task.number, LINES) for path in task.reading_all("lines")]
            table = pa.Table.from_batches(batches, LINES)
            counts = count_lines(table["key"].to_numpy(), table["count"].to_numpy())
            write_table(task.writing("repeated"), counts.filter(pc.field("count") > self.settings.lines))
        rows = read_partition(task.reading_all("exchange"), task.number)
        write_table(task.writing("links"), links(rows, self.settings))


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """One task: the clusters of all links."""

    settings: DeduplicateRecipe
    name: str = "deduplicate: cluster"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``repeated`` where lines are counted, ``clusters``, and ``digests`` of it by shard."""
        if self.settings.lines:
            lines = [pq.read_table(parquet_source(path), schema=LINES) for path in task.reading_all("repeated")]
            write_table(task.writing("repeated"), pa.concat_tables(lines).sort_by("key"))
        found = cluster(
            (pq.read_table(parquet_source(path), schema=LINKS) for path in task.reading_all("links")), self.settings
        )
        with ShardWriter(task.writing("clusters"), CLUSTERED, _CLUSTER_ROWS) as shard:
            for start in range(0, len(found), _CLUSTER_ROWS):
                shard.write_row_group(found.slice(start, _CLUSTER_ROWS))
        digests = sorted(shard_digests(found).items())
        columns = [pa.array([n for n, _ in digests], pa.uint32()), pa.array([d for _, d in digests], pa.string())]
        write_table(task.writing("digests"), pa.table(columns, ["shard", "digest"]))
