"""A build, stage by stage: plan, ingest, deduplicate, vocabulary, annotate, finish.

Every stage reads files and writes files under content addresses, so that a build that was killed goes on where
it stood, and a changed setting re-runs only the stages it touches.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipelines import content_address as address
from pipelines.annotate.chinese import find_weights, load_weights
from pipelines.annotate.pinyin_context import pinyin_annotator
from pipelines.clean.rules import check_rules
from pipelines.dedup.evaluation import EvaluationItems
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
from pipelines.sources.plan import Plan, plan_inputs
from pipelines.stage_record import note_stage
from pipelines.stages.engine import Engine, Runner
from pipelines.storage.atomic import TEMPORARY, remove_temporary, write_text
from pipelines.storage.lock import LOCK_NAME, locked
from pipelines.vocabulary.characters import variant_graph
from pipelines.vocabulary.tables import RECORD_NAME as TABLES_RECORD
from pipelines.vocabulary.tables import Tables, build_tables, read_tables
from schemas.manifest import MANIFEST_NAME, Manifest
from schemas.recipe import Recipe
from schemas.recipe_file import dump_recipe

RECIPE_NAME = "recipe.yaml"
#: Stages that ``--force`` can name.
STAGES = ("ingest", "deduplicate", "vocabulary", "annotate")
#: Folders that are needed only until the clusters are found.
_EXCHANGE = ("exchange", "lines", "repeated", "links")

#: Shows a stage's progress while its tasks run: given the stage's name and its tasks.
Progress = Callable[[str, Sequence[Task]], AbstractContextManager[None]]


class OutputError(ValueError):
    """An output folder that belongs to something else."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build: what goes in, where it goes, what runs it; shards of the stages in ``force`` are made again."""

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: Path
    engine: Engine
    progress: Progress
    force: frozenset[str] = frozenset()

    def run(self) -> Manifest:
        """Builds the corpus. Raises before anything is written where the inputs or the output are wrong."""
        check_output(self.output, self.recipe)
        check_rules(self.recipe.clean.rules)
        variant_graph(self.recipe.unihan)
        if self.recipe.segment.chinese == "ltp":
            load_weights(find_weights(self.recipe.segment.chinese_model))
        if self.recipe.readings.pinyin:
            pinyin_annotator(self.recipe.readings)
        made_from = ingest_ingredients(self.recipe)
        wanted = self.recipe.clean.decontaminate
        EvaluationItems(wanted.files, wanted.ngram, wanted.share)
        plan = plan_inputs(self.inputs, self.recipe.sources.split_bytes)
        with locked(self.output), self.engine.open() as runner:
            remove_temporary(self.output)
            write_text(self.output / RECIPE_NAME, dump_recipe(self.recipe))
            write_text(self.output / "plan.json", plan.to_json())
            ingest = self._ingest(runner, plan, made_from)
            return self._after_ingest(runner, plan, ingest)

    def _ingest(self, runner: Runner, plan: Plan, made_from: address.Ingredients) -> list[Task]:
        note_stage(self.output, "ingest", made_from)
        tasks = stage.ingest_tasks(plan, made_from, self.output)
        self._run(runner, "ingest", IngestJob(self.recipe), tasks)
        return tasks

    def _after_ingest(self, runner: Runner, plan: Plan, ingest: Sequence[Task]) -> Manifest:
        recipe, output = self.recipe, self.output
        cluster = self._deduplicate(runner, ingest)
        clusters = stage.Clusters.read(cluster)

        made_from = count_ingredients(recipe)
        note_stage(output, "vocabulary", made_from)
        count = stage.count_tasks(ingest, clusters, made_from, output, words=recipe.vocabulary.words > 0)
        self._run(runner, "vocabulary", CountJob(recipe), count)
        tables = self._build_tables(count)

        made_from = annotate_ingredients(recipe, tables.files)
        note_stage(output, "annotate", made_from)
        annotate = stage.annotate_tasks(ingest, clusters, made_from, output)
        self._run(runner, "annotate", AnnotateJob(recipe, str(output / "tables")), annotate)
        return finish(output, recipe, plan, annotate, tables, [*ingest, cluster, *count])

    def _run(self, runner: Runner, name: str, job: Job, tasks: Sequence[Task]) -> None:
        if name in self.force:
            for _, path in (pair for task in tasks for pair in task.writes):
                Path(path).unlink(missing_ok=True)
        with self.progress(job.name, tasks):
            left = [task for task in tasks if not task.is_done]
            if left:
                runner.run(job, left)

    def _deduplicate(self, runner: Runner, ingest: Sequence[Task]) -> Task:
        settings = self.recipe.deduplicate
        made_from = deduplicate_ingredients(self.recipe)
        note_stage(self.output, "deduplicate", made_from)
        sizes = stage.signature_counts(ingest)
        partitions = partition_count(sum(sizes))
        scatter = stage.scatter_tasks(ingest, sizes, made_from, self.output, lines=settings.lines > 0)
        gather = stage.gather_tasks(scatter, partitions, made_from, self.output)
        cluster = stage.cluster_task(gather, made_from, self.output)
        if "deduplicate" in self.force or not cluster.is_done:
            self._run(runner, "deduplicate", ScatterJob(partitions, settings.lines > 0), scatter)
            self._run(runner, "deduplicate", GatherJob(settings), gather)
            self._run(runner, "deduplicate", ClusterJob(settings), [cluster])
        for name in _EXCHANGE:
            shutil.rmtree(self.output / name, ignore_errors=True)
        return cluster

    def _build_tables(self, count: Sequence[Task]) -> Tables:
        made_from = tables_ingredients(self.recipe)
        note_stage(self.output, "tables", made_from)
        key = tables_key(count, made_from)
        if "vocabulary" in self.force:
            (self.output / TABLES_RECORD).unlink(missing_ok=True)
        if read_tables(self.output, key) is None:
            # From here on the tables are another corpus's: a manifest never stands beside files it does not mean.
            (self.output / MANIFEST_NAME).unlink(missing_ok=True)
        words = [path for task in count for kind, path in task.writes if kind == "word_counts"]
        return build_tables(
            self.output, key, [task.writing("counts") for task in count], [Path(path) for path in words], self.recipe
        )


def tables_key(count: Sequence[Task], made_from: address.Ingredients) -> str:
    """The content address of the tables made from these counts."""
    return address.key("tables", sorted(task.key for task in count), made_from)


def check_output(output: Path, recipe: Recipe) -> None:
    """Raises OutputError where ``output`` is no folder, another recipe's corpus, or holds files of someone else."""
    if output.exists() and not output.is_dir():
        raise OutputError(f"--output {output}: is a file, expected a folder")
    marker = output / RECIPE_NAME
    if marker.is_file():
        first = marker.read_text(encoding="utf-8").partition("\n")[0]
        if first != f"name: {recipe.name}":
            raise OutputError(f"--output {output}: holds a corpus of recipe {first!r}, not of 'name: {recipe.name}'")
    elif output.is_dir() and {path.name for path in output.iterdir()} - {LOCK_NAME, TEMPORARY}:
        raise OutputError(f"--output {output}: is not empty and holds no {RECIPE_NAME}: not a corpus of hanmill")
