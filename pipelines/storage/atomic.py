"""Files that are there whole or not at all: written under a temporary name, synced, renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Folder of a corpus that holds nothing but unfinished files.
TEMPORARY = "_tmp"


@contextmanager
def replacing(path: Path, corpus: Path) -> Iterator[Path]:
    """Yields a temporary path in ``corpus/_tmp``; renames it to ``path`` when the block ends without an error.

    The data is on disk before the name is, so a machine that stops leaves no half file under a final name. The
    temporary name is this process's own, on whatever machine it runs.
    """
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


def write_text(path: Path, text: str) -> None:
    """Writes a text file of a corpus's own folder whole or not at all."""
    with replacing(path, path.parent) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_temporary(corpus: Path) -> int:
    """Removes what killed builds left in ``_tmp``; returns how many files that were. For the holder of the lock."""
    left = list((corpus / TEMPORARY).glob("*"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
