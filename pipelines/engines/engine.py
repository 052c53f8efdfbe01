"""Where the jobs of a build that is led from here run: processes of this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from hanmill.pipelines.build.build import Runner
from hanmill.pipelines.engines.local_processes import WorkerPool


@dataclass(frozen=True, slots=True)
class LocalProcesses:
    """The same plain functions in ``workers`` processes of this machine."""

    workers: int

    def open(self) -> AbstractContextManager[Runner]:
        """Starts no process yet: a build with nothing to do needs none."""
        return WorkerPool(self.workers)
