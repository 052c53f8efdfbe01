"""Records of WARC and WET files (ISO 28500): framed here with bounds, parsed by FastWARC.

A record that cannot be read is a WarcFailure and never ends the file: reading goes on at the next member or, in
plain text, at the next line that begins a record.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Literal

from fastwarc.warc import ArchiveIterator, WarcRecord

from hanmill.pipelines.sources.commoncrawl.content_codings import BodyTooLarge, CodingError, decoded, is_binary
from hanmill.pipelines.sources.commoncrawl.transfer_chunks import without_chunks
from hanmill.pipelines.sources.commoncrawl.warc_members import (
    Compression,
    CorruptMember,
    Member,
    compression_of,
    find_member,
)

_MAX_HEADER = 1 << 16
_VERSION = re.compile(rb"WARC/[01]\.\d+[ \t]*\r?\n")
#: The end of a header, or the beginning of another record before it.
_HEADER_END = re.compile(rb"(?m)\r?\n\r?\n|^WARC/[01]\.\d+[ \t]*\r?\n")
_DECODINGS: tuple[Literal["transfer", "none"], ...] = ("transfer", "none")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LINE_ENDS = re.compile(rb"\r?\n")
#: FastWARC knows these names only as the standard writes them, others in any case.
_TYPE_NAME, _CONTENT_NAME = (
    re.compile(rb"(?im)^warc-type(?=[ \t]*:)"),
    re.compile(rb"(?im)^content-type[ \t]*:[^\r\n]*"),
)
_RESPONSE = re.compile(rb"(?im)^warc-type[ \t]*:[ \t]*response[ \t]*\r?$")
_HTTP_CONTENT = b"Content-Type: application/http; msgtype=response"
#: What a server sends before its answer (RFC 9110, section 15.2).
_INTERIM = re.compile(rb"(?s)HTTP/[0-9.]+ 1\d\d.*?\r?\n\r?\n(?=HTTP/)")
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$")
_NEXT_RECORD = re.compile(rb"(?m)^WARC/[01]\.\d+[ \t]*\r?\n")
#: The same with the first of its headers behind it, for a page may speak of WARC.
_FOLLOWING_RECORD, _LONGEST_NAME = re.compile(rb"(?m)^WARC/[01]\.\d+[ \t]*\r?\n[A-Za-z-]{4,40}[ \t]*:"), 48
_BLANK = b"\r\n \t"
#: What may stand behind a record: empty lines and the next one, or the end.
_RECORD_FOLLOWS = re.compile(rb"\r?\n\r?\n|[\r\n \t]*(?:WARC|\Z)")
#: A length that is too small by more than this is no slip.
_MOST_MISSING, _MAX_VERSION_LINE = 1024, 32
#: Bytes of the longest line end; the empty line after a version line alone is the end of its header.
_LINE_END = 2
#: What WARC-Truncated would say of a record that the file does not hold to its end.
_END_OF_FILE = "end of file"


@dataclass(frozen=True, slots=True)
class WarcRecordData:
    """One record. ``body`` is the payload: of an HTTP message what follows its headers, chunks and
    content codings resolved. ``status`` is the HTTP status, 0 outside HTTP; ``content_type`` the payload's.
    ``warnings`` name what was wrong with the record and could be mended (``content_length``).
    ``robots`` are all values of X-Robots-Tag, ``reservation`` that of TDM-Reservation.
    """

    offset: int
    type: str
    record_id: str
    url: str
    date: str
    language: str
    status: int
    content_type: str
    identified_type: str
    truncated: str
    body: bytes
    warnings: tuple[str, ...] = ()
    robots: str = ""
    reservation: str = ""


@dataclass(frozen=True, slots=True)
class WarcFailure:
    """A stretch of a file that gave no record, or not a whole one. ``kind`` is a short stable name.

    ``bytes_lost`` counts what was passed over: as stored where a member does not decompress, else decompressed; of a
    record that the end of the file cuts, what is missing of it.
    """

    offset: int
    kind: str
    message: str
    bytes_lost: int


class _BadRecord(ValueError):
    """``taken`` counts the bytes that were read and not put back; ``clipped`` is what there is of a cut record."""

    def __init__(self, kind: str, message: str, taken: int, clipped: bytes = b"", missing: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.taken = taken
        self.clipped = clipped
        self.missing = missing


def read_warc(
    file: BinaryIO, max_bytes: int, start: int = 0, end: int | None = None
) -> Iterator[WarcRecordData | WarcFailure]:
    """Reads the records that begin in bytes [start, end) of a seekable file, compressed or plain.

    ``max_bytes`` bounds the size of a record and of its decoded body; a larger one is a failure of kind
    ``record_size``.
    """
    size = file.seek(0, io.SEEK_END)
    end = size if end is None else min(end, size)
    compression = compression_of(file)
    offset = find_member(file, compression, start, end) if start else 0
    following: Member | None = None
    while offset < end:
        member = following if following and following.offset == offset else Member(file, compression, offset)
        try:
            yield from _member_records(member, max_bytes, end if compression == "none" else size)
            offset = max(member.next_offset, offset + 1)
            following = member.following
        except CorruptMember as error:
            found = find_member(file, compression, offset + 1, end)
            yield WarcFailure(member.place, error.kind, str(error), found - offset)
            offset = found


def _member_records(member: Member, max_bytes: int, end: int) -> Iterator[WarcRecordData | WarcFailure]:
    reported = False
    while not member.is_exhausted:
        _skip_blank(member)
        place = member.place
        if place >= end:
            return
        head = member.read(_MAX_HEADER)
        if not head:
            break
        try:
            record, warnings = _take_record(member, head, max_bytes)
        except _BadRecord as error:
            passed, found = _find_record(member)
            lost = error.taken + passed
            clipped = parse_record(error.clipped, place, max_bytes) if error.clipped and not found else None
            if isinstance(clipped, WarcRecordData) and not is_binary(clipped.body):
                yield replace(clipped, truncated=_END_OF_FILE)
                lost = error.missing
            reported = member.truncation != ""
            yield WarcFailure(place, "truncated" if reported else error.kind, str(error), lost)
            continue
        parsed = parse_record(record, place, max_bytes)
        yield replace(parsed, warnings=warnings) if warnings and isinstance(parsed, WarcRecordData) else parsed
    if member.truncation and not reported:
        yield WarcFailure(member.place, "truncated", member.truncation, 0)


def _skip_blank(member: Member) -> None:
    while data := member.read(64):
        rest = data.lstrip(_BLANK)
        if rest:
            member.unread(rest)
            return


def _take_record(member: Member, head: bytes, max_bytes: int) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of one record, and what had to be mended in it. On error the member stands behind the bad header."""
    version = _VERSION.match(head)
    if not version:
        member.unread(head[1:])
        raise _BadRecord("warc_header", f"expected WARC/1.x, found {head[:24]!r}", 1)
    header_end = _HEADER_END.search(head, version.end() - _LINE_END)
    if not header_end or header_end[0].startswith(b"WARC"):
        within = header_end.start() if header_end else len(head)
        member.unread(head[version.end() :])
        raise _BadRecord("warc_header", f"no end of the WARC header within {within:,} bytes", version.end())
    length = _LENGTH.search(head, 0, header_end.end())
    rest = head[header_end.end() :]
    member.unread(rest)
    if not length:
        return _without_length(member, head[: header_end.end()], max_bytes)
    size = int(length[1])
    if size > max_bytes:
        taken = header_end.end() + member.skip(size)
        raise _BadRecord("record_size", f"Content-Length: {size:,}; at most {max_bytes:,} bytes are read", taken)
    block = member.read(size)
    if len(block) < size:
        member.unread(block)
        clipped = _LENGTH.sub(b"Content-Length: %d\r" % len(block), head[: header_end.end()], count=1) + block
        message = f"Content-Length: {size:,}; bytes to the end: {len(block):,}"
        raise _BadRecord("truncated", message, header_end.end(), clipped, size - len(block))
    following = member.read(_MOST_MISSING + _MAX_VERSION_LINE)
    member.unread(following)
    if following and not _RECORD_FOLLOWS.match(following):
        missing = 0 if _NEXT_RECORD.search(block) else _missing_bytes(following)
        if not missing:
            member.unread(block)
            raise _BadRecord("content_length", f"Content-Length: {size:,}; no record ends there", header_end.end())
        block += member.read(missing)
        header = _LENGTH.sub(b"Content-Length: %d\r" % len(block), head[: header_end.end()], count=1)
        return header + block, ("content_length",)
    return head[: header_end.end()] + block, ()


