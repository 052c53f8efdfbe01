"""The tasks of the stages that need more than a shard: groups, partitions, and shards behind the clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath

from hanmill.pipelines.build.content_address import Ingredients, key, sum_of_keys
from hanmill.pipelines.build.deduplicate import ShardRanges
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.stored_tables import listed_tables
from hanmill.pipelines.build.task_list import TaskList, addresses
from hanmill.pipelines.build.verdict_files import DIGESTS, FOLDER, Verdict, read_digests
from hanmill.pipelines.dedup.exchange import partition_count
from hanmill.pipelines.dedup.steps import (
    EDGES,
    LINK,
    MEMBERS_OF_BUCKETS,
    NODES_OF_LINKS,
    ONE_GROUP,
    ROWS_OF_KEYS,
    SIGNED_DOCUMENTS,
    VERDICTS,
    Step,
)
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import Location, location, open_parquet

#: A scatter task takes shards until it has this many documents: few in a small corpus, so that all workers have some
#: and none holds more than a few megabytes of signatures; about 60 MB of them in a large one, where the number of
#: files times that of partitions is what costs.
SCATTER_DOCUMENTS = range(1 << 12, 1 << 16)
SCATTER_TASKS = 64
#: Collections that a scatter task leaves.
SCATTERED = (ROWS_OF_KEYS, SIGNED_DOCUMENTS, EDGES, NODES_OF_LINKS)
#: Shards whose counts are added up by one task, and such groups that share a partition of words.
MERGE_SHARDS = 64
MERGES_PER_WORD_PARTITION, MAX_WORD_PARTITIONS = 4, 256


@dataclass(frozen=True, slots=True)
class Clusters:
    """What deduplication found. ``verdicts`` are by shard number; a shard without duplicates has none. ``sizes`` counts
    clusters by their size.

    ``repeated`` is the file of lines to remove, with its hash; None where lines stay.
    """

    verdicts: Mapping[int, Verdict]
    sizes: Counter[int]
    repeated: tuple[Location, str] | None

    @classmethod
    def read(cls, task: Task) -> Clusters:
        """Of the cluster task, which must be done."""
        found = read_digests(task.writing(DIGESTS))
        repeated = dict(task.writes).get("repeated")
        return cls(
            found.by_shard,
            found.sizes,
            (task.writing("repeated"), file_sha256(task.writing("repeated"))) if repeated else None,
        )


def ingest_tasks(plan: Plan, ingredients: Mapping[str, Ingredients], output: Location) -> TaskList:
    """One task a split, in the order of the plan; ``ingredients`` are by source."""
    common = {source: key(found) for source, found in ingredients.items()}
    splits = plan.splits
    found = addresses((ingest_address(planned, common[planned.split.source]) for planned in splits), len(splits))

    def some(start: int, stop: int) -> Iterator[Task]:
        for number, planned, address in zip(
            range(start, stop), splits[start:stop], found[start:stop].tolist(), strict=True
        ):
            yield ingest_task(planned, number, address.decode(), output)

    return TaskList(len(splits), some)


def ingest_address(planned: PlannedSplit, common: str) -> str:
    """The content address of one split's shards; ``common`` is the key of its source's ingredients."""
    return key("ingest", planned.identity, common)


def ingest_task(planned: PlannedSplit, number: int, address: str, output: Location) -> Task:
    """The task of one split."""
    split = planned.split
    unit = "records" if split.records else "row groups" if split.reader == "row_groups" else "bytes"
    label = f"{split.path} {unit} {split.start:,}-{split.end:,}"
    # Last what the others must not be without: it says that the split is done.
    writes = shards(output, address, "dropped", "signatures", "documents")
    return Task(address, label, writes, split=split, number=number)


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
    common = key(ingredients)
    kinds = (*(["lines"] if lines else []), *SCATTERED)
    tasks = []
    for group in groups:
        first, last = group[0], group[-1]
        address = key("scatter", first.number, [task.key for task in group], partitions, common)
        reads = tuple(("signatures", str(task.writing("signatures"))) for task in group)
        writes = scratch(output, address, *kinds)
        tasks.append(Task(address, f"signatures of {first.label} to {last.label}", writes, reads, number=first.number))
    return tasks


def gather_tasks(
    scatter: Sequence[Task], buckets: Sequence[Task], ingredients: Ingredients, output: Location
) -> list[Task]:
    """One task a partition, as there is of ``buckets``."""
    names = ("lines", SIGNED_DOCUMENTS, MEMBERS_OF_BUCKETS)
    reads = tuple(pair for task in (*scatter, *buckets) for pair in task.writes if pair[0] in names)
    common = key([task.key for task in scatter], ingredients)
    partitions = len(buckets)
    kinds = (*(["repeated"] if any(name == "lines" for name, _ in reads) else []), *LINK.writes)
    tasks = []
    for number in range(partitions):
        address = key("gather", number, common)
        label = f"partition {number} of {partitions}"
        tasks.append(Task(address, label, scratch(output, address, *kinds), reads, number=number))
    return tasks


def step_tasks(step: Step, groups: int, behind: Sequence[Task], common: str, output: Location) -> list[Task]:
    """One task a group of nodes, or the only one, of a step that reads what the tasks ``behind`` have left."""
    collections = {*step.reads, *step.whole}
    reads = tuple(pair for task in behind for pair in task.writes if pair[0] in collections)
    groups = 1 if set(step.reads) <= set(ONE_GROUP) else groups
    tasks = []
    for number in range(groups):
        address = key(step.name, number, common)
        label = f"group {number} of {groups}"
        tasks.append(Task(address, label, scratch(output, address, *step.writes), reads, number=number))
    return tasks


def verdict_tasks(
    ingest: Sequence[Task], decide: Sequence[Task], ranges: ShardRanges, common: str, output: Location
) -> list[Task]:
    """One task a group of neighbouring shards."""
    reads = tuple(pair for task in decide for pair in task.writes if pair[0] == VERDICTS)
    tasks = []
    for number in range(ranges.groups):
        address = key("verdicts", number, common)
        documents = tuple(("documents", dict(ingest[n].writes)["documents"]) for n in ranges.shards_of(number))
        label = f"shards, group {number} of {ranges.groups}"
        writes = (("listed", str(output / "listed" / f"part-{address}.parquet")),)
        tasks.append(Task(address, label, writes, (*reads, *documents), number=number))
    return tasks


def keys_of(tasks: Sequence[Task]) -> int:
    """The sum of the addresses of some tasks by their numbers."""
    return sum_of_keys((task.number, task.key) for task in tasks)


def cluster_task(ingested: int, ingredients: Ingredients, output: Location, *, lines: bool) -> Task:
    """The one task that ends deduplication, without what it reads: its address depends on the documents alone
    (``ingested`` is the sum of the addresses of their shards).

    A verdict that is lost makes it undone, though the list of verdicts is there.
    """
    address = key("cluster", ingested, ingredients)
    names = (*(["repeated"] if lines else []), DIGESTS)
    writes = tuple((name, str(output / FOLDER / f"{name}-{address}.parquet")) for name in names)
    listing = location(writes[-1][1])
    found = read_digests(listing).by_shard if listing.exists() else {}
    verdicts = tuple(("verdict", str(output / FOLDER / verdict.file)) for verdict in found.values())
    return Task(address, "clusters of all links", (*verdicts, *writes))


def after_clusters(
    stage: str,
    ingest: Sequence[Task],
    clusters: Clusters,
    common: str,
    kinds: Sequence[str],
    others: Sequence[Task] | None = None,
) -> TaskList:
    """One task a shard of documents; ``others``, one a shard too, leave what is read beside it."""

    def made(start: int, stop: int, known: Sequence[bytes]) -> Iterator[Task]:
        behind: Sequence[Task | None] = others[start:stop] if others is not None else [None] * (stop - start)
        for task, other, address in zip(ingest[start:stop], behind, known, strict=True):
            verdict = clusters.verdicts.get(task.number)
            yield shard_task(stage, task, verdict, clusters.repeated, common, kinds, other, address.decode())

    anew = TaskList(len(ingest), lambda start, stop: made(start, stop, [b""] * (stop - start)))
    found = addresses((task.key for task in anew), len(ingest))
    return TaskList(len(ingest), lambda start, stop: made(start, stop, found[start:stop].tolist()))


def shard_task(
    stage: str,
    ingest: Task,
    verdict: Verdict | None,
    repeated: tuple[Location, str] | None,
    common: str,
    kinds: Sequence[str],
    other: Task | None = None,
    address: str = "",
) -> Task:
    """The task of a stage on the documents that ``ingest`` has left; ``verdict`` is theirs, where they have
    one, ``repeated`` the file of lines to remove with its hash, ``address`` the task's own where it is known."""
    documents = dict(ingest.writes)["documents"]
    folder = documents.rpartition("/")[0].rpartition("/")[0] or ("/" if documents.startswith("/") else ".")
    digest = verdict.digest if verdict else ""
    said = repeated and repeated[1]
    address = address or key(stage, ingest.key, digest, common, said, *([other.key] if other else []))
    reads = [*ingest.writes, *(other.writes if other else ())]
    if verdict:
        reads.append(("verdict", _below(folder, FOLDER, verdict.file)))
    if repeated:
        reads.append(("repeated", str(repeated[0])))
    writes = shards(folder, address, *kinds)
    return Task(address, ingest.label, writes, tuple(reads), ingest.split, ingest.number)


