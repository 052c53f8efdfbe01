"""Files that are there whole or not at all: written under a temporary name, synced, renamed; or uploaded whole."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hanmill.schemas.location import Location, ObjectPath

#: Folder of a corpus that holds nothing but unfinished files.
TEMPORARY = "_tmp"


@contextmanager
def replacing(path: Location, corpus: Location) -> Iterator[Path]:
    """Yields a temporary path in ``corpus/_tmp``; renames it to ``path`` when the block ends without an error.

    The data is on disk before the name is, so a machine that stops leaves no half file under a final name. The
    temporary name is this process's own, on whatever machine it runs. In an object store the file is written on this
    machine and then uploaded: the store shows the object when all of it has arrived.
    """
    if isinstance(path, ObjectPath):
        with _uploading(path) as temporary:
            yield temporary
        return
    if isinstance(corpus, ObjectPath):
        raise ValueError(f"{path}: a file of this machine in a corpus at {corpus}")
    folder = corpus / TEMPORARY
    folder.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{path.parent.name}-{path.name}.{os.getpid()}-{secrets.token_hex(4)}"
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _uploading(path: ObjectPath) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hanmill-") as folder:
        temporary = Path(folder) / path.name
        yield temporary
        path.upload(temporary)


def write_text(path: Location, text: str) -> None:
    """Writes a text file of a corpus's own folder whole or not at all."""
    with replacing(path, path.parent) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_files(corpus: Location, files: Mapping[str, bytes]) -> None:
    """Writes files of a corpus's own folder by name, in their order, each whole or not at all.

    A Parquet file that is there with this content is left alone.
    """
    for name, content in files.items():
        path = corpus / name
        if path.suffix == ".parquet" and path.is_file() and path.read_bytes() == content:
            continue
        with replacing(corpus / name, corpus) as temporary:
            temporary.write_bytes(content)


def remove_temporary(corpus: Location) -> int:
    """Removes what killed builds left in ``_tmp``; returns how many files that were. For the holder of the lock.

    In an object store nothing unfinished is ever visible.
    """
    if isinstance(corpus, ObjectPath):
        return 0
    left = list((corpus / TEMPORARY).glob("*"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
