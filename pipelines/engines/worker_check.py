"""A worker on another machine must have the launcher's code and libraries, or say what differs.

A shard's name is worked out by the launcher from its own code and library versions. A worker with others would write
other bytes under that name, and nobody would notice.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelines.build import content_address as address
from pipelines.build.job import Job, Task
from pipelines.build.source_closure import source_closure

#: Differences named in a message.
_SHOWN = 5


class WorkerMismatchError(RuntimeError):
    """A worker whose code or libraries are not the launcher's."""


def worker_versions(module: str) -> dict[str, str]:
    """What the bytes that jobs of ``module`` write depend on here: source files, by hash, and libraries, by version."""
    libraries = {
        *address.INGEST_LIBRARIES,
        *address.ANNOTATE_LIBRARIES,
        *address.GLYPH_LIBRARIES,
        *address.STORAGE_LIBRARIES,
    }
    return address.library_versions(tuple(sorted(libraries))) | source_closure(module)


@dataclass(frozen=True, slots=True)
class CheckedJob:
    """A job that opens only where code and libraries are those of the ``launcher``."""

    job: Job
    launcher: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The job's own name."""
        return self.job.name

    def open(self) -> Callable[[Task], None]:
        """Raises WorkerMismatchError naming the machine and what differs."""
        check_versions(dict(self.launcher), worker_versions(type(self.job).__module__), platform.node())
        return self.job.open()


def checked(job: Job) -> CheckedJob:
    """A job that opens only where code and libraries are those of this process."""
    return CheckedJob(job, tuple(worker_versions(type(job).__module__).items()))


def check_versions(launcher: Mapping[str, str], worker: Mapping[str, str], machine: str) -> None:
    """Raises WorkerMismatchError where two sets of versions differ."""
    names = [name for name in sorted({*launcher, *worker}) if launcher.get(name) != worker.get(name)]
    if names:
        shown = "; ".join(
            f"{name}: worker {worker.get(name, 'none')[:16]}, launcher {launcher.get(name, 'none')[:16]}"
            for name in names[:_SHOWN]
        )
        more = f"; and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise WorkerMismatchError(f"worker on {machine} is not the launcher's: {shown}{more}")