def merge_tasks(
    count: Sequence[Task], words: Sequence[Task], partitions: int, ingredients: Ingredients, output: Location
) -> list[Task]:
    """One task for some shards' counts; ``words`` are empty where none are counted."""
    common = key(ingredients)
    tasks = []
    for start in range(0, len(count), MERGE_SHARDS):
        group = [*count[start : start + MERGE_SHARDS], *words[start : start + MERGE_SHARDS]]
        address = key("merge", [task.key for task in group], partitions, common)
        reads = tuple(pair for task in group for pair in task.writes if pair[0] in ("counts", "word_counts"))
        writes = shards(output, address, "merged")
        if words:
            writes = (*shards(output, address, "word_partitions", suffix="arrow"), *writes)
        tasks.append(Task(address, f"counts from {group[0].label}", writes, reads))
    return tasks


def word_partitions(shards: int) -> int:
    """Partitions of words for a corpus of so many shards."""
    merges = -(-shards // MERGE_SHARDS)
    return min(MAX_WORD_PARTITIONS, -(-merges // MERGES_PER_WORD_PARTITION)) or 1


def commonest_tasks(merges: Sequence[Task], partitions: int, ingredients: Ingredients, output: Location) -> list[Task]:
    """One task a partition of words."""
    reads = tuple(pair for task in merges for pair in task.writes if pair[0] == "word_partitions")
    common = key([task.key for task in merges], ingredients)
    tasks = []
    for number in range(partitions):
        address = key("commonest", number, common)
        label = f"words, partition {number} of {partitions}"
        tasks.append(Task(address, label, shards(output, address, "commonest"), reads, number=number))
    return tasks


def tables_task(counted: int, cut: int, ingredients: Sequence[Ingredients], output: Location) -> Task:
    """The one task that makes all tables, without what it reads; ``counted`` and ``cut`` are the sums of the addresses
    of counts of characters and of words."""
    address = key("tables", counted, cut, *ingredients)
    listing = output / "vocabulary" / f"tables-{address}.json"
    # A table that is lost makes the task undone, though the list of tables is there.
    listed = [(name, str(path)) for name, path in listed_tables(listing).items()]
    return Task(address, "tables", (*listed, ("tables", str(listing))))


def split_label(task: Task) -> str:
    """What the manifest calls the split of a task."""
    split = task.split
    if split is None:
        return task.label
    # Where the archives of single records lie is no part of what the corpus is made of.
    name = "records" if split.records else PurePosixPath(split.path).name
    return f"{split.source}:{name}:{split.start}-{split.end}"


def scratch(output: Location, address: str, *kinds: str) -> tuple[tuple[str, str], ...]:
    """Collections and paths of what a task of deduplication leaves for the next: Arrow, but for repeated lines."""
    return tuple(
        pair
        for kind in kinds
        for pair in shards(output, address, kind, suffix="parquet" if kind == "repeated" else "arrow")
    )


def shards(output: Location | str, address: str, *kinds: str, suffix: str = "parquet") -> tuple[tuple[str, str], ...]:
    """Kinds and paths of shards under a content address."""
    folder = str(output)
    return tuple((kind, _below(folder, kind, f"part-{address}.{suffix}")) for kind in kinds)


def _below(output: str, folder: str, name: str) -> str:
    # As text: paths are made for every shard of a corpus, and Python's own take longer than all else of a task.
    return f"{folder}/{name}" if output == "." else f"{output.rstrip('/')}/{folder}/{name}"
