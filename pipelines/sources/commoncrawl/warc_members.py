"""Members of a WARC file (gzip members, frames of Zstandard and LZ4, streams of bzip2 and xz, or the plain file),
read with bounds.

Each member is decompressed on its own, so that a corrupt or hostile one costs itself and nothing else.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from typing import BinaryIO, Literal, Protocol, cast

import lz4.frame
import zstandard

Compression = Literal["gzip", "zstd", "lz4", "bzip2", "xz", "none"]

_READ_BYTES = 1 << 16
#: Zstandard has no output limit per call; a piece this small cannot expand to more than about 100 MB.
_ZSTD_READ_BYTES = 1 << 11
#: A member may expand beyond the ratio while it is small: a page of blanks is no attack.
_FREE_BYTES = 64 << 20
_MAX_RATIO = 200
_MAX_WINDOW = 128 << 20
#: What the decompressor of xz may take; its strongest setting needs 65 MB.
_XZ_MEMORY = 256 << 20
_OUTPUT_BYTES = 1 << 20
_MAGIC: dict[Compression, re.Pattern[bytes]] = {
    "gzip": re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "lz4": re.compile(rb"\x04\x22\x4d\x18"),
    "bzip2": re.compile(rb"BZh[1-9]\x31\x41\x59\x26\x53\x59"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "none": re.compile(rb"(?m)^WARC/[01]\.\d+\r?\n"),
}
_COMPRESSED: tuple[Compression, ...] = ("gzip", "zstd", "lz4", "bzip2", "xz")
#: Nothing comes out of these before a whole block has gone in.
_BY_BLOCK: dict[Compression, int] = {"bzip2": 1 << 20, "xz": 1 << 20}
_MAGIC_BYTES = 16
#: How far a file with a damaged start is searched for a member.
_PROBE_BYTES = 4 << 20
_DECOMPRESSION_ERRORS = (zlib.error, zstandard.ZstdError, lzma.LZMAError, OSError, RuntimeError, EOFError, ValueError)


class CorruptMember(ValueError):
    """A member that does not decompress, ends early or expands without end. ``kind`` is a short stable name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class _Decompressor(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def compression_of(file: BinaryIO) -> Compression:
    """Tells the compression by the first bytes, whatever the name of the file says.

    Where the first bytes are damaged, the first record that opens further on decides.
    """
    file.seek(0)
    head = file.read(_MAGIC_BYTES)
    for compression in _COMPRESSED:
        if _MAGIC[compression].match(head):
            return compression
    if not head.startswith(b"WARC/"):
        for compression in _COMPRESSED:
            if find_member(file, compression, 0, _PROBE_BYTES) < _PROBE_BYTES:
                return compression
    return "none"


def find_member(file: BinaryIO, compression: Compression, start: int, end: int) -> int:
    """The offset of the first member at or after ``start`` that opens and begins a record; ``end`` if there is none."""
    overlap, offset, tail = _MAGIC_BYTES, start, b""
    while offset < end:
        file.seek(offset)
        data = file.read(min(_READ_BYTES, end - offset))
        if not data:
            break
        window, base = tail + data, offset - len(tail)
        for match in _MAGIC[compression].finditer(window):
            if base + match.start() >= start and _begins_record(file, compression, base + match.start()):
                return base + match.start()
        tail, offset = window[-overlap:], offset + len(data)
    return end


def _begins_record(file: BinaryIO, compression: Compression, offset: int) -> bool:
    if compression == "none":
        return True
    try:
        return Member(file, compression, offset).peek().startswith(b"WARC/")
    except CorruptMember:
        return False


class Member:
    """Decompressed bytes of the member that begins at ``offset``; a plain file is one member.

    Where the file ends inside it, reading ends there too, and ``truncation`` says so.
    """

    def __init__(self, file: BinaryIO, compression: Compression, offset: int, ahead: bytes = b"") -> None:
        """``ahead`` are bytes at ``offset`` that have been read already."""
        self.offset = offset
        self._file = file
        self._compression = compression
        self._position = offset + len(ahead)
        self._buffer = b""
        self._input = ahead
        self._taken = len(ahead)
        self._produced = 0
        #: The decompressor has come to the end of a member; nothing further can be read at all.
        self._at_end = self._finished = False
        #: What is wrong where the file ends inside this member; empty as long as it does not.
        self.truncation = ""
        self._decompressor: _Decompressor | None = _decompressor(compression)
        self._following: Member | None = None
        self._read_bytes = _ZSTD_READ_BYTES if compression == "zstd" else _READ_BYTES

    @property
    def next_offset(self) -> int:
        """Where the next member begins; right once the member has been read to its end."""
        return self._position - len(self._input)

    @property
    def following(self) -> Member | None:
        """The member behind this one, where it had to be opened to tell that this one ends."""
        return self._following

    @property
    def place(self) -> int:
        """Offset in the file of the next byte read, for a plain file; of the member for a compressed one."""
        if self._decompressor is None:
            return self._position - len(self._buffer)
        return self.offset

    @property
    def is_exhausted(self) -> bool:
        """Whether the member has nothing but blank lines left, as after the last record in it."""
        return self._at_end and not self._buffer.strip()

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer at the end of the member. Raises CorruptMember."""
        parts, missing = [self._buffer], size - len(self._buffer)
        while missing > 0 and not self._finished:
            if self._at_end:
                self._finished = not self._continue()
                continue
            parts.append(self._fill())
            missing -= len(parts[-1])
        data = b"".join(parts)
        self._buffer = data[size:]
        return data[:size]

    def peek(self) -> bytes:
        """The first decompressed bytes, without looking beyond this member. Raises CorruptMember."""
        if self._decompressor is None:
            return self._next_input(_MAGIC_BYTES)
        data = self._next_input(_BY_BLOCK.get(self._compression, _ZSTD_READ_BYTES))
        try:
            if self._compression == "zstd":
                return self._decompressor.decompress(data)
            return self._decompressor.decompress(data, _MAGIC_BYTES)
        except _DECOMPRESSION_ERRORS as error:
            raise CorruptMember("corrupt_member", f"does not decompress: {error}") from None

    def unread(self, data: bytes) -> None:
        """Puts bytes back in front."""
        self._buffer = data + self._buffer

    def skip(self, size: int) -> int:
        """Passes over ``size`` bytes without keeping them; returns how many there were."""
        passed = 0
        while passed < size and (data := self.read(min(_READ_BYTES, size - passed))):
            passed += len(data)
        return passed

    def _fill(self, limit: int = _OUTPUT_BYTES) -> bytes:
        """The next bytes of this member: about ``limit`` at most, of Zstandard what a piece of input holds."""
        if self._decompressor is None:
            data = self._next_input(_READ_BYTES)
            self._finished = not data
            return data
        if not self._input:
            self._input = self._next_input(self._read_bytes)
        try:
            if self._compression == "zstd":
                data = self._decompressor.decompress(self._input)
                self._input = self._decompressor.unused_data
            elif self._compression == "gzip":
                data = self._decompressor.decompress(self._input, limit)
                self._input = self._decompressor.unused_data or self._decompressor.unconsumed_tail  # type: ignore[attr-defined]
            else:
                # These keep what they have not used yet.
                data = self._decompressor.decompress(self._input, limit)
                self._input = self._decompressor.unused_data or b""
        except _DECOMPRESSION_ERRORS as error:
            raise CorruptMember(
                "corrupt_member", f"does not decompress after {self._produced:,} bytes: {error}"
            ) from None
        self._produced += len(data)
        if self._decompressor.eof:
            self._at_end = True
        elif not data and not self._input and not self._more():
            self.truncation = f"the file ends inside a member, after {self._produced:,} bytes of it"
            self._finished = True
        self._check_ratio()
        return data

    def _continue(self) -> bool:
        """Goes on with the next member where that one does not begin a record: some writers cut anywhere."""
        place = self.next_offset
        if len(self._input) < _MAGIC_BYTES:
            self._position = place
            self._input = self._next_input(self._read_bytes)
        if not _MAGIC[self._compression].match(self._input):
            return False
        following = Member(self._file, self._compression, place, self._input)
        try:
            head = following._fill(_MAGIC_BYTES)
            while not head and not following._at_end and not following._finished:
                head = following._fill(_MAGIC_BYTES)
        except CorruptMember:
            return False
        following.unread(head)
        if not head or head.startswith(b"WARC/"):
            self._following = following
            return False
        self._decompressor = _decompressor(self._compression)
        self._at_end = False
        return True

    def _more(self) -> bool:
        self._input = self._next_input(self._read_bytes)
        return bool(self._input)

    def _next_input(self, size: int) -> bytes:
        self._file.seek(self._position)
        data = self._file.read(size)
        self._position += len(data)
        self._taken += len(data)
        return data

    def _check_ratio(self) -> None:
        if self._produced > _FREE_BYTES and self._produced > _MAX_RATIO * self._taken:
            raise CorruptMember(
                "decompression_bomb",
                f"{self._taken:,} bytes expand to {self._produced:,} and more; at most {_MAX_RATIO} times are read",
            )


def _decompressor(compression: Compression) -> _Decompressor | None:
    if compression == "none":
        return None
    if compression == "gzip":
        return cast(_Decompressor, zlib.decompressobj(wbits=31))
    if compression == "zstd":
        return cast(_Decompressor, zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj())
    if compression == "bzip2":
        return cast(_Decompressor, bz2.BZ2Decompressor())
    if compression == "xz":
        return cast(_Decompressor, lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY))
    return cast(_Decompressor, lz4.frame.LZ4FrameDecompressor())
