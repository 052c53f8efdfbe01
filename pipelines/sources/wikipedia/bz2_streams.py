"""Streams of a bzip2 file: where they start, and what they hold when one of them is damaged or cut.

A multistream dump is many bzip2 streams one after the other, so a worker can start at any of them. A stream starts
with ``BZh1``…``BZh9`` and a block magic (bzip2 format, section "stream header"); the ten bytes could occur by chance
inside another stream, so a start counts only when a whole block decodes from there.
"""

from __future__ import annotations

import bz2
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hanmill.pipelines.sources.stored_bytes import StoredBytes, find_pattern, open_bytes
from hanmill.pipelines.sources.wikipedia.bz2_blocks import last_block, read_blocks
from hanmill.schemas.location import Location

_START = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
#: Bytes of a stream's start.
_HEAD = 10
_PIECE = 1 << 16
_OUTPUT = 1 << 20
_BLOCK_DATA = 900_000
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

    ``kind`` is ``truncated_stream`` where the file ends too early, else ``damaged_stream``. ``bytes_lost`` of the file
    gave no data.
    """

    stream: int
    offset: int
    kind: str
    message: str
    bytes_lost: int = 0


def is_bzip2(head: bytes) -> bool:
    """Whether a file with this beginning is a bzip2 file."""
    return _START.match(head) is not None


def _begins_stream(data: StoredBytes, offset: int) -> bool:
    return _START.match(data[offset : offset + _HEAD]) is not None


def find_stream(data: StoredBytes, start: int, end: int) -> int | None:
    """The first true start of a stream at or after ``start`` and before ``end``."""
    position = start
    while (found := find_pattern(data, _START, position, end)) is not None:
        if starts_stream(data, found):
            return found
        position = found + 1
    return None


def starts_stream(data: StoredBytes, offset: int) -> bool:
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


def cut_at_streams(path: Location, target_bytes: int, known: Sequence[int] = ()) -> list[int]:
    """Offsets of stream starts about ``target_bytes`` apart, the first always 0; more than one only in a multistream.

    ``known`` are offsets an index gives, in rising order; where one of them is no start the file is searched instead.
    Raises ValueError unless ``target_bytes`` is positive.
    """
    if target_bytes <= 0:
        raise ValueError(f"target size of a split, in bytes: {target_bytes}; expected: more than 0")
    cuts = [0]
    with open_bytes(path) as data:
        while cuts[-1] + target_bytes < len(data):
            wanted = cuts[-1] + target_bytes
            place = bisect_left(known, wanted)
            if place < len(known) and _begins_stream(data, known[place]) and starts_stream(data, known[place]):
                following: int | None = known[place]
            else:
                following = find_stream(data, wanted, len(data))
            if following is None:
                break
            cuts.append(following)
    return cuts


def is_multistream(path: Location, within: int) -> bool:
    """Whether a second stream starts in the first ``within`` bytes of the file."""
    with open_bytes(path) as data:
        return find_stream(data, 1, min(within, len(data))) is not None


def read_streams(path: Location, start: int, stop: int | None = None) -> Iterator[StreamData | StreamDamage]:
    """Decodes stream after stream from ``start`` (where one begins) to the end of the file.

    After damage reading goes on at the next block of the stream that can be decoded, then at the next stream. The
    caller stops when it has seen enough; ``stop`` is where that is expected (RangedFile).
    """
    with open_bytes(path, stop) as data:
        stream: int | None = start
        while stream is not None and stream < len(data):
            beginning, following, given = stream, stream, 0
            damage: StreamDamage | None = None
            for item in _read_stream(data, beginning):
                if isinstance(item, StreamData):
                    given += len(item.data)
                    yield item
                elif isinstance(item, StreamDamage):
                    damage = item
                else:
                    following = item
            if damage is not None:
                stream = find_stream(data, beginning + 1, len(data))
                if damage.kind == "truncated_stream":
                    yield replace(damage, bytes_lost=len(data) - last_block(data, beginning, len(data)))
                else:
                    yield from _by_blocks(data, damage, len(data) if stream is None else stream, given)
            elif data[following : following + 1] in (b"", b"\0"):
                return
            elif _begins_stream(data, following):
                stream = following
            else:
                found = data[following : following + _HEAD]
                message = f"expected: a bzip2 stream; found: {found!r}"
                stream = find_stream(data, following, len(data))
                lost = (len(data) if stream is None else stream) - following
                yield StreamDamage(following, following, "damaged_stream", message, lost)


def read_from_block(path: Location, start: int, stop: int | None = None) -> Iterator[StreamData | StreamDamage]:
    """Decodes every block that begins at or after byte ``start``, each as a stream of its own, to the end of the file.

    The caller stops when it has seen enough; ``stop`` is where that is expected (RangedFile).
    """
    with open_bytes(path, stop) as data:
        for offset, behind, block in _blocks(data, start, len(data)):
            if block is None:
                kind = "truncated_stream" if behind == len(data) else "damaged_stream"
                message = f"expected: a whole bzip2 block at {offset:,}; found: one that cannot be decoded"
                yield StreamDamage(offset, offset, kind, message, behind - offset)
            else:
                yield StreamData(offset, block)


def _blocks(data: StoredBytes, start: int, end: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Blocks as ``read_blocks`` gives them, with the offset at which the next one starts."""
    last: tuple[int, bytes | None] | None = None
    for offset, block in read_blocks(data, start, end):
        if last is not None:
            yield last[0], offset, last[1]
        last = offset, block
    if last is not None:
        yield last[0], end, last[1]


def _by_blocks(data: StoredBytes, damage: StreamDamage, end: int, given: int) -> Iterator[StreamData | StreamDamage]:
    """The blocks of a damaged stream behind the ``given`` bytes of data it gave, and the damage between them."""
    start, found = damage.stream, False
    for offset, behind, block in _blocks(data, start, end):
        if block is None:
            given, found = 0, True
            message = f"block at {offset:,} of the stream that starts at {start:,} cannot be decoded"
            yield StreamDamage(start, offset, damage.kind, message, behind - offset)
        elif given < len(block):
            yield StreamData(start, block[given:])
            given = 0
        else:
            given -= len(block)
    if not found:
        yield damage


def _read_stream(data: StoredBytes, start: int) -> Iterator[StreamData | StreamDamage | int]:
    """The data of one stream, then the offset behind it or the damage."""
    decoder = bz2.BZ2Decompressor()
    position = start
    # The decoder gives the data of a block before it checks the block's sum, so as much as a block holds is kept back.
    held = b""
    try:
        while not decoder.eof:
            piece = b""
            if decoder.needs_input:
                piece = data[position : position + _PIECE]
                if not piece:
                    if held:
                        yield StreamData(start, held)
                    message = f"expected: the end of the stream that starts at {start:,}; found: the end of the file"
                    yield StreamDamage(start, len(data), "truncated_stream", message)
                    return
                position += len(piece)
            held += decoder.decompress(piece, _OUTPUT)
            if len(held) > 2 * _BLOCK_DATA:
                yield StreamData(start, held[:-_BLOCK_DATA])
                held = held[-_BLOCK_DATA:]
    except OSError as error:
        yield StreamDamage(start, position, "damaged_stream", f"stream that starts at {start:,}: {error}")
        return
    if held:
        yield StreamData(start, held)
    yield position - len(decoder.unused_data)
