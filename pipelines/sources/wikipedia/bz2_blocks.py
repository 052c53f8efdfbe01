"""Blocks of a bzip2 stream: each is coded on its own, so a worker can start at any, and damage costs one.

A block starts, at any bit, with the 48-bit magic 0x314159265359 and ends where the next block or the end-of-stream
magic 0x177245385090 stands (bzip2 format; the idea is that of ``bzip2recover``).
"""

from __future__ import annotations

import bz2
import re
from collections.abc import Iterator

from hanmill.pipelines.sources.stored_bytes import StoredBytes, find_pattern

_BLOCK, _END = 0x314159265359, 0x177245385090
_BITS = 48
_CRC_BITS = 32
#: Whole bytes of a magic that stand in the file, whatever the shift.
_MAGIC_BYTES = 5


def _patterns(magic: int) -> list[bytes]:
    """What stands in the whole bytes of the magic for each of the eight shifts."""
    found = []
    for shift in range(8):
        spread = (magic << (8 - shift)).to_bytes(7, "big")
        found.append(re.escape(spread[1:6] if shift else spread[:6]))
    return found


_CANDIDATE = re.compile(b"|".join(_patterns(_BLOCK) + _patterns(_END)), re.DOTALL)


def read_blocks(data: StoredBytes, start: int, end: int) -> Iterator[tuple[int, bytes | None]]:
    """Every block that begins in bytes [start, end): the byte offset at which it starts, and its data.

    The data is None where the block cannot be decoded. A magic that stands in a block by chance is passed over.
    """
    previous: int | None = None
    undecoded: int | None = None
    for bit, is_block in _magics(data, start, end):
        if undecoded is not None:
            block = _decode(data, undecoded, bit)
            yield undecoded // 8, block
            undecoded = None
            if block is not None:
                previous = bit if is_block else None
                continue
        if previous is not None:
            block = _decode(data, previous, bit)
            if block is None:
                undecoded = previous
            else:
                yield previous // 8, block
        previous = bit if is_block else None
    for offset in (undecoded, previous):
        if offset is not None:
            yield offset // 8, None


def last_block(data: StoredBytes, start: int, end: int) -> int:
    """Byte offset of the last block that begins in bytes [start, end); ``start`` where none does."""
    found = start
    for bit, is_block in _magics(data, start, end):
        if is_block:
            found = bit // 8
    return found


def _magics(data: StoredBytes, start: int, end: int) -> Iterator[tuple[int, bool]]:
    """Bit offsets of block (True) and end-of-stream (False) magics, in order."""
    position, last = start, -1
    while (found := find_pattern(data, _CANDIDATE, position, end - _MAGIC_BYTES + 1)) is not None:
        position = found + 1
        first = max(found - 1, start)
        window = int.from_bytes(data[first : first + 8], "big")
        length = len(data[first : first + 8]) * 8
        for shift in range(length - _BITS + 1):
            value = (window >> (length - _BITS - shift)) & ((1 << _BITS) - 1)
            if value in (_BLOCK, _END) and first * 8 + shift > last:
                last = first * 8 + shift
                yield last, value == _BLOCK
                break


def _decode(data: StoredBytes, start: int, end: int) -> bytes | None:
    """One block, bits [start, end), wrapped in a stream of its own."""
    first, behind = start // 8, (end + 7) // 8
    bits = int.from_bytes(data[first:behind], "big") >> (behind * 8 - end)
    length = end - start
    bits &= (1 << length) - 1
    crc = (bits >> (length - _BITS - _CRC_BITS)) & ((1 << _CRC_BITS) - 1) if length > _BITS + _CRC_BITS else 0
    # The checksum of a stream of one block is that block's.
    stream = (((bits << _BITS) | _END) << _CRC_BITS) | crc
    total = length + _BITS + _CRC_BITS
    padding = -total % 8
    try:
        return bz2.decompress(b"BZh9" + (stream << padding).to_bytes((total + padding) // 8, "big"))
    except (OSError, ValueError):
        return None
