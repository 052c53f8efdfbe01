"""A memory of corpora whose hashes were right, so that a run that goes on does not read them again."""

from __future__ import annotations

from pathlib import Path

from hanmill.schemas.location import Location
from hanmill.schemas.manifest import Manifest
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.runs.sealed_json import read_sealed, write_sealed

#: Size in bytes, times of change of content and of the file's entry in nanoseconds, of each file.
Stamps = dict[str, list[int]]


def stamps_of(folder: Location, manifest: Manifest) -> Stamps | None:
    """Of every file of a corpus; None where it lies in an object store, or a file is missing."""
    if not isinstance(folder, Path):
        return None
    stamps = {}
    shards = (*manifest.train, *manifest.validation)
    for path in (*(table.path for table in manifest.tables.values()), *(shard.path for shard in shards)):
        try:
            found = (folder / path).stat()
        except OSError:
            return None
        stamps[path] = [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    return stamps


def is_remembered(memory: Path, fingerprint: str, stamps: Stamps | None) -> bool:
    """Whether the hashes of this manifest's files were right when the files were last changed."""
    if stamps is None or not memory.is_file():
        return False
    try:
        return bool(read_sealed(memory).get(fingerprint) == stamps)
    except CheckpointError:
        return False


def remember(memory: Path, fingerprint: str, stamps: Stamps | None) -> None:
    """Writes that they are right, beside what was there."""
    if stamps is None:
        return
    try:
        known = read_sealed(memory) if memory.is_file() else {}
    except CheckpointError:
        known = {}
    memory.parent.mkdir(parents=True, exist_ok=True)
    write_sealed(memory, known | {fingerprint: stamps})
