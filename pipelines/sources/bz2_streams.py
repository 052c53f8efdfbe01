"""Streams of a bzip2 file: where they start, and what they hold when one of them is damaged or cut.

A multistream dump is many bzip2 streams one after the other, so a worker can start at any of them. A stream starts
with ``BZh1``…``BZh9`` and a block magic (bzip2 format, section "stream header"); the ten bytes could occur by chance
inside another stream, so a start counts only when a whole block decodes from there.
"""

from __future__ import annotations

import bz2
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_START = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_PIECE = 1 << 16
_OUTPUT = 1 << 20
# A block is at most 900,000 bytes of input plus bzip2's own run-length expansion; compressed it may grow a little.
_BLOCK_LIMIT = 1_200_000


@dataclass(frozen=True, slots=True)
class StreamData:
    """A piece of decoded data. ``stream`` is the offset at which its stream starts in the file."""

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class StreamDamage:
    """A stream that could not be decoded to its end. ``offset`` is where in the file decoding stopped.

    ``kind`` is ``truncated_stream`` where the file ends too early, else ``damaged_stream``.
    """

    stream: int
    offset: int
    kind: str
    message: str


def is_bzip2(head: bytes) -> bool:
    """Whether a file with this beginning is a bzip2 file."""
    return _START.match(head) is not None


def find_stream(data: mmap.mmap | bytes, start: int, end: int) -> int | None:
    """The first true start of a stream at or after ``start`` and before ``end``."""
    position = start
    while (match := _START.search(data, position)) is not None:
        if match.start() >= end:
            return None
        if starts_stream(data, match.start()):
            return match.start()
        position = match.start() + 1
    return None


def starts_stream(data: mmap.mmap | bytes, offset: int) -> bool:
    """Whether a stream starts here: one block decodes with the right checksum, or all that is left of the file."""
    decoder = bz2.BZ2Decompressor()
    position, limit = offset, min(len(data), offset + _BLOCK_LIMIT)
    try:
        while position < limit and not decoder.eof:
            if decoder.decompress(data[position : position + _PIECE], 1):
                return True
            position += _PIECE
    except OSError:
        return False
    return decoder.eof or limit == len(data)


def cut_at_streams(path: Path, target_bytes: int) -> list[int]:
    """Offsets of stream starts about ``target_bytes`` apart, the first always 0; more than one only in a multistream.

    Raises ValueError unless ``target_bytes`` is positive.
    """
    if target_bytes <= 0:
        raise ValueError(f"target size of a split, in bytes: {target_bytes}; expected: more than 0")
    cuts = [0]
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while cuts[-1] + target_bytes < len(data):
            following = find_stream(data, cuts[-1] + target_bytes, len(data))
            if following is None:
                break
            cuts.append(following)
    return cuts


def is_multistream(path: Path) -> bool:
    """Whether a second stream starts somewhere in the file."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return find_stream(data, 1, len(data)) is not None


def read_streams(path: Path, start: int) -> Iterator[StreamData | StreamDamage]:
    """Decodes stream after stream from ``start`` (where one begins) to the end of the file.

    After damage reading goes on at the next stream. The caller stops when it has seen enough.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        stream: int | None = start
        while stream is not None and stream < len(data):
            following, damage = stream, None
            for item in _read_stream(data, stream):
                if isinstance(item, int):
                    following = item
                    continue
                yield item
                if isinstance(item, StreamDamage):
                    damage = item
            if damage is not None:
                stream = find_stream(data, stream + 1, len(data))
            elif data[following : following + 1] in (b"", b"\0"):
                return
            elif _START.match(data, following):
                stream = following
            else:
                stream = find_stream(data, following, len(data))
                yield StreamDamage(
                    following,
                    following,
                    "damaged_stream",
                    f"expected: a bzip2 stream; found: {bytes(data[following : following + 10])!r}",
                )


def _read_stream(data: mmap.mmap, start: int) -> Iterator[StreamData | StreamDamage | int]:
    """The data of one stream, then the offset behind it or the damage."""
    decoder = bz2.BZ2Decompressor()
    position = start
    try:
        while not decoder.eof:
            piece = b""
            if decoder.needs_input:
                piece = data[position : position + _PIECE]
                if not piece:
                    message = f"expected: the end of the stream that starts at {start:,}; found: the end of the file"
                    yield StreamDamage(start, len(data), "truncated_stream", message)
                    return
                position += len(piece)
            decoded = decoder.decompress(piece, _OUTPUT)
            if decoded:
                yield StreamData(start, decoded)
    except OSError as error:
        yield StreamDamage(start, position, "damaged_stream", f"stream that starts at {start:,}: {error}")
        return
    yield position - len(decoder.unused_data)
