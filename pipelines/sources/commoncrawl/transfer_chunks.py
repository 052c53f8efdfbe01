"""Chunks of HTTP (RFC 9112, section 7.1) of bodies that end early: as far as they go."""

from __future__ import annotations

import re

_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
#: A line with a size of which the end is missing.
_CUT_SIZE = re.compile(rb"[0-9A-Fa-f]{0,8}(?:;[^\r\n]*)?\r?\Z")
_LINE_END = re.compile(rb"\r?\n|\r?\Z")


def without_chunks(body: bytes) -> bytes:
    """The content of all chunks, of the last one what there is. What does not begin with a chunk comes as it is, and so
    does what stands behind a size that is none.

    >>> without_chunks(b"4\\r\\nWiki\\r\\n6\\r\\npedi")
    b'Wikipedi'
    >>> without_chunks(b"<p>1</p>"), without_chunks(b"1\\nof many")
    (b'<p>1</p>', b'1\\nof many')
    """
    parts: list[bytes] = []
    place = 0
    while size := _SIZE.match(body, place):
        length = int(size[1], 16)
        if not length:
            return b"".join(parts)
        end = size.end() + length
        line_end = _LINE_END.match(body, end)
        if end < len(body) and line_end is None:
            break
        parts.append(body[size.end() : end])
        place = line_end.end() if line_end else len(body)
    rest = body[place:]
    return b"".join(parts) + (b"" if parts and _CUT_SIZE.match(rest) else rest)
