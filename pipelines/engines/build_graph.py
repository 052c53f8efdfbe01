"""A whole build as one Beam pipeline: hashing, ingest, deduplication, counts, annotation and the finish.

Shards are written under their content addresses by whoever has read their split, and no text is shuffled: what Beam
groups are hashes, links, verdicts, counts and summaries. A step waits for another where it needs an outcome of all of
its shards, as a side input or a group; where an outcome is there from an earlier run, nothing is grouped to find it
again. The bytes are those of local processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.pvalue import AsSingleton, PBegin, PCollection

from hanmill.pipelines.build.build import check_output
from hanmill.pipelines.build.content_address import key
from hanmill.pipelines.build.dependencies import ingest_ingredients
from hanmill.pipelines.build.plan import FoundFiles, PlannedFiles, found_files
from hanmill.pipelines.build.summary import SPLITS_PER_BLOCK, Block, FinishedSplit, block_of
from hanmill.pipelines.engines.dedup_graph import DeduplicateShards
from hanmill.pipelines.engines.finish_graph import finish_build, sweep_build
from hanmill.pipelines.engines.plan_graph import INPUTS, SPLITS, FoundInputs, PlanFiles, number_splits, splits_of
from hanmill.pipelines.engines.shard_work import AnnotateShard, IngestSplit, Shard
from hanmill.pipelines.engines.tables_graph import MakeTables
from hanmill.pipelines.engines.worker_check import worker_versions
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.pipelines.transforms.grouping import in_one_place, typed
from hanmill.schemas.location import location
from hanmill.schemas.recipe import Recipe


@dataclass
class BuildCorpus(beam.PTransform[PBegin, PCollection[int]]):
    """Builds a corpus in ``output``; yields the number of documents kept.

    ``inputs`` are pairs of source name and glob, looked for when the pipeline runs, not when its graph is made. Workers
    must have the launcher's code and libraries, unless they are this very process (``in_process``).
    """

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: str
    in_process: bool = False

    def expand(self, begin: PBegin) -> PCollection[int]:
        """Wires the parts of a build."""
        recipe, output = self.recipe, self.output
        versions = {} if self.in_process else worker_versions()
        start = begin | "Start" >> beam.Create([0], reshuffle=False)
        planned = start | "Plan" >> _Plan(recipe, self.inputs, output)
        common = {name: key(ingest_ingredients(recipe, [name])) for name in sorted({name for name, _ in self.inputs})}
        ingest = beam.ParDo(IngestSplit(recipe, output, common, versions)).with_output_types(tuple[int, Shard])
        ingested = planned[SPLITS] | "Ingest" >> ingest
        found = ingested | "Deduplicate" >> DeduplicateShards(recipe, output)
        clusters = AsSingleton(found.clusters)
        tables = found.shards | "Vocabulary" >> MakeTables(recipe, output, clusters, versions)
        annotate = beam.ParDo(AnnotateShard(recipe, output, versions), clusters, AsSingleton(tables))
        blocks = (
            found.shards
            | "Annotate" >> annotate.with_output_types(tuple[int, FinishedSplit])
            | "ByBlock" >> beam.Map(_by_block).with_output_types(tuple[int, tuple[int, FinishedSplit]])
            | "Blocks" >> beam.GroupByKey()
            | "Sum" >> beam.Map(_sum_block)
        )
        parts = {
            "inputs": planned[INPUTS],
            "clusters": found.clusters | "Clusters" >> beam.Map(in_one_place),
            "tables": tables | "Tables" >> beam.Map(in_one_place),
            "blocks": blocks,
        }
        for collection in parts.values():
            typed(collection, tuple[int, object])
        kept: PCollection[int] = (
            parts
            | "Summaries" >> beam.CoGroupByKey()
            | "Finish" >> beam.Map(finish_build, recipe, output).with_output_types(int)
            | "Committed" >> beam.Reshuffle()
            | "Sweep" >> beam.Map(sweep_build, output).with_output_types(int)
        )
        return kept


class _Plan(beam.PTransform[PCollection[int], dict[str, PCollection[tuple[int, object]]]]):
    """Inputs found, hashed and cut into numbered splits."""

    def __init__(self, recipe: Recipe, inputs: tuple[tuple[str, str], ...], output: str) -> None:
        super().__init__()
        self._recipe = recipe
        self._inputs = inputs
        self._output = output

    def expand(self, start: PCollection[int]) -> dict[str, PCollection[tuple[int, object]]]:
        planned = (
            start
            | "Find" >> beam.FlatMap(_found, self._recipe, self._inputs, self._output)
            | "SpreadFiles" >> beam.Reshuffle()
            | "Hash"
            >> beam.ParDo(PlanFiles(self._recipe.sources, self._output)).with_output_types(
                tuple[int, tuple[int, PlannedFiles]]
            )
        )
        # Without an input there is still a plan to write, and then a corpus of nothing.
        begun = typed(start | "Begun" >> beam.Map(in_one_place), tuple[int, int])
        numbered = (
            {"files": planned, "begun": begun}
            | "InOrder" >> beam.CoGroupByKey()
            | "Number" >> beam.FlatMap(number_splits, self._recipe, self._output).with_outputs(INPUTS, main="files")
        )
        inputs = typed(numbered[INPUTS], tuple[int, FoundInputs])
        splits = (
            numbered["files"]
            | "SpreadNumbered" >> beam.Reshuffle()
            | "Splits" >> beam.FlatMap(splits_of).with_output_types(tuple[int, PlannedSplit])
            | "SpreadSplits" >> beam.Reshuffle()
        )
        return {SPLITS: splits, INPUTS: inputs}


def _found(
    start: int, recipe: Recipe, inputs: tuple[tuple[str, str], ...], output: str
) -> Iterator[tuple[int, FoundFiles]]:
    """Files in the order of the plan. Raises what a build would refuse with."""
    check_output(location(output), recipe)
    yield from enumerate(found_files(inputs))


def _by_block(element: tuple[int, FinishedSplit]) -> tuple[int, tuple[int, FinishedSplit]]:
    return element[0] // SPLITS_PER_BLOCK, element


def _sum_block(element: tuple[int, Iterable[tuple[int, FinishedSplit]]]) -> tuple[int, Block]:
    splits = sorted((split for _, split in element[1]), key=lambda split: split.number)
    return in_one_place(block_of(splits))
