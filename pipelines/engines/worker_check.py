"""A worker on another machine must have the launcher's code and libraries, or say what differs.

A shard's name is worked out by the launcher from its own code and library versions. A worker with others would write
other bytes under that name, and nobody would notice.
"""

from __future__ import annotations

from collections.abc import Mapping

from hanmill.pipelines.build import content_address as address
from hanmill.pipelines.build.source_closure import source_closure
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.schemas.errors import STOPPED, HanmillError

#: Differences named in a message.
_SHOWN = 5


class WorkerMismatchError(HanmillError, RuntimeError):
    """A worker whose code or libraries are not the launcher's."""

    exit_code = STOPPED


def worker_versions() -> dict[str, str]:
    """What the bytes of a corpus depend on here: source files, by hash, and libraries, by version."""
    libraries = {
        *address.INGEST_LIBRARIES,
        *address.WORD_LIBRARIES,
        *address.PINYIN_LIBRARIES,
        *address.GLYPH_LIBRARIES,
        *address.STORAGE_LIBRARIES,
    }
    found = address.library_versions(tuple(sorted(libraries))) | source_closure("hanmill.pipelines.engines.build_graph")
    for source in SOURCES.values():
        found |= source_closure(source.read.__module__)
    return found


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