def _without_length(member: Member, header: bytes, max_bytes: int) -> tuple[bytes, tuple[str, ...]]:
    """A record that does not say how long it is: up to the next one, or the end of the member."""
    block, searched = b"", 0
    while (found := _FOLLOWING_RECORD.search(block, searched)) is None and len(block) <= max_bytes:
        data = member.read(_MAX_HEADER)
        if not data:
            break
        searched = max(0, len(block) - _MAX_VERSION_LINE - _LONGEST_NAME)
        block += data
    if found:
        member.unread(block[found.start() :])
        block = block[: found.start()]
    if len(block) > max_bytes:
        message = f"a WARC header without Content-Length; no record follows within {max_bytes:,} bytes"
        raise _BadRecord("record_size", message, len(header) + len(block))
    block = block.rstrip(b"\r\n")
    bare = header.rstrip(b"\r\n")
    return bare + b"\r\nContent-Length: %d\r\n\r\n" % len(block) + block, ("content_length",)


def _missing_bytes(following: bytes) -> int:
    """How much of a record stands behind the end that its length claims; 0 where no other record ends it soon."""
    found = _NEXT_RECORD.search(following)
    if found is None and len(following) >= _MOST_MISSING:
        return 0
    rest = following[: found.start()] if found else following
    return len(rest.removesuffix(b"\n\n").removesuffix(b"\r\n\r\n"))


