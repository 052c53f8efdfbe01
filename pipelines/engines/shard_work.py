"""What a Beam worker does with one shard: the jobs of a build, each shard left behind under its content address.

A shard that is there is not made again, so a bundle may be tried again, or run twice at once. Counters mirror the
accounting for whoever watches the job; the accounting itself is taken from the shards.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import apache_beam as beam
from apache_beam.metrics.metric import Metrics

from hanmill.pipelines.build import tasks as make
from hanmill.pipelines.build.annotate import AnnotateJob
from hanmill.pipelines.build.content_address import key
from hanmill.pipelines.build.count import CountJob
from hanmill.pipelines.build.dependencies import annotate_ingredients, count_ingredients, words_ingredients
from hanmill.pipelines.build.ingest import IngestJob
from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.build.stored_tables import read_tables
from hanmill.pipelines.build.summary import FinishedSplit, read_split
from hanmill.pipelines.build.verdict_files import Verdict
from hanmill.pipelines.build.words import WordsJob
from hanmill.pipelines.corpus.shards import read_footer
from hanmill.pipelines.engines.worker_check import check_versions, worker_versions
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.pipelines.transforms.read import COUNTERS
from hanmill.schemas.location import Location, location, open_parquet
from hanmill.schemas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Shard:
    """A split that has been ingested: its task, the documents kept, and the verdict on them where there is one."""

    task: Task
    documents: int
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class FoundClusters:
    """What every later step must know of deduplication: the file of lines to remove with its hash, where lines are
    removed, clusters by size, and the file that lists all verdicts."""

    repeated: tuple[str, str] | None
    sizes: Counter[int]
    task: Task

    @property
    def lines(self) -> tuple[Location, str] | None:
        """The file of lines to remove, with its hash."""
        return (location(self.repeated[0]), self.repeated[1]) if self.repeated else None


class ShardWork(beam.DoFn):
    """Does tasks of a job. Only a worker with the code and libraries of the launcher (``versions``, empty for this very
    process) does any."""

    def __init__(self, versions: Mapping[str, str]) -> None:
        self._versions = dict(versions)
        self._opened: tuple[Job, Callable[[Task], None]] | None = None

    def setup(self) -> None:
        """Raises WorkerMismatchError."""
        if self._versions:
            check_versions(self._versions, worker_versions(), platform.node())

    def do(self, job: Job, task: Task) -> None:
        """Does a task that is not done."""
        if task.is_done:
            return
        if self._opened is None or self._opened[0] != job:
            self._opened = None
            self._opened = (job, job.open())
        self._opened[1](task)


class IngestSplit(ShardWork):
    """Planned splits into shards; ``common`` is the key of each source's ingredients."""

    def __init__(self, recipe: Recipe, output: str, common: Mapping[str, str], versions: Mapping[str, str]) -> None:
        super().__init__(versions)
        self._job = IngestJob(recipe)
        self._output = output
        self._common = dict(common)

    def process(self, element: tuple[int, PlannedSplit]) -> Iterator[tuple[int, Shard]]:
        """One shard, under the number of its split."""
        number, planned = element
        address = make.ingest_address(planned, self._common[planned.split.source])
        task = make.ingest_task(planned, number, address, location(self._output))
        self.do(self._job, task)
        account = read_footer(task.writing("documents"))["accounting"]
        counted = {"read": account["read"], "masked": sum(account.get("masked", {}).values())}
        for outcome in ("dropped", "failed"):
            counted |= {f"{outcome}/{rule}": count for rule, count in account[outcome].items()}
        count_up(counted)
        yield number, Shard(task, open_parquet(task.writing("signatures")).metadata.num_rows)


class CountShard(ShardWork):
    """Counts of the characters of shards, or of their words where ``words`` says so."""

    def __init__(self, recipe: Recipe, versions: Mapping[str, str], *, words: bool) -> None:
        super().__init__(versions)
        self._recipe = recipe
        self._words = words

    def process(self, element: tuple[int, Shard], clusters: FoundClusters) -> Iterator[tuple[int, Task]]:
        """The task, done, under the number of its split."""
        number, shard = element
        task = (words_task if self._words else count_task)(self._recipe, shard, clusters)
        self.do(WordsJob(self._recipe) if self._words else CountJob(), task)
        yield number, task


class AnnotateShard(ShardWork):
    """Training rows of shards; yields what each split has come to."""

    def __init__(self, recipe: Recipe, output: str, versions: Mapping[str, str]) -> None:
        super().__init__(versions)
        self._recipe = recipe
        self._output = output

    def process(
        self, element: tuple[int, Shard], clusters: FoundClusters, listing: str
    ) -> Iterator[tuple[int, FinishedSplit]]:
        """The split, under its number."""
        number, shard = element
        counted = count_task(self._recipe, shard, clusters)
        words = words_task(self._recipe, shard, clusters) if self._recipe.vocabulary.words else None
        common = _annotate_key(self._recipe, listing)
        kinds = ("validation", "train")
        task = make.shard_task("annotate", shard.task, shard.verdict, clusters.lines, common, kinds, words)
        self.do(AnnotateJob(self._recipe, listing), task)
        split = read_split(location(self._output), task, (counted,))
        left_out = read_footer(task.writing("train"))["left_out"]
        count_up({"kept": split.accounting.kept, "characters": split.measures["characters"]})
        count_up({f"dropped/{rule}": count for rule, count in left_out.items()})
        yield number, split


def count_task(recipe: Recipe, shard: Shard, clusters: FoundClusters) -> Task:
    """The task of counting a shard's characters."""
    common = key(count_ingredients())
    return make.shard_task("count", shard.task, shard.verdict, clusters.lines, common, ["counts"])


def words_task(recipe: Recipe, shard: Shard, clusters: FoundClusters) -> Task:
    """The task of cutting a shard into words."""
    kinds = ("word_counts", "words")
    return make.shard_task("words", shard.task, shard.verdict, clusters.lines, _words_key(recipe), kinds)


def count_up(counts: Mapping[str, Any]) -> None:
    """Adds to Beam's counters."""
    for name, count in counts.items():
        if count:
            Metrics.counter(COUNTERS, name).inc(count)


@lru_cache(maxsize=8)
def _words_key(recipe: Recipe) -> str:
    return key(words_ingredients(recipe))


@lru_cache(maxsize=8)
def _annotate_key(recipe: Recipe, listing: str) -> str:
    return key(annotate_ingredients(recipe, read_tables(location(listing)).files))
