"""Where jobs run: local processes, or any Beam runner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from pipelines.jobs.job import Job, Task
from pipelines.stages.pool import WorkerPool


class Runner(Protocol):
    """Runs a job on tasks; returns when every task's shards exist, raises otherwise."""

    def run(self, job: Job, tasks: Sequence[Task]) -> None:
        """Runs a job on every task."""


class Engine(Protocol):
    """Makes a runner for one build."""

    def open(self) -> AbstractContextManager[Runner]:
        """The runner; whatever it started ends with the block."""


@dataclass(frozen=True, slots=True)
class LocalProcesses:
    """The same plain functions in ``workers`` processes of this machine."""

    workers: int

    def open(self) -> AbstractContextManager[Runner]:
        """Starts no process yet: a build with nothing to do needs none."""
        return WorkerPool(self.workers)


@dataclass(frozen=True, slots=True)
class BeamRunner:
    """A Beam runner by name with its options, one pipeline a stage.

    ``DirectRunner`` stands for ``FnApiRunner``: Beam's own meaning of it looks for another runner over the
    network first.
    """

    runner: str
    options: tuple[str, ...] = ()

    @contextmanager
    def open(self) -> Iterator[Runner]:
        """Nothing to start: each pipeline is its own."""
        yield self

    def run(self, job: Job, tasks: Sequence[Task]) -> None:
        """Raises what the runner raises."""
        # Beam takes seconds to import; local processes do without it.
        import apache_beam as beam
        from apache_beam.options.pipeline_options import PipelineOptions

        from pipelines.stages.per_shard import WriteShards

        name = "FnApiRunner" if self.runner == "DirectRunner" else self.runner
        options = PipelineOptions([f"--runner={name}", *self.options])
        with beam.Pipeline(options=options) as pipeline:
            pipeline | f"Write{job.name.capitalize()}" >> WriteShards(job, tasks)
