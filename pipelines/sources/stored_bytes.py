"""Bytes of an input by their offset: a memory map of a local file, ranged reads of an object in a store."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias, cast

from hanmill.schemas.location import Location, ObjectPath
from hanmill.schemas.ranged_file import RangedFile

#: What a slice takes bytes from, and ``len`` gives the size of.
StoredBytes: TypeAlias = mmap.mmap | bytes | RangedFile

_WINDOW = 1 << 16
#: Longest match looked for.
_OVERLAP = 64


@contextmanager
def open_bytes(place: Location, stop: int | None = None) -> Iterator[mmap.mmap | RangedFile]:
    """All bytes of a file; of an object nothing behind ``stop`` is fetched before it is asked for."""
    if isinstance(place, ObjectPath):
        with place.open(stop=stop) as ranged:
            yield ranged
        return
    with place.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def open_stored(place: Location, stop: int | None = None) -> BinaryIO:
    """The file for reading and seeking; of an object nothing behind ``stop`` is fetched before it is asked for."""
    return cast(BinaryIO, place.open(stop=stop)) if isinstance(place, ObjectPath) else place.open("rb")


def find_pattern(data: StoredBytes, pattern: re.Pattern[bytes], start: int, end: int) -> int | None:
    """The offset of the first match that begins in [start, end). A match is at most 64 bytes long."""
    position = start
    while position < end:
        match = pattern.search(data[position : position + _WINDOW + _OVERLAP])
        if match is not None and match.start() < _WINDOW:
            return position + match.start() if position + match.start() < end else None
        position += _WINDOW
    return None
