"""Is this file what it is given as? Looked at before anything is built, by its first decoded bytes."""

from __future__ import annotations

import bz2
import zlib

import zstandard

from schemas.location import Location

_HEAD = 1 << 16
_BZIP2 = b"BZh"
_EXPECTED = {
    "commoncrawl": "WARC or WET records (plain, gz, zst, lz4)",
    "wikipedia": "a MediaWiki XML dump (plain, bz2, gz, zst)",
}
_DUMP_MARKS = (b"<",)
_ARCHIVE_MARKS = (b"WARC/", b"WARC-", b"filedesc:", b"HTTP/")


def mismatch(source: str, path: Location) -> str:
    """What is wrong with an input, empty where nothing is: no bytes at all, or another kind of file.

    A damaged file of the right kind passes: what can be read of it is read, and the rest is reported.
    """
    with path.open("rb") as file:
        stored = file.read(_HEAD)
    expected = _EXPECTED[source]
    if not stored:
        return f"found 0 bytes, expected {expected}"
    if source != "wikipedia" and stored.startswith(_BZIP2):
        return f"found a bzip2 file, expected {expected}"
    head = _decoded(stored)
    if not head:
        return ""
    if source == "wikipedia":
        right = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_DUMP_MARKS)
    else:
        right = any(mark in head or mark.startswith(head) for mark in _ARCHIVE_MARKS)
    return "" if right else f"found a file that begins {_shown(head)}, expected {expected}"


def _decoded(stored: bytes) -> bytes:
    """The first decoded bytes; empty where a known compression cannot be undone this far."""
    try:
        if stored.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stored, _HEAD)
        if stored.startswith(_BZIP2):
            return bz2.BZ2Decompressor().decompress(stored, _HEAD)
        if stored.startswith(b"\x28\xb5\x2f\xfd"):
            return zstandard.ZstdDecompressor().stream_reader(stored).read(_HEAD)
        if stored.startswith(b"\x04\x22\x4d\x18"):
            return b""
    except (zlib.error, OSError, zstandard.ZstdError):
        return b""
    return stored


def _shown(head: bytes) -> str:
    return repr(head[:24].decode("utf-8", "backslashreplace"))
