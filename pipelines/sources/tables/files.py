"""Kinds of files by their names and first bytes, and their decoded bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Literal, cast

import zstandard

from hanmill.pipelines.sources.stored_bytes import open_stored
from hanmill.pipelines.sources.tables.columns import TableFileError
from hanmill.schemas.location import Location, location

Kind = Literal["parquet", "json_lines", "separated", "text"]
_KINDS: dict[str, Kind] = {
    ".parquet": "parquet",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
    ".json": "json_lines",
    ".csv": "separated",
    ".tsv": "separated",
    ".tab": "separated",
    ".txt": "text",
}
#: Ending to the first bytes that such a file has.
_COMPRESSIONS = {
    ".gz": b"\x1f\x8b",
    ".zst": b"\x28\xb5\x2f\xfd",
    ".bz2": b"BZh",
    ".xz": b"\xfd7zXZ\x00",
}
_BUFFER = 1 << 20
#: Read at a time, so that a few bytes that stand for many cannot fill the memory.
_ZSTD_PIECE, _ZSTD_WINDOW = 1 << 13, 1 << 31
#: What decoders raise on damaged data.
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, gzip.BadGzipFile)


def kind_of(name: str) -> Kind:
    """The kind of a file by its name. Raises TableFileError."""
    path = PurePosixPath(name.lower())
    ending = path.with_suffix("").suffix if path.suffix in _COMPRESSIONS else path.suffix
    kind = _KINDS.get(ending)
    if kind is None or (kind == "parquet" and path.suffix in _COMPRESSIONS):
        known = f"{', '.join(_KINDS)}, but for Parquet also with {', '.join(_COMPRESSIONS)}"
        raise TableFileError(f"{name}: found a name that ends in {path.suffix!r}, expected one of {known}")
    return kind


def plain_name(name: str) -> str:
    """The name without the ending of a compression, lower case."""
    path = PurePosixPath(name.lower())
    return str(path.with_suffix("")) if path.suffix in _COMPRESSIONS else str(path)


def compression(head: bytes) -> str:
    """The ending of the compression that a file's first bytes tell of, empty for none."""
    return next((ending for ending, magic in _COMPRESSIONS.items() if head.startswith(magic)), "")


def is_compressed(path: str) -> bool:
    """Whether the first bytes of a file tell of a compression."""
    with location(path).open("rb") as file:
        return bool(compression(file.read(8)))


def is_table(stored: bytes, decoded: bytes) -> bool:
    """Whether a file that begins like this may be Parquet or text, compressed or not."""
    if stored.startswith(b"PAR1") or compression(stored):
        return not decoded.startswith((b"<?xml", b"WARC/"))
    return b"\x00" not in stored[:4096] and not stored.startswith((b"%PDF", b"<?xml", b"<mediawiki"))


@contextmanager
def open_decoded(place: Location) -> Iterator[io.BufferedReader]:
    """The file's decoded bytes, from the beginning; frames and members behind one another are read as one."""
    with open_stored(place) as stored:
        head = stored.read(8)
        stored.seek(0)
        kind = compression(head)
        yield io.BufferedReader(_OPENERS[kind](stored) if kind else cast(io.RawIOBase, stored), _BUFFER)


class _ZstandardFile(io.RawIOBase):
    """Frames one behind the other. Raises EOFError where the last is cut; the library's own reader keeps quiet."""

    def __init__(self, stored: BinaryIO) -> None:
        self._stored = stored
        self._decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._rest = self._decoded = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer as far as decoded bytes are at hand."""
        while not self._decoded:
            self._rest = self._rest or self._stored.read(_ZSTD_PIECE)
            if not self._rest:
                if self._frame is not None:
                    raise EOFError("the last Zstandard frame is cut")
                return 0
            self._frame = self._frame or self._decoder.decompressobj()
            self._decoded = self._frame.decompress(self._rest)
            self._rest = b""
            if self._frame.eof:
                self._rest, self._frame = self._frame.unused_data, None
        piece = self._decoded[: len(buffer)]
        buffer[: len(piece)] = piece
        self._decoded = self._decoded[len(piece) :]
        return len(piece)


def _open_gzip(stored: BinaryIO) -> gzip.GzipFile:
    return gzip.GzipFile(fileobj=stored)


_OPENERS: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": _open_gzip,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _ZstandardFile,
}


def is_damage(error: Exception) -> bool:
    """Whether an error tells of the data, not of the machine."""
    return isinstance(error, DAMAGE) or (isinstance(error, OSError) and error.errno is None)
