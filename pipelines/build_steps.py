"""The steps of a build: what each of them runs, by what stands on disk when it is asked."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipelines import content_address as address
from pipelines.dedup.exchange import partition_count
from pipelines.finish.corpus import finish
from pipelines.jobs import tasks as stage
from pipelines.jobs.annotate import AnnotateJob
from pipelines.jobs.count import CountJob
from pipelines.jobs.deduplicate import ClusterJob, GatherJob, ScatterJob
from pipelines.jobs.dependencies import (
    annotate_ingredients,
    count_ingredients,
    deduplicate_ingredients,
    ingest_ingredients,
    tables_ingredients,
)
from pipelines.jobs.ingest import IngestJob
from pipelines.jobs.job import Job, Task
from pipelines.sources.plan import Plan
from pipelines.stage_record import note_stage
from pipelines.vocabulary.tables import Tables, build_tables, read_tables
from schemas.location import Location, ObjectPath, location
from schemas.manifest import MANIFEST_NAME, Manifest
from schemas.recipe import Recipe

#: The steps in order, by their names in BuildSteps.
STEPS = ("ingest", "scatter", "gather", "cluster", "count", "annotate")
#: Folders that are needed only until the clusters are found.
_EXCHANGE = ("exchange", "lines", "repeated", "links")


@dataclass(frozen=True, slots=True)
class Step:
    """A job and all its tasks, done or not. ``stage`` is what ``--force`` and the record of stages call it."""

    stage: str
    job: Job
    tasks: tuple[Task, ...]
    made_from: address.Ingredients


@dataclass(frozen=True)
class BuildSteps:
    """One build. A step may be asked for when all those before it have been run."""

    recipe: Recipe
    plan: Plan
    output: Location

    @cached_property
    def ingest(self) -> Step:
        """One task a split."""
        made_from = ingest_ingredients(self.recipe)
        tasks = stage.ingest_tasks(self.plan, made_from, self.output)
        return Step("ingest", IngestJob(self.recipe), tuple(tasks), made_from)

    @cached_property
    def scatter(self) -> Step:
        """Signatures cut into partitions."""
        lines = self.recipe.deduplicate.lines > 0
        made_from = deduplicate_ingredients(self.recipe)
        tasks = stage.scatter_tasks(self.ingest.tasks, self._sizes, made_from, self.output, lines=lines)
        return Step("deduplicate", ScatterJob(self._partitions, lines), tuple(tasks), made_from)

    @cached_property
    def gather(self) -> Step:
        """One task a partition."""
        made_from = deduplicate_ingredients(self.recipe)
        tasks = stage.gather_tasks(self.scatter.tasks, self._partitions, made_from, self.output)
        return Step("deduplicate", GatherJob(self.recipe.deduplicate), tuple(tasks), made_from)

    @cached_property
    def cluster(self) -> Step:
        """The one task that needs all links."""
        made_from = deduplicate_ingredients(self.recipe)
        task = stage.cluster_task(self.gather.tasks, made_from, self.output)
        return Step("deduplicate", ClusterJob(self.recipe.deduplicate), (task,), made_from)

    @cached_property
    def clusters(self) -> stage.Clusters:
        """What ``cluster`` found, by shard."""
        return stage.Clusters.read(self.cluster.tasks[0])

    @cached_property
    def count(self) -> Step:
        """Characters, and words where the recipe wants them, of every shard of documents."""
        made_from = count_ingredients(self.recipe)
        words = self.recipe.vocabulary.words > 0
        tasks = stage.count_tasks(self.ingest.tasks, self.clusters, made_from, self.output, words=words)
        return Step("vocabulary", CountJob(self.recipe), tuple(tasks), made_from)

    @cached_property
    def tables(self) -> Tables:
        """The tables of all counts, made where they are not there. The one step done where it is asked for."""
        made_from = tables_ingredients(self.recipe)
        note_stage(self.output, "tables", made_from)
        key = tables_key(self.count.tasks, made_from)
        if read_tables(self.output, key) is None:
            # From here on the tables are another corpus's: a manifest never stands beside files it does not mean.
            (self.output / MANIFEST_NAME).unlink(missing_ok=True)
        counts = [task.writing("counts") for task in self.count.tasks]
        words = [location(path) for task in self.count.tasks for kind, path in task.writes if kind == "word_counts"]
        return build_tables(self.output, key, counts, words, self.recipe)

    @cached_property
    def annotate(self) -> Step:
        """Rows of training, a shard for every shard of documents."""
        made_from = annotate_ingredients(self.recipe, self.tables.files)
        tasks = stage.annotate_tasks(self.ingest.tasks, self.clusters, made_from, self.output)
        return Step("annotate", AnnotateJob(self.recipe, str(self.output / "tables")), tuple(tasks), made_from)

    def finish(self) -> Manifest:
        """Sums up and writes the manifest, or refuses to."""
        earlier = [*self.ingest.tasks, *self.cluster.tasks, *self.count.tasks]
        return finish(self.output, self.recipe, self.plan, self.annotate.tasks, self.tables, earlier)

    def begin(self, name: str) -> Step:
        """The step of this name in STEPS, what it is made from noted down, what only those before it read removed."""
        if name == "count":
            self._remove_exchange()
        step: Step = getattr(self, name)
        note_stage(self.output, step.stage, step.made_from)
        return step

    def is_settled(self, name: str) -> bool:
        """Whether a step is one of those that find the clusters, and they are found."""
        return name in ("scatter", "gather", "cluster") and self.cluster.tasks[0].is_done

    def _remove_exchange(self) -> None:
        for name in _EXCHANGE:
            folder = self.output / name
            if isinstance(folder, ObjectPath):
                folder.remove_folder()
            else:
                shutil.rmtree(folder, ignore_errors=True)

    @cached_property
    def _sizes(self) -> list[int]:
        return stage.signature_counts(self.ingest.tasks)

    @property
    def _partitions(self) -> int:
        return partition_count(sum(self._sizes))


def tables_key(count: Sequence[Task], made_from: address.Ingredients) -> str:
    """The content address of the tables made from these counts."""
    return address.key("tables", sorted(task.key for task in count), made_from)
