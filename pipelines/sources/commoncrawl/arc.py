"""Records of ARC files, versions 1 and 2 (the Internet Archive's format before WARC; CommonCrawl up to 2012).

A record is one line, ``URL IP-address Archive-date Content-type … Archive-length``, and so many bytes. It is read as
the WARC record that says the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from hanmill.pipelines.sources.commoncrawl.warc import WarcFailure, WarcRecordData, parse_record
from hanmill.pipelines.sources.commoncrawl.warc_members import CorruptMember, Member, compression_of

_FILE_HEADER = b"filedesc://"
#: Fields from the date on: version 2 has result, checksum, location, offset and file name before the length.
_FIELDS = (3, 8)
_MAX_LINE = 1 << 14
_BLANK = b"\r\n"
_DATE_DIGITS, _MAX_DIGITS = 14, 18
#: Address of the page and of the server.
_LEADING_FIELDS = 2


@dataclass(frozen=True, slots=True)
class _Line:
    """The header of a record; ``length`` counts the bytes behind it, ``size`` its own."""

    url: bytes
    date: str
    content_type: bytes
    length: int
    size: int


def is_arc(file: BinaryIO) -> bool:
    """Whether the file begins, once decompressed, with the header of an ARC file."""
    try:
        return Member(file, compression_of(file), 0).peek().startswith(_FILE_HEADER)
    except CorruptMember:
        return False


def read_arc(file: BinaryIO, max_bytes: int) -> Iterator[WarcRecordData | WarcFailure]:
    """Reads all records of a seekable ARC file, compressed or plain; never raises for what the file holds.

    Offsets count decompressed bytes. ``max_bytes`` bounds the size of a record and of its decoded body.
    """
    size = file.seek(0, io.SEEK_END)
    member = Member(file, compression_of(file), 0)
    offset = 0
    try:
        while head := member.read(_MAX_LINE):
            rest = head.lstrip(_BLANK)
            offset += len(head) - len(rest)
            member.unread(rest)
            if not rest:
                continue
            line = _line(rest)
            if line is None:
                passed = _find_line(member)
                yield WarcFailure(offset, "arc_header", f"expected an ARC record, found {rest[:40]!r}", passed)
                offset += passed
                continue
            member.read(line.size)
            length = line.length
            if length > max_bytes:
                message = f"Archive-length: {length:,}; at most {max_bytes:,} bytes are read"
                yield WarcFailure(offset, "record_size", message, member.skip(length))
            else:
                block = member.read(length)
                yield parse_record(_as_warc(line, block), offset, max_bytes)
                if len(block) < length:
                    message = f"Archive-length: {length:,}; bytes to the end: {len(block):,}"
                    yield WarcFailure(offset, "truncated", message, length - len(block))
            offset += line.size + length
    except CorruptMember as error:
        yield WarcFailure(offset, error.kind, str(error), max(0, size - member.next_offset))


def _line(data: bytes) -> _Line | None:
    """The header that the first line is, None where it is none; addresses may hold spaces."""
    end = data.find(b"\n")
    fields = data[: max(0, end)].rstrip(b"\r").split(b" ")
    if not fields[-1].isdigit() or len(fields[-1]) > _MAX_DIGITS:
        return None
    for number in _FIELDS:
        date = len(fields) - number
        if date >= _LEADING_FIELDS and len(fields[date]) == _DATE_DIGITS and fields[date].isdigit():
            url = b" ".join(fields[: date - 1])
            return _Line(url, fields[date].decode("ascii"), fields[date + 1], int(fields[-1]), end + 1)
    return None


def _find_line(member: Member) -> int:
    """Moves behind a line that begins no record to the next that does; returns the bytes passed over."""
    passed = 0
    while data := member.read(_MAX_LINE):
        start = data.find(b"\n") + 1
        while start and (end := data.find(b"\n", start) + 1):
            if _line(data[start:end]):
                member.unread(data[start:])
                return passed + start
            start = end
        passed += len(data)
    return passed


def _as_warc(line: _Line, block: bytes) -> bytes:
    head, end, body = block.partition(b"\n\n")
    if end and b"\r" not in head:
        # Some servers end the lines of their headers as Unix does; the parser of HTTP wants both characters.
        block = head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body
    url, date, content_type = line.url, line.date, line.content_type
    if url.startswith(_FILE_HEADER):
        kind = b"warcinfo"
    elif block.startswith(b"HTTP/"):
        kind, content_type = b"response", b"application/http; msgtype=response"
    else:
        kind = b"resource"
    stamp = f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}Z".encode()
    fields = {
        b"WARC-Type": kind,
        b"WARC-Target-URI": url,
        b"WARC-Date": stamp,
        b"Content-Type": content_type,
        b"Content-Length": b"%d" % len(block),
    }
    header = b"".join(b"%s: %s\r\n" % field for field in fields.items())
    return b"WARC/1.0\r\n" + header + b"\r\n" + block + b"\r\n\r\n"
