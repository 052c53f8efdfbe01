"""A build, stage by stage: plan, ingest, deduplicate, vocabulary, annotate, finish.

Every stage reads files and writes files under content addresses, so that a build that was killed goes on where
it stood, and a changed setting re-runs only the stages it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipelines.annotate.chinese import ChineseSegmenter
from pipelines.annotate.glyphs import open_faces
from pipelines.annotate.pinyin_context import pinyin_annotator
from pipelines.build_steps import STEPS, BuildSteps, Step
from pipelines.clean.rules import check_rules
from pipelines.dedup.evaluation import EvaluationItems
from pipelines.jobs.job import Task, unfinished
from pipelines.sources.input_hashes import InputHashes
from pipelines.sources.plan import Plan, plan_inputs
from pipelines.stages.engine import Engine, Runner
from pipelines.storage.atomic import TEMPORARY, remove_temporary, write_text
from pipelines.storage.lock import LOCK_NAME, locked
from pipelines.vocabulary.characters import read_vocabulary, variant_graph
from pipelines.vocabulary.tables import RECORD_NAME as TABLES_RECORD
from schemas.location import Location, ObjectPath, location
from schemas.manifest import Manifest
from schemas.recipe import Recipe
from schemas.recipe_file import dump_recipe

RECIPE_NAME, PLAN_NAME = "recipe.yaml", "plan.json"
#: Stages that ``--force`` can name.
STAGES = ("ingest", "deduplicate", "vocabulary", "annotate")

#: Shows a stage's progress while its tasks run: given the stage's name and its tasks.
Progress = Callable[[str, Sequence[Task]], AbstractContextManager[None]]


class OutputError(ValueError):
    """An output folder that belongs to something else."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build: what goes in, where it goes, what runs it; shards of the stages in ``force`` are made again."""

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: Location
    engine: Engine
    progress: Progress
    force: frozenset[str] = frozenset()

    def run(self) -> Manifest:
        """Builds the corpus. Raises before anything is written where the inputs or the output are wrong."""
        check_build(self.recipe, self.output)
        hashes = InputHashes.read(self.output)
        plan = plan_inputs(self.inputs, self.recipe.sources.split_bytes, hashes, self.recipe.sources.commoncrawl.index)
        with locked(self.output), self.engine.open() as runner:
            remove_temporary(self.output)
            write_plan(self.recipe, plan, hashes, self.output)
            steps = BuildSteps(self.recipe, plan, self.output)
            for name in STEPS:
                if name == "annotate" and "vocabulary" in self.force:
                    (self.output / TABLES_RECORD).unlink(missing_ok=True)
                step = steps.begin(name)
                if step.stage in self.force or not steps.is_settled(name):
                    self._run(runner, step)
            return steps.finish()

    def _run(self, runner: Runner, step: Step) -> None:
        if step.stage in self.force:
            for _, path in (pair for task in step.tasks for pair in task.writes):
                location(path).unlink(missing_ok=True)
        with self.progress(step.job.name, step.tasks):
            left = unfinished(step.tasks)
            if left:
                runner.run(step.job, left)


def check_build(recipe: Recipe, output: Location) -> None:
    """Raises, each in its own way, where the output belongs to something else or a resource of the recipe is wrong."""
    check_output(output, recipe)
    check_rules(recipe.clean.rules)
    variant_graph(recipe.unihan)
    if recipe.vocabulary.characters:
        read_vocabulary(Path(recipe.vocabulary.characters))
    open_faces(recipe.glyphs.styles)
    if recipe.segment.chinese == "ltp" or recipe.segment.chinese_model:
        ChineseSegmenter(recipe.segment)
    if recipe.readings.pinyin and recipe.readings.chinese == "context":
        pinyin_annotator(recipe.readings)
    wanted = recipe.clean.decontaminate
    EvaluationItems(wanted.files, wanted.ngram, wanted.share)


def write_plan(recipe: Recipe, plan: Plan, hashes: InputHashes, output: Location) -> None:
    """Writes what every later step goes by."""
    write_text(output / RECIPE_NAME, dump_recipe(recipe))
    write_text(output / PLAN_NAME, plan.to_json())
    hashes.write(output)


def check_output(output: Location, recipe: Recipe) -> None:
    """Raises OutputError where ``output`` is no folder, another recipe's corpus, or holds files of someone else."""
    if output.exists() and not output.is_dir():
        raise OutputError(f"--output {output}: is a file, expected a folder")
    marker = output / RECIPE_NAME
    if marker.is_file():
        written = marker.read_bytes().decode("utf-8", "replace")
        found, expected = (text.partition("\n")[0] for text in (written, dump_recipe(recipe)))
        if found != expected:
            raise OutputError(f"--output {output}: holds a corpus of recipe {found!r}, not of {expected!r}")
    elif isinstance(output, ObjectPath):
        if not output.is_empty():
            raise OutputError(f"--output {output}: is not empty and holds no {RECIPE_NAME}: not a corpus of hanmill")
    elif output.is_dir() and {path.name for path in output.iterdir()} - {LOCK_NAME, TEMPORARY}:
        raise OutputError(f"--output {output}: is not empty and holds no {RECIPE_NAME}: not a corpus of hanmill")
