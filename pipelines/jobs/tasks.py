"""The tasks of every stage: what each reads and writes, under its content address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath

import pyarrow.parquet as pq

from pipelines.content_address import Ingredients, key
from pipelines.dedup.exchange import partition_count
from pipelines.jobs.job import Task
from pipelines.sources.plan import Plan
from schemas.hashing import file_sha256
from schemas.location import Location, open_parquet, parquet_source

#: A scatter task takes shards until it has this many documents: few in a small corpus, so that all workers have some
#: and none holds more than a few megabytes of signatures; about 60 MB of them in a large one, where the number of files
#: times that of partitions is what costs.
SCATTER_DOCUMENTS = range(1 << 12, 1 << 15)
SCATTER_TASKS = 64


@dataclass(frozen=True, slots=True)
class Clusters:
    """What deduplication found. ``digests`` is by shard number; a shard without clusters has none.

    ``repeated`` is the file of lines to remove, with its hash; None where lines stay.
    """

    path: Location
    digests: Mapping[int, str]
    repeated: tuple[Location, str] | None

    @classmethod
    def read(cls, task: Task) -> Clusters:
        """Of the cluster task, which must be done."""
        digests = pq.read_table(parquet_source(task.writing("digests")))
        repeated = dict(task.writes).get("repeated")
        return cls(
            task.writing("clusters"),
            dict(zip(digests["shard"].to_pylist(), digests["digest"].to_pylist(), strict=True)),
            (task.writing("repeated"), file_sha256(task.writing("repeated"))) if repeated else None,
        )


def ingest_tasks(plan: Plan, ingredients: Ingredients, output: Location) -> list[Task]:
    """One task a split, in the order of the plan."""
    common = key(ingredients)
    tasks = []
    for number, planned in enumerate(plan.splits):
        address = key("ingest", planned.identity, common)
        split = planned.split
        unit = "records" if split.records else "bytes"
        label = f"{split.path} {unit} {split.start:,}-{split.end:,}"
        # Last what the others must not be without: it says that the split is done.
        writes = _shards(output, address, "dropped", "signatures", "documents")
        tasks.append(Task(address, label, writes, split=split, number=number))
    return tasks


def signature_counts(ingest: Sequence[Task]) -> list[int]:
    """Documents kept by each task, which must be done."""
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda task: open_parquet(task.writing("signatures")).metadata.num_rows, ingest))


def scatter_tasks(
    ingest: Sequence[Task], sizes: Sequence[int], ingredients: Ingredients, output: Location, *, lines: bool
) -> list[Task]:
    """Groups of neighbouring shards by their ``sizes`` (signature_counts)."""
    partitions = partition_count(sum(sizes))
    most = min(max(SCATTER_DOCUMENTS.start, sum(sizes) // SCATTER_TASKS), SCATTER_DOCUMENTS.stop)
    groups: list[list[Task]] = []
    held = 0
    for task, size in zip(ingest, sizes, strict=True):
        if not groups or held + size > most:
            groups.append([])
            held = 0
        groups[-1].append(task)
        held += size
    tasks = []
    for group in groups:
        first, last = group[0], group[-1]
        address = key("scatter", first.number, [task.key for task in group], partitions, ingredients)
        writes = _shards(output, address, *(["lines"] if lines else []), "exchange", suffix="arrow")
        reads = tuple(("signatures", str(task.writing("signatures"))) for task in group)
        tasks.append(Task(address, f"signatures of {first.label} to {last.label}", writes, reads, number=first.number))
    return tasks


def gather_tasks(scatter: Sequence[Task], partitions: int, ingredients: Ingredients, output: Location) -> list[Task]:
    """One task a partition."""
    reads = tuple(pair for task in scatter for pair in task.writes)
    common = key([task.key for task in scatter], ingredients)
    lines = any(name == "lines" for name, _ in reads)
    tasks = []
    for number in range(partitions):
        address = key("gather", number, common)
        writes = _shards(output, address, *(["repeated"] if lines else []), "links")
        tasks.append(Task(address, f"partition {number} of {partitions}", writes, reads, number=number))
    return tasks


def cluster_task(gather: Sequence[Task], ingredients: Ingredients, output: Location) -> Task:
    """The one task that needs all links."""
    reads = tuple(pair for task in gather for pair in task.writes)
    address = key("cluster", [task.key for task in gather], ingredients)
    lines = any(name == "repeated" for name, _ in reads)
    writes = tuple(
        (name, str(output / "duplicates" / f"{name}-{address}.parquet"))
        for name in (*(["repeated"] if lines else []), "clusters", "digests")
    )
    return Task(address, "clusters of all links", writes, reads)


def count_tasks(
    ingest: Sequence[Task], clusters: Clusters, ingredients: Ingredients, output: Location, *, words: bool
) -> list[Task]:
    """One task a shard of documents."""
    kinds = ("word_counts", "counts") if words else ("counts",)
    return _after_clusters("count", ingest, clusters, ingredients, output, kinds)


def annotate_tasks(
    ingest: Sequence[Task], clusters: Clusters, ingredients: Ingredients, output: Location
) -> list[Task]:
    """One task a shard of documents."""
    return _after_clusters("annotate", ingest, clusters, ingredients, output, ("validation", "train"))


def split_label(task: Task) -> str:
    """What the manifest calls the split of a task."""
    split = task.split
    if split is None:
        return task.label
    # Where the archives of single records lie is no part of what the corpus is made of.
    name = "records" if split.records else PurePosixPath(split.path).name
    return f"{split.source}:{name}:{split.start}-{split.end}"


def _after_clusters(
    stage: str,
    ingest: Sequence[Task],
    clusters: Clusters,
    ingredients: Ingredients,
    output: Location,
    kinds: Sequence[str],
) -> list[Task]:
    common = key(ingredients, clusters.repeated and clusters.repeated[1])
    tasks = []
    for task in ingest:
        address = key(stage, task.key, clusters.digests.get(task.number, ""), common)
        reads = (*task.writes, ("clusters", str(clusters.path)))
        if clusters.repeated:
            reads += (("repeated", str(clusters.repeated[0])),)
        writes = _shards(output, address, *kinds)
        tasks.append(Task(address, task.label, writes, reads, task.split, task.number))
    return tasks


def _shards(output: Location, address: str, *kinds: str, suffix: str = "parquet") -> tuple[tuple[str, str], ...]:
    return tuple((kind, str(output / kind / f"part-{address}.{suffix}")) for kind in kinds)