def _find_record(member: Member) -> tuple[int, bool]:
    """Moves to the next line that begins a record; returns the bytes passed over, and whether there is one."""
    tail, passed = b"", 0
    while data := member.read(_MAX_HEADER):
        window = tail + data
        found = _NEXT_RECORD.search(window)
        if found:
            member.unread(window[found.start() :])
            return passed - len(tail) + found.start(), True
        passed += len(data)
        tail = window[-32:]
    return passed, False


def parse_record(record: bytes, offset: int, max_bytes: int) -> WarcRecordData | WarcFailure:
    """The content of one record, its own header included in the bytes."""
    record = _normalised(record)
    # Chunks that end early, or that a server only claims to send, are more than FastWARC forgives.
    for decoding in _DECODINGS:
        try:
            parsed = next(iter(ArchiveIterator(io.BytesIO(record), parse_http=True, auto_decode=decoding)), None)
            if parsed is None:
                return WarcFailure(offset, "warc_header", "FastWARC finds no record here", len(record))
            body = parsed.reader.read(max_bytes + 1)
        except (OSError, ValueError) as error:
            failure = WarcFailure(offset, "http_body", f"{error}", len(record))
            continue
        if len(body) > max_bytes:
            message = f"body decodes to more than {max_bytes:,} bytes"
            return WarcFailure(offset, "record_size", message, len(record))
        http = parsed.http_headers
        if decoding == "none" and http is not None and "chunked" in (http.get("Transfer-Encoding") or "").lower():
            body = without_chunks(body)
        try:
            body = decoded(body, (http.get("Content-Encoding") or "") if http is not None else "", max_bytes)
        except BodyTooLarge as error:
            return WarcFailure(offset, "record_size", str(error), len(record))
        except CodingError as error:
            return WarcFailure(offset, "http_body", str(error), len(record))
        return _record_data(parsed, body, offset)
    return failure


def _normalised(record: bytes) -> bytes:
    """The record in the form that FastWARC wants: both characters at the ends of header lines (WARC's and HTTP's), the
    type's name as the standard writes it, the answer of a server said to be one.
    """
    header_end = _BLANK_LINE.search(record, 0, _MAX_HEADER)
    if header_end is None:
        return record
    header, block = record[: header_end.end()], record[header_end.end() :]
    named = header if b"WARC-Type:" in header else _TYPE_NAME.sub(b"WARC-Type", header, count=1)
    mended = block
    if block.startswith(b"HTTP/"):
        if b"Content-Type: application/http" not in named and _RESPONSE.search(named):
            named = _BLANK_LINE.sub(b"\r\n" + _HTTP_CONTENT + b"\r\n\r\n", _CONTENT_NAME.sub(b"X-Content-Type:", named))
        if interim := _INTERIM.match(block, 0, _MAX_HEADER):
            mended = block[interim.end() :]
        if end := _BLANK_LINE.search(mended, 0, _MAX_HEADER):
            head = mended[: end.end()]
            if head.count(b"\n") != head.count(b"\r\n"):
                mended = _LINE_ENDS.sub(b"\r\n", head) + mended[end.end() :]
    if mended is block and named is header and header.count(b"\n") == header.count(b"\r\n"):
        return record
    header = _LENGTH.sub(b"Content-Length: %d\r" % len(mended), _LINE_ENDS.sub(b"\r\n", named), count=1)
    return header + mended


def _record_data(record: WarcRecord, body: bytes, offset: int) -> WarcRecordData:
    headers, http = record.headers, record.http_headers
    content_type = (http.get("Content-Type") if http is not None else headers.get("Content-Type")) or ""
    return WarcRecordData(
        offset=offset,
        type=str(record.record_type),
        record_id=(headers.get("WARC-Record-ID") or "").strip("<> "),
        url=(headers.get("WARC-Target-URI") or "").strip("<> "),
        date=headers.get("WARC-Date") or "",
        language=headers.get("WARC-Identified-Content-Language") or "",
        status=(http.status_code or 0) if http is not None else 0,
        content_type=content_type,
        identified_type=headers.get("WARC-Identified-Payload-Type") or "",
        truncated=headers.get("WARC-Truncated") or "",
        body=body,
        robots=_all_values(http, "x-robots-tag") if http is not None else "",
        reservation=(http.get("TDM-Reservation") or "") if http is not None else "",
    )


def _all_values(headers: Any, name: str) -> str:
    """A server may send a header more than once."""
    if not headers.get(name):
        return ""
    return ", ".join(value for key, value in headers.items() if key.lower() == name)


def is_splittable(file: BinaryIO) -> bool:
    """Whether the file can be read from its middle: plain, or compressed record by record."""
    compression: Compression = compression_of(file)
    size = file.seek(0, io.SEEK_END)
    return compression == "none" or find_member(file, compression, 1, min(size, 8 << 20)) < min(size, 8 << 20)
