"""Deduplication of a build on Beam: signatures of shards in, a verdict file for every shard that has duplicates out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.pvalue import AsSingleton, PCollection, TaggedOutput

from hanmill.pipelines.build.content_address import SUM_MODULUS, sum_of_keys
from hanmill.pipelines.build.dependencies import deduplicate_ingredients
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.tasks import cluster_task
from hanmill.pipelines.build.verdict_files import DIGESTS, Verdict, read_digests, write_digests, write_verdict
from hanmill.pipelines.corpus.repeat_file import write_repeats
from hanmill.pipelines.dedup.exchange import partition_count
from hanmill.pipelines.dedup.lines import LINES
from hanmill.pipelines.dedup.schema import CLUSTERED, ROW_BITS, SIGNATURES
from hanmill.pipelines.dedup.steps import (
    CLUSTER_SIZES,
    EDGES,
    LABEL_STEPS,
    LINK_STEPS,
    NODES_OF_LINKS,
    ROWS_OF_KEYS,
    SIGNED_DOCUMENTS,
    VERDICTS,
    Grouping,
    component_steps,
    node_groups,
)
from hanmill.pipelines.engines.shard_work import FoundClusters, Shard
from hanmill.pipelines.transforms.grouping import (
    COUNTED_LINES,
    RunSteps,
    Scatter,
    in_one_place,
    repeated_lines,
    scattered,
    typed,
)
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import location, parquet_source
from hanmill.schemas.recipe import Recipe

_LISTED = "listed"


class Deduplicated(NamedTuple):
    """``shards`` know their verdicts; ``clusters`` holds one FoundClusters, there when all verdicts are written."""

    shards: PCollection[tuple[int, Shard]]
    clusters: PCollection[FoundClusters]


@dataclass(frozen=True, slots=True)
class DedupPlan:
    """The task that a local build ends deduplication with, by which its outcome is found again; ``grouping`` is None
    where that is there already."""

    task: Task
    grouping: Grouping | None


@dataclass(frozen=True, slots=True)
class ShardSum:
    """Documents of some shards, and the sum of the shards' addresses."""

    documents: int
    keys: str


class SumShards(beam.CombineFn):
    """Adds up shards, whatever their order."""

    def __init__(self, modulus: int = SUM_MODULUS) -> None:
        self._modulus = modulus

    def create_accumulator(self) -> ShardSum:
        """No shard yet."""
        return ShardSum(0, "0")

    def add_input(self, accumulator: ShardSum, element: ShardSum) -> ShardSum:
        """Both."""
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators: Iterable[ShardSum]) -> ShardSum:
        """All of them."""
        documents = keys = 0
        for one in accumulators:
            documents += one.documents
            keys += int(one.keys)
        return ShardSum(documents, str(keys % self._modulus))

    def extract_output(self, accumulator: ShardSum) -> ShardSum:
        """The sum."""
        return accumulator


def sum_of(element: tuple[int, Shard]) -> ShardSum:
    """A shard as SumShards takes it."""
    number, shard = element
    return ShardSum(shard.documents, str(sum_of_keys([(number, shard.task.key)])))


