"""Bytes of a dump in any form: bzip2, gzip, Zstandard or plain XML; alone or in a folder of parts.

Decoding is bounded: a piece at a time, never a whole file; a Zstandard frame may ask for a window of 128 MiB.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import zstandard

from hanmill.pipelines.sources.stored_bytes import open_stored
from hanmill.pipelines.sources.wikipedia.bz2_streams import StreamDamage, StreamData, is_bzip2, read_streams
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, ObjectPath, location

_PIECE = 1 << 20
#: Bytes of plain XML that are read together; splits of such a file begin at a multiple of it.
PLAIN_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x50\x2a\x4d\x18"
_ZSTD_WINDOW = 1 << 27
_DUMP_SUFFIXES = (".xml", ".bz2", ".gz", ".zst", ".zstd")
_INDEX = "-index"


class DumpError(HanmillError, OSError):
    """A path that is no dump."""


def dump_files(path: str) -> list[str]:
    """The files of a dump: the file itself, or every part in a folder, by name. Index files are not parts.

    Raises DumpError where there is nothing to read.
    """
    root = location(path)
    if isinstance(root, ObjectPath) or root.is_file():
        return [str(root)]
    if not root.is_dir():
        raise DumpError(f"{path}: expected: a dump or a folder of dumps; found: nothing")
    parts = [
        str(part)
        for part in sorted(root.iterdir())
        if part.is_file() and _INDEX not in part.name and (part.suffix in _DUMP_SUFFIXES or ".xml-p" in part.name)
    ]
    if not parts:
        raise DumpError(f"{path}: expected: files ending in {', '.join(_DUMP_SUFFIXES)}; found: none")
    return parts


def read_dump(path: str) -> Iterator[StreamData | StreamDamage]:
    """Decoded bytes of one file from its beginning, by what the file holds rather than how it is called.

    ``stream`` of every piece is the offset in the file as stored of the stream or member it comes from. Damage is the
    last item where nothing can be read behind it.
    """
    file = location(path)
    with file.open("rb") as opened:
        head = opened.read(16)
    if is_bzip2(head):
        return read_streams(file, 0)
    if head.startswith(_GZIP):
        return _read_gzip(file)
    if head.startswith((_ZSTD, _ZSTD_SKIPPABLE)):
        return _read_zstd(file)
    return _read_plain(file)


def is_compressed(head: bytes) -> bool:
    """Whether a file with this beginning is stored compressed, in any way that is known here."""
    return is_bzip2(head) or head.startswith((_GZIP, _ZSTD, _ZSTD_SKIPPABLE))


def read_plain(path: Location, start: int, stop: int | None = None) -> Iterator[StreamData]:
    """A plain file from ``start``, a multiple of PLAIN_PIECE; every piece of that size counts as a stream."""
    with open_stored(path, stop) as file:
        file.seek(start)
        while piece := file.read(PLAIN_PIECE):
            yield StreamData(start, piece)
            start += len(piece)


def _read_plain(path: Location) -> Iterator[StreamData]:
    return (StreamData(0, item.data) for item in read_plain(path, 0))


def _read_gzip(path: Location) -> Iterator[StreamData | StreamDamage]:
    decoder = zlib.decompressobj(wbits=31)
    member = position = 0
    pending = b""
    with path.open("rb") as file:
        try:
            while True:
                if not pending:
                    pending = file.read(_PIECE)
                    position += len(pending)
                if not pending:
                    break
                if decoder.eof:
                    member = position - len(pending)
                    if pending.strip(b"\0") == b"":
                        return
                    decoder = zlib.decompressobj(wbits=31)
                data = decoder.decompress(pending, _PIECE)
                pending = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
                if data:
                    yield StreamData(member, data)
        except zlib.error as error:
            yield StreamDamage(member, position - len(pending), "damaged_stream", f"gzip member at {member:,}: {error}")
            return
    if not decoder.eof:
        message = f"expected: the end of the gzip member that starts at {member:,}; found: the end of the file"
        yield StreamDamage(member, position, "truncated_stream", message)


def _read_zstd(path: Location) -> Iterator[StreamData | StreamDamage]:
    """A frame cut at the end of the file is noticed only by the page it leaves unfinished."""
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    with open_stored(path) as file:
        try:
            with decoder.stream_reader(file, read_across_frames=True, closefd=False) as reader:
                while piece := reader.read(_PIECE):
                    yield StreamData(0, piece)
        except zstandard.ZstdError as error:
            yield StreamDamage(0, file.tell(), "damaged_stream", f"Zstandard: {error}")
