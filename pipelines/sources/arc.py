"""Records of ARC files, versions 1 and 2 (the Internet Archive's format before WARC; CommonCrawl up to 2012).

A record is one line, ``URL IP-address Archive-date Content-type … Archive-length``, and so many bytes. It is read as
the WARC record that says the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.sources.warc import WarcFailure, WarcRecordData, parse_record
from pipelines.sources.warc_members import CorruptMember, Member, compression_of

_FILE_HEADER = b"filedesc://"
#: The fields between content type and length are those of version 2: result, checksum, location, offset, file name.
_LINE = re.compile(rb"(?m)^(\S[^\r\n]*?) [\d.:a-fA-F]+ (\d{14}) (\S+)(?: [^\r\n]*)? (\d{1,18})\r?\n")
_MAX_LINE = 1 << 16
_BLANK = b"\r\n"


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
            line = _LINE.match(rest)
            if not line:
                passed = _find_line(member)
                yield WarcFailure(offset, "arc_header", f"expected an ARC record, found {rest[:40]!r}", passed)
                offset += passed
                continue
            member.read(line.end())
            length = int(line[4])
            if length > max_bytes:
                message = f"Archive-length: {length:,}; at most {max_bytes:,} bytes are read"
                yield WarcFailure(offset, "record_size", message, member.skip(length))
            else:
                block = member.read(length)
                yield parse_record(_as_warc(line, block), offset, max_bytes)
                if len(block) < length:
                    message = f"Archive-length: {length:,}; bytes to the end: {len(block):,}"
                    yield WarcFailure(offset, "truncated", message, length - len(block))
            offset += line.end() + length
    except CorruptMember as error:
        yield WarcFailure(offset, error.kind, str(error), max(0, size - member.next_offset))


def _find_line(member: Member) -> int:
    """Moves behind a line that begins no record to the next that does; returns the bytes passed over."""
    passed, first = 0, True
    while data := member.read(_MAX_LINE):
        found = _LINE.search(data, data.find(b"\n") + 1 if first else 0)
        if found:
            member.unread(data[found.start() :])
            return passed + found.start()
        passed += len(data)
        first = False
    return passed


def _as_warc(line: re.Match[bytes], block: bytes) -> bytes:
    head, end, body = block.partition(b"\n\n")
    if end and b"\r" not in head:
        # Some servers end the lines of their headers as Unix does; the parser of HTTP wants both characters.
        block = head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body
    url, date, content_type = line[1], line[2].decode("ascii"), line[3]
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
