"""One large bzip2 stream decoded on all cores (rapidgzip finds the blocks inside it)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipelines.sources.bz2_streams import StreamDamage, StreamData, is_bzip2, read_streams

_PIECE = 1 << 20
#: Below this many bytes starting threads costs more than it saves.
_SMALLEST = 4 << 20


def read_parallel(path: Path) -> Iterator[StreamData | StreamDamage] | None:
    """Decoded bytes of a bzip2 file; None where the file is no bzip2 file or too small to gain.

    Where the parallel decoder gives up, the file is read again by the serial one from where it stopped, which gives
    every block before the damage and names its place.
    """
    if path.stat().st_size < _SMALLEST or (os.cpu_count() or 1) < 2:
        return None
    with path.open("rb") as file:
        if not is_bzip2(file.read(16)):
            return None
    return _read(path)


def _read(path: Path) -> Iterator[StreamData | StreamDamage]:
    from rapidgzip import IndexedBzip2File

    given = 0
    try:
        with IndexedBzip2File(str(path), parallelization=os.cpu_count() or 1) as file:
            while piece := file.read(_PIECE):
                given += len(piece)
                yield StreamData(0, piece)
    except (RuntimeError, ValueError, OSError):
        pass
    else:
        return
    for item in read_streams(path, 0):
        if isinstance(item, StreamDamage):
            yield item
            continue
        skipped = min(given, len(item.data))
        given -= skipped
        if skipped < len(item.data):
            yield StreamData(item.stream, item.data[skipped:])
