"""Is this file what it is given as? Looked at before anything is built, by its first decoded bytes."""

from __future__ import annotations

import bz2
import lzma
import zlib

import zstandard

from hanmill.pipelines.sources.source import Source
from hanmill.schemas.location import Location

_HEAD = 1 << 16
_BZIP2, _XZ = b"BZh", b"\xfd7zXZ\x00"
#: Nothing comes out of bzip2 before a whole block has gone in.
_BLOCK = 1 << 20


def mismatch(source: Source, path: Location) -> str:
    """What is wrong with an input, empty where nothing is: no bytes at all, or another kind of file.

    A damaged file of the right kind passes: what can be read of it is read, and the rest is reported.
    """
    with path.open("rb") as file:
        stored = file.read(_HEAD)
        if stored.startswith(_BZIP2):
            stored += file.read(_BLOCK)
    if not stored:
        return f"found 0 bytes, expected {source.expected}"
    head = _decoded(stored)
    if source.recognise(stored, head):
        return ""
    found = f"a file that begins {_shown(head or stored)}"
    if stored.startswith(_BZIP2) and not head:
        found = "a bzip2 file"
    return f"found {found}, expected {source.expected}"


def _decoded(stored: bytes) -> bytes:
    """The first decoded bytes; empty where a known compression cannot be undone this far."""
    try:
        if stored.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stored, _HEAD)
        if stored.startswith(_BZIP2):
            return bz2.BZ2Decompressor().decompress(stored, _HEAD)
        if stored.startswith(_XZ):
            return lzma.LZMADecompressor().decompress(stored, _HEAD)
        if stored.startswith(b"\x28\xb5\x2f\xfd"):
            return zstandard.ZstdDecompressor().stream_reader(stored).read(_HEAD)
        if stored.startswith(b"\x04\x22\x4d\x18"):
            return b""
    except (zlib.error, OSError, lzma.LZMAError, zstandard.ZstdError):
        return b""
    return stored


def _shown(head: bytes) -> str:
    return repr(head[:24].decode("utf-8", "backslashreplace"))
