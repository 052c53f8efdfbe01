"""The one transform every stage is: tasks in, shards written, nothing heavy shuffled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import apache_beam as beam

from pipelines.build.job import Job, Task


@dataclass
class WriteShards(beam.PTransform):
    """Runs a job on every task; yields the keys of the shards that are there afterwards.

    Tasks cross the only shuffle (``Reshuffle``: without it all of them would be one bundle). A task whose shard
    exists is skipped, so a retried bundle is harmless.
    """

    job: Job
    tasks: Sequence[Task]

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection:
        """Wires tasks to the worker."""
        return (
            begin
            | "Tasks" >> beam.Create(self.tasks)
            | "Spread" >> beam.Reshuffle()
            | self.job.name.capitalize() >> beam.ParDo(_DoTask(self.job))
        )


class _DoTask(beam.DoFn):
    def __init__(self, job: Job) -> None:
        self._job = job
        self._run: Callable[[Task], None] | None = None

    def setup(self) -> None:
        self._run = self._job.open()

    def process(self, task: Task) -> Iterator[str]:
        if not task.is_done:
            if self._run is None:
                raise RuntimeError(f"{self._job.name}: process() called before setup()")
            self._run(task)
        yield task.key
