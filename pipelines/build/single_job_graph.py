"""A whole build as one job graph, for an engine that is handed a template and starts it later.

Between two steps stands a count of what the first has done: its one value is there when all tasks are, and the tasks
of the next step are then found by what stands in the output. So nothing but tasks crosses a shuffle, as in a build that
is led from outside, and the bytes are the same.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import apache_beam as beam

from hanmill.pipelines.build.build import PLAN_NAME, check_output, write_plan
from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.build.job import Job, Task, unfinished
from hanmill.pipelines.build.plan import Plan, plan_inputs
from hanmill.pipelines.build.stages import STEPS, BuildSteps
from hanmill.pipelines.engines.worker_check import check_versions, worker_versions
from hanmill.schemas.location import Location, location
from hanmill.schemas.recipe import Recipe


@dataclass
class WholeBuild(beam.PTransform):
    """Plans, runs every step and finishes; yields the number of documents kept.

    ``inputs`` are looked for when the job runs, not when its graph is made.
    """

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: str

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection:
        """Wires steps one behind the other."""
        build = _RunningBuild(self.recipe, self.inputs, self.output)
        versions = worker_versions(BuildSteps.__module__)
        done = begin | "Start" >> beam.Create([0]) | "Plan" >> beam.Map(build.plan)
        for name in STEPS:
            title = name.capitalize()
            done = (
                done
                | f"{title}Tasks" >> beam.FlatMap(build.tasks, name)
                | f"{title}Spread" >> beam.Reshuffle()
                | title >> beam.ParDo(DoTask(versions))
                | f"{title}Done" >> beam.combiners.Count.Globally()
            )
        return done | "Finish" >> beam.Map(build.finish)


@dataclass(frozen=True, slots=True)
class _RunningBuild:
    """What a worker does for the build between its steps."""

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: str

    def plan(self, start: int) -> int:
        """Plans and writes the plan; returns the number of splits."""
        check_output(self._folder, self.recipe)
        hashes = InputHashes.read(self._folder)
        plan = plan_inputs(self.inputs, self.recipe.sources.split_bytes, hashes, self.recipe.sources.commoncrawl.index)
        write_plan(self.recipe, plan, hashes, self._folder)
        return len(plan.splits)

    def tasks(self, done: int, name: str) -> Iterator[tuple[Job, Task]]:
        """The tasks of a step that are not done yet."""
        steps = self._steps()
        step = steps.begin(name)
        for task in [] if steps.is_settled(name) else unfinished(step.tasks):
            yield step.job, task

    def finish(self, done: int) -> int:
        """Writes the manifest; returns the number of documents kept."""
        return self._steps().finish().accounting.kept

    def _steps(self) -> BuildSteps:
        plan = Plan.from_json((self._folder / PLAN_NAME).read_text(encoding="utf-8"))
        return BuildSteps(self.recipe, plan, self._folder)

    @property
    def _folder(self) -> Location:
        return location(self.output)


class DoTask(beam.DoFn):
    """Does tasks of any job, on a worker whose code and libraries are those of the launcher (``versions``)."""

    def __init__(self, versions: Mapping[str, str]) -> None:
        self._versions = versions
        self._opened: tuple[Job, Callable[[Task], None]] | None = None

    def setup(self) -> None:
        """Raises WorkerMismatchError."""
        check_versions(self._versions, worker_versions(BuildSteps.__module__), platform.node())

    def process(self, element: tuple[Job, Task]) -> Iterator[str]:
        """Does a task that is not done; yields its key."""
        job, task = element
        if self._opened is None or self._opened[0] != job:
            self._opened = None
            self._opened = (job, job.open())
        if not task.is_done:
            self._opened[1](task)
        yield task.key
