"""The one way a task is handed to a Beam engine."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.pvalue import PBegin, PCollection

from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.engines.worker_check import check_versions, worker_versions

Work = tuple[Job, Task]


class DoTask(beam.DoFn):
    """Does a task of any job and yields its key; a task whose shards exist is skipped, so a retried bundle is harmless.

    Only a worker with the code and libraries of the launcher (``versions``, empty for this very process) does any.
    """

    def __init__(self, versions: Mapping[str, str]) -> None:
        self._versions = dict(versions)
        self._opened: tuple[Job, Callable[[Task], None]] | None = None

    def setup(self) -> None:
        """Raises WorkerMismatchError."""
        if self._versions:
            check_versions(self._versions, worker_versions(), platform.node())

    def process(self, element: Work) -> Iterator[str]:
        """Does a task that is not done; yields its key."""
        job, task = element
        if self._opened is None or self._opened[0] != job:
            # The last stage's models make way before the next one's are loaded.
            self._opened = None
            self._opened = (job, job.open())
        if not task.is_done:
            self._opened[1](task)
        yield task.key


@dataclass
class DoTasks(beam.PTransform[PCollection[Work], PCollection[str]]):
    """Work in, keys of tasks out. Work crosses a shuffle, without which all of it would be one bundle."""

    title: str
    versions: Mapping[str, str]

    def expand(self, work: PCollection[Work]) -> PCollection[str]:
        """Wires work to the workers."""
        keys: PCollection[str] = work | "Spread" >> beam.Reshuffle() | self.title >> beam.ParDo(DoTask(self.versions))
        return keys


@dataclass
class DoOneStage(beam.PTransform[PBegin, PCollection[str]]):
    """One stage alone: a job and its tasks, known when the pipeline is made."""

    job: Job
    tasks: Sequence[Task]
    versions: Mapping[str, str]

    def expand(self, begin: PBegin) -> PCollection[str]:
        """Wires tasks to the workers."""
        work = begin | "Tasks" >> beam.Create([(self.job, task) for task in self.tasks])
        keys: PCollection[str] = work | DoTasks(self.job.name.capitalize(), self.versions)
        return keys
