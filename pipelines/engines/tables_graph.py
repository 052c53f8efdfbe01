"""The tables of a build on Beam: counts of shards added up by CombinePerKey."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.pvalue import AsSingleton, PCollection

from hanmill.pipelines.build.content_address import sum_of_keys
from hanmill.pipelines.build.dependencies import tables_ingredients, vocabulary_ingredients
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.tables import write_tables
from hanmill.pipelines.build.tasks import tables_task
from hanmill.pipelines.dedup.partitions import partition_places
from hanmill.pipelines.engines.dedup_graph import ShardSum, SumShards
from hanmill.pipelines.engines.shard_work import CountShard, Shard
from hanmill.pipelines.transforms.count_vocabulary import AddCounts, commonest
from hanmill.pipelines.transforms.grouping import Part, in_one_place
from hanmill.pipelines.vocabulary.characters import CHARACTER_COUNTS, add_character_counts
from hanmill.pipelines.vocabulary.words import WORD_COUNTS, add_word_counts, word_keys
from hanmill.schemas.location import location, parquet_source
from hanmill.schemas.recipe import Recipe

#: Partitions of words: each is one array of counts on one worker, a hundredth of a language's vocabulary.
_WORD_PARTITIONS = 128


@dataclass(frozen=True, slots=True)
class TablesPlan:
    """The task that makes the tables, and whether it is done already."""

    task: Task
    done: bool


class MakeTables(beam.PTransform[PCollection[tuple[int, Shard]], PCollection[str]]):
    """Shards with their verdicts into the tables of the corpus; yields where the list of tables stands."""

    def __init__(self, recipe: Recipe, output: str, clusters: AsSingleton, versions: Mapping[str, str]) -> None:
        super().__init__()
        self._recipe = recipe
        self._output = output
        self._clusters = clusters
        self._versions = versions

    def expand(self, shards: PCollection[tuple[int, Shard]]) -> PCollection[str]:
        """Wires shards to counts to sums to tables."""
        recipe = self._recipe
        counted = {"characters": shards | "Characters" >> self._count(words=False)}
        if recipe.vocabulary.words:
            counted["words"] = shards | "Words" >> self._count(words=True)
        sums = [
            AsSingleton(tasks | f"{name}Key" >> beam.Map(_sum_of) | f"{name}Keys" >> beam.CombineGlobally(SumShards()))
            for name, tasks in counted.items()
        ]
        start = shards.pipeline | "Start" >> beam.Create([0], reshuffle=False)
        plan = start | "Plan" >> beam.Map(_plan, recipe, self._output, *sums)
        parts: dict[str, PCollection[Any]] = {
            "plan": plan | "PlanOf" >> beam.Map(in_one_place).with_output_types(tuple[int, TablesPlan]),
            "characters": counted["characters"]
            | "ReadCharacters" >> beam.FlatMap(_characters, AsSingleton(plan)).with_output_types(Part)
            | "AddCharacters" >> beam.CombinePerKey(AddCounts(CHARACTER_COUNTS, add_character_counts)),
        }
        if recipe.vocabulary.words:
            parts["words"] = (
                counted["words"]
                | "ReadWords" >> beam.FlatMap(_words, AsSingleton(plan)).with_output_types(Part)
                | "AddWords" >> beam.CombinePerKey(AddCounts(WORD_COUNTS, add_word_counts))
                | "Commonest" >> beam.Map(_commonest, recipe.vocabulary.words).with_output_types(Part)
            )
        listing: PCollection[str] = (
            parts | "Together" >> beam.CoGroupByKey() | "Tables" >> beam.Map(_tables, recipe).with_output_types(str)
        )
        return listing

    def _count(self, *, words: bool) -> beam.PTransform[Any, Any]:
        work = CountShard(self._recipe, self._versions, words=words)
        counting: beam.PTransform[Any, Any] = beam.ParDo(work, self._clusters).with_output_types(tuple[int, Task])
        return counting


def _sum_of(element: tuple[int, Task]) -> ShardSum:
    return ShardSum(0, str(sum_of_keys([(element[0], element[1].key)])))


def _plan(start: int, recipe: Recipe, output: str, counted: ShardSum, cut: ShardSum | None = None) -> TablesPlan:
    ingredients = (vocabulary_ingredients(recipe), tables_ingredients(recipe))
    task = tables_task(int(counted.keys), int(cut.keys) if cut else 0, ingredients, location(output))
    return TablesPlan(task, task.is_done)


def _characters(element: tuple[int, Task], plan: TablesPlan) -> Iterator[Part]:
    if not plan.done:
        path = parquet_source(element[1].writing("counts"))
        yield from ((0, batch) for batch in pq.read_table(path, schema=CHARACTER_COUNTS).combine_chunks().to_batches())


def _words(element: tuple[int, Task], plan: TablesPlan) -> Iterator[Part]:
    if not plan.done:
        table = pq.read_table(parquet_source(element[1].writing("word_counts")), schema=WORD_COUNTS)
        for number, places in enumerate(partition_places(word_keys(table), _WORD_PARTITIONS)):
            for batch in table.take(pa.array(places)).combine_chunks().to_batches():
                yield number, batch


def _commonest(part: Part, size: int) -> Part:
    return 0, commonest(part, size)


def _tables(element: tuple[int, Mapping[str, Iterable[Any]]], recipe: Recipe) -> str:
    """Makes the tables unless they are there; where they are listed."""
    found = element[1]
    (plan,) = found["plan"]
    # Asked again: an engine that does lost work anew may come here when the tables are there.
    if not plan.task.is_done:
        characters = pa.Table.from_batches(list(found["characters"]), CHARACTER_COUNTS)
        words = pa.Table.from_batches(list(found.get("words", ())), WORD_COUNTS)
        write_tables(plan.task, characters, words, recipe)
    return str(plan.task.writing("tables"))
