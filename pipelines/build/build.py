"""A build that is led from here: the stages one after the other, on local processes or a Beam runner.

Every stage reads files and writes files under content addresses, so that a build that was killed goes on where
it stood, and a changed setting re-runs only the stages it touches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.glyphs.bitmaps import open_faces
from hanmill.pipelines.annotate.pinyin.context import pinyin_annotator
from hanmill.pipelines.build.finish import finish, remove_scratch, sweep
from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.build.plan import PLAN_NAME, Plan, plan_inputs
from hanmill.pipelines.build.stages import BuildState, Stage
from hanmill.pipelines.build.times import StageTime, Usage, add_time
from hanmill.pipelines.clean.rules import open_models
from hanmill.pipelines.corpus.atomic import TEMPORARY, remove_temporary, write_files, write_text
from hanmill.pipelines.corpus.lock import LOCK_NAME, locked
from hanmill.pipelines.dedup.evaluation import EvaluationItems
from hanmill.pipelines.sources.commoncrawl.robots import read_robots
from hanmill.pipelines.vocabulary.characters import read_vocabulary, variant_graph
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, ObjectPath, location
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import dump_recipe
from hanmill.schemas.shard_list import to_parquet

RECIPE_NAME = "recipe.yaml"
#: What a changed outcome of a part makes stale though its address may stay.
_WITH = {"vocabulary": ("vocabulary", "tables")}

#: Shows a stage's progress while its tasks run: given the stage's name and its tasks.
Progress = Callable[[str, Sequence[Task]], AbstractContextManager[None]]


class Runner(Protocol):
    """Runs a job on tasks; returns when every task's shards exist, raises otherwise."""

    def run(self, job: Job, tasks: Sequence[Task]) -> Usage:
        """Runs a job on every task and says what that took."""


class Engine(Protocol):
    """Makes a runner for one build."""

    def open(self) -> AbstractContextManager[Runner]:
        """The runner; whatever it started ends with the block."""


class OutputError(HanmillError, ValueError):
    """An output folder that belongs to something else."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build: what goes in, where it goes, what runs it; shards of the parts in ``force`` are made again."""

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
        plan = plan_inputs(self.inputs, self.recipe.sources, hashes)
        with locked(self.output), self.engine.open() as runner:
            remove_temporary(self.output)
            write_plan(self.recipe, plan, hashes, self.output)
            state = BuildState(self.recipe, plan, self.output)
            before = ""
            for stage in state.stages:
                if stage.part != before:
                    self._forget(state, stage.part)
                self._run(runner, state, stage)
                before = stage.part
            remove_scratch(self.output)
            manifest = finish(state)
            sweep(self.output, manifest)
            return manifest

    def _run(self, runner: Runner, state: BuildState, stage: Stage) -> None:
        left = state.left(stage)
        if (stage.for_stage and not left) or not state.tasks(stage.name):
            return
        job, tasks = stage.job(state), state.tasks(stage.name)
        with self.progress(job.name, tasks):
            if left:
                started = time.monotonic()
                usage = runner.run(job, left)
                seconds = time.monotonic() - started
                add_time(self.output, StageTime.of(stage.name, len(tasks), len(left), seconds, usage))
        state.remove_spent(stage)

    def _forget(self, state: BuildState, part: str) -> None:
        """Removes the shards of a part that is to be made again."""
        if not any(part in _WITH.get(forced, (forced,)) for forced in self.force):
            return
        for stage in state.stages:
            for task in state.tasks(stage.name) if stage.part == part else ():
                for _, path in task.writes:
                    location(path).unlink(missing_ok=True)


def check_build(recipe: Recipe, output: Location) -> None:
    """Raises, each in its own way, where the output belongs to something else or a resource of the recipe is wrong."""
    check_output(output, recipe)
    check_recipe(recipe)


def check_recipe(recipe: Recipe) -> None:
    """Raises, each in its own way, where a rule, a file or a model of the recipe is wrong."""
    open_models(recipe.clean.rules)
    variant_graph(recipe.unihan)
    if recipe.vocabulary.characters:
        read_vocabulary(Path(recipe.vocabulary.characters))
    open_faces(recipe.glyphs.styles)
    if recipe.segment.chinese == "ltp" or recipe.segment.chinese_model:
        ChineseSegmenter(recipe.segment)
    if recipe.readings.pinyin and recipe.readings.chinese == "context":
        pinyin_annotator(recipe.readings)
    if recipe.sources.commoncrawl.robots:
        read_robots(recipe.sources.commoncrawl.robots, recipe.sources.commoncrawl.robots_agents)
    wanted = recipe.clean.decontaminate
    EvaluationItems(wanted.files, wanted.ngram, wanted.share)


def write_plan(recipe: Recipe, plan: Plan, hashes: InputHashes, output: Location) -> None:
    """Writes what every later step goes by."""
    write_text(output / RECIPE_NAME, dump_recipe(recipe))
    write_files(output, {PLAN_NAME: to_parquet(plan.table)})
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