class DeduplicateShards(beam.PTransform[PCollection[tuple[int, Shard]], Deduplicated]):
    """Shards by their numbers, with the verdicts on their documents as the recipe wants them."""

    def __init__(self, recipe: Recipe, output: str) -> None:
        super().__init__()
        self._recipe = recipe
        self._output = output

    def expand(self, shards: PCollection[tuple[int, Shard]]) -> Deduplicated:
        """Wires signatures to links, components and verdicts."""
        settings = self._recipe.deduplicate
        plan = (
            shards
            | "Sum" >> beam.Map(sum_of)
            | "All" >> beam.CombineGlobally(SumShards())
            | "Plan" >> beam.Map(plan_deduplication, self._recipe, self._output)
        )
        grouping = AsSingleton(plan | "Grouping" >> beam.Map(_grouping))
        found = scattered(shards, _ScatterShards(), grouping)
        keyed = {name: found[name] for name in (ROWS_OF_KEYS, SIGNED_DOCUMENTS)}
        linked = keyed | "Link" >> RunSteps(LINK_STEPS, grouping)
        both = {name: (found[name], linked[name]) | f"All{name}" >> beam.Flatten() for name in (EDGES, NODES_OF_LINKS)}
        judged = both | "Components" >> RunSteps([*component_steps(), *LABEL_STEPS], grouping)
        stored = plan | "Stored" >> beam.FlatMap(stored_verdicts).with_output_types(tuple[int, Verdict])
        written = (
            {"shard": shards, "rows": judged[VERDICTS], "stored": stored}
            | "ByShard" >> beam.CoGroupByKey()
            | "Verdicts" >> beam.FlatMap(write_shard_verdict).with_outputs(_LISTED, main="shards")
        )
        with_verdicts = typed(written["shards"], tuple[int, Shard])
        listed = typed(written[_LISTED], tuple[int, tuple[int, Verdict]])
        outcomes = {
            "plan": plan | "PlanOf" >> beam.Map(in_one_place).with_output_types(tuple[int, DedupPlan]),
            _LISTED: listed,
            CLUSTER_SIZES: judged[CLUSTER_SIZES],
        }
        if settings.counts_repeats:
            outcomes[COUNTED_LINES] = (
                found[COUNTED_LINES]
                | "ByLine" >> beam.GroupByKey()
                | "Repeated" >> beam.FlatMap(repeated_lines, settings).with_output_types(pa.RecordBatch)
                | "OneFile" >> beam.Map(in_one_place).with_output_types(tuple[int, pa.RecordBatch])
            )
        clusters = outcomes | "Outcomes" >> beam.CoGroupByKey() | "List" >> beam.Map(list_verdicts)
        return Deduplicated(with_verdicts, clusters)


def plan_deduplication(total: ShardSum, recipe: Recipe, output: str) -> DedupPlan:
    """Whether there is anything to do, and by how many groups."""
    lines = recipe.deduplicate.counts_repeats
    task = cluster_task(int(total.keys), deduplicate_ingredients(recipe), location(output), lines=lines)
    groups = partition_count(total.documents), node_groups(total.documents)
    return DedupPlan(task, None if task.is_done else Grouping(recipe.deduplicate, *groups))


def _grouping(plan: DedupPlan) -> Grouping | None:
    return plan.grouping


class _ScatterShards(Scatter):
    def signatures(self, element: tuple[int, Shard]) -> tuple[pa.Table, int]:
        number, shard = element
        return pq.read_table(parquet_source(shard.task.writing("signatures")), schema=SIGNATURES), number << ROW_BITS


def stored_verdicts(plan: DedupPlan) -> Iterator[tuple[int, Verdict]]:
    """Verdicts that are there from an earlier run."""
    if plan.grouping is None:
        yield from read_digests(plan.task.writing(DIGESTS)).by_shard.items()


def write_shard_verdict(
    element: tuple[int, Mapping[str, Iterable[Any]]],
) -> Iterator[tuple[int, Shard] | TaggedOutput[str, tuple[int, tuple[int, Verdict]]]]:
    """Writes the verdict of one shard where it has one."""
    number, found = element
    rows, stored = list(found["rows"]), list(found["stored"])
    for shard in found["shard"]:
        if rows:
            verdict = write_verdict(shard.task.writing("documents"), pa.Table.from_batches(rows, CLUSTERED))
            yield TaggedOutput(_LISTED, (0, (number, verdict)))
            yield number, replace(shard, verdict=verdict)
        else:
            yield number, replace(shard, verdict=stored[0] if stored else None)


def list_verdicts(element: tuple[int, Mapping[str, Iterable[Any]]]) -> FoundClusters:
    """Writes the list of verdicts, and repeated lines and passages, unless they are there."""
    found = element[1]
    (plan,) = found["plan"]
    task: Task = plan.task
    repeated = dict(task.writes).get("repeated")
    # Asked again: an engine that does lost work anew may come here when the list is there.
    if plan.grouping is not None and not task.is_done:
        if repeated:
            lines = pa.Table.from_batches(list(found[COUNTED_LINES]), LINES)
            write_repeats(location(repeated), lines, plan.grouping.settings)
        sizes: Counter[int] = Counter()
        for batch in found[CLUSTER_SIZES]:
            for size, clusters in zip(batch["size"].to_pylist(), batch["clusters"].to_pylist(), strict=True):
                sizes[size] += clusters
        write_digests(task.writing(DIGESTS), dict(found[_LISTED]), sizes)
    sizes = read_digests(task.writing(DIGESTS)).sizes
    return FoundClusters((repeated, file_sha256(location(repeated))) if repeated else None, sizes, task)
