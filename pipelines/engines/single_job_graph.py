"""A whole build as one job graph, for an engine that is handed a template and starts it later.

It is the list of stages wired one behind the other. Between two stages stands a count of what the first has done: its
one value is there when all tasks are, and the tasks of the next stage are then found by what stands in the output. So
nothing but tasks crosses a shuffle, as in a build that is led from outside, and the bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.pvalue import PBegin, PCollection
from apache_beam.transforms.combiners import Count

from hanmill.pipelines.build.build import PLAN_NAME, check_output, write_plan
from hanmill.pipelines.build.finish import finish, remove_scratch, sweep
from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.build.plan import Plan, plan_inputs
from hanmill.pipelines.build.stages import STAGES, BuildState
from hanmill.pipelines.engines.do_task import DoTasks
from hanmill.pipelines.engines.worker_check import worker_versions
from hanmill.schemas.location import Location, location
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import Recipe


@dataclass
class BuildCorpus(beam.PTransform[PBegin, PCollection[int]]):
    """Plans, runs every stage and finishes; yields the number of documents kept.

    ``inputs`` are looked for when the job runs, not when its graph is made.
    """

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: str

    def expand(self, begin: PBegin) -> PCollection[int]:
        """Wires stages one behind the other."""
        build = _RunningBuild(self.recipe, self.inputs, self.output)
        versions = worker_versions()
        done = begin | "Start" >> beam.Create([0]) | "Plan" >> beam.Map(build.plan)
        for stage in STAGES:
            if not stage.wanted(self.recipe):
                continue
            title = stage.name.capitalize()
            done = (
                done
                | f"{title}Tasks" >> beam.FlatMap(build.tasks, stage.name)
                | f"Do{title}" >> DoTasks(title, versions)
                | f"{title}Done" >> Count.Globally()
            )
        finished = done | "Finish" >> beam.Map(build.finish) | "Committed" >> beam.Reshuffle()
        kept: PCollection[int] = finished | "Sweep" >> beam.Map(build.sweep)
        return kept


@dataclass(frozen=True, slots=True)
class _RunningBuild:
    """What a worker does for the build between its stages. All of it may be done again, or twice at once."""

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: str

    def plan(self, start: int) -> int:
        """Plans and writes the plan; returns the number of splits."""
        check_output(self._folder, self.recipe)
        hashes = InputHashes.read(self._folder)
        plan = plan_inputs(self.inputs, self.recipe.sources, hashes)
        write_plan(self.recipe, plan, hashes, self._folder)
        return len(plan.splits)

    def tasks(self, done: int, name: str) -> Iterator[tuple[Job, Task]]:
        """The tasks of a stage that are not done yet."""
        state = self._state()
        stage = next(stage for stage in state.stages if stage.name == name)
        if left := state.left(stage):
            job = stage.job(state)
            for task in left:
                yield job, task

    def finish(self, done: int) -> int:
        """Writes the manifest; returns the number of documents kept."""
        return finish(self._state()).accounting.kept

    def sweep(self, kept: int) -> int:
        """Removes what the manifest does not name."""
        remove_scratch(self._folder)
        sweep(self._folder, Manifest.load(self._folder))
        return kept

    def _state(self) -> BuildState:
        plan = Plan.from_json((self._folder / PLAN_NAME).read_text(encoding="utf-8"))
        return BuildState(self.recipe, plan, self._folder)

    @property
    def _folder(self) -> Location:
        return location(self.output)
