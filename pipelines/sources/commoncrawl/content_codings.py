"""Content codings of HTTP as browsers resolve them (RFC 9110, section 8.4), and what they forgive."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

#: Zstandard of the web asks for windows of at most 8 MiB (RFC 9659).
_ZSTD_WINDOW = 1 << 23
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 16
#: A server that encodes twice does it twice; more is a trap.
_MOST_CODINGS = 4


class CodingError(ValueError):
    """A body that its content coding does not decode."""


class BodyTooLarge(CodingError):
    """A body that decodes to more than may be read."""


def decoded(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """The body without its content codings.

    What a browser shows is given: a body that is not encoded although the header says so, ``deflate`` with and without
    the wrapper of zlib, a stream that ends early, bytes behind its end, codings that nobody declared. Raises
    CodingError where bytes of no text would be left, BodyTooLarge beyond ``max_bytes``.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",") if coding.strip()]
    for coding in reversed(codings[:_MOST_CODINGS]):
        decode = _CODINGS.get(coding)
        if decode is not None:
            body = decode(body, max_bytes)
    for _ in range(_MOST_CODINGS):
        undeclared = _undeclared(body)
        if undeclared is None:
            return body
        body = undeclared(body, max_bytes)
    raise CodingError(f"more than {_MOST_CODINGS} content codings, one inside the other")


def _undeclared(body: bytes) -> Callable[[bytes, int], bytes] | None:
    if body.startswith(_GZIP):
        return _gzip
    return _zstd if body.startswith(_ZSTD) else None


def _gzip(body: bytes, max_bytes: int) -> bytes:
    """Members of gzip, one after another; what follows the last is nothing."""
    if not body.startswith(_GZIP):
        return _plain(body, "gzip")
    parts: list[bytes] = []
    size = 0
    while body.startswith(_GZIP):
        decoder = zlib.decompressobj(wbits=31)
        part = _inflated(decoder, body, max_bytes - size, "gzip", keep=bool(parts))
        parts.append(part)
        size += len(part)
        if not decoder.eof:
            break
        body = decoder.unused_data
    return b"".join(parts)


def _deflate(body: bytes, max_bytes: int) -> bytes:
    """With the wrapper of zlib, as the standard wants it, or raw, as servers send it."""
    if body.startswith(_GZIP):
        return _gzip(body, max_bytes)
    errors = []
    for wbits in (15, -15):
        try:
            return _inflated(zlib.decompressobj(wbits=wbits), body, max_bytes, "deflate", keep=False)
        except BodyTooLarge:
            raise
        except CodingError as error:
            errors.append(error)
    return _plain(body, "deflate", errors[0])


def _inflated(decoder: zlib._Decompress, body: bytes, max_bytes: int, coding: str, *, keep: bool) -> bytes:
    """All that decodes. ``keep`` says that an error costs only this stream, because text stands before it."""
    parts: list[bytes] = []
    size, pending = 0, body
    try:
        while pending and not decoder.eof:
            part = decoder.decompress(pending, _PIECE)
            pending = decoder.unconsumed_tail
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise BodyTooLarge(f"body decodes to more than {max_bytes:,} bytes")
    except zlib.error as error:
        if not parts and not keep:
            raise CodingError(f"{coding}: {error}; {len(body):,} bytes begin {body[:8]!r}") from error
    if not size and body and not keep and not decoder.eof:
        raise CodingError(f"{coding}: nothing decodes of {len(body):,} bytes")
    return b"".join(parts)


def _brotli(body: bytes, max_bytes: int) -> bytes:
    decoder = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        for start in range(0, len(body), _PIECE):
            piece = body[start : start + _PIECE]
            while True:
                part = decoder.process(piece, output_buffer_limit=_PIECE)
                parts.append(part)
                size += len(part)
                if size > max_bytes:
                    raise BodyTooLarge(f"body decodes to more than {max_bytes:,} bytes")
                if decoder.is_finished():
                    return b"".join(parts)
                if not part and decoder.can_accept_more_data():
                    break
                piece = b""
    except brotli.error as error:
        if not size:
            return _plain(body, "br", CodingError(f"br: {error}; {len(body):,} bytes begin {body[:8]!r}"))
    return b"".join(parts) if size else _plain(body, "br")


def _zstd(body: bytes, max_bytes: int) -> bytes:
    if not body.startswith(_ZSTD):
        return _plain(body, "zstd")
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    parts: list[bytes] = []
    size = 0
    try:
        with decoder.stream_reader(body, read_across_frames=False) as reader:
            while part := reader.read(_PIECE):
                parts.append(part)
                size += len(part)
                if size > max_bytes:
                    raise BodyTooLarge(f"body decodes to more than {max_bytes:,} bytes")
    except zstandard.ZstdError as error:
        if not parts:
            raise CodingError(f"zstd: {error}; {len(body):,} bytes") from error
    return b"".join(parts)


def _plain(body: bytes, coding: str, error: CodingError | None = None) -> bytes:
    """The body as it is, where it is text and the header alone says that it is encoded."""
    if is_binary(body):
        raise error or CodingError(f"{coding}: {len(body):,} bytes begin {body[:8]!r}")
    return body


_CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "x-deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

#: Control characters that no text holds; line ends, tabs, form feeds and the escapes of ISO-2022 are none of them.
_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\x0b\x0c\r\x1a\x1b\x0e\x0f")
_LOOKED_AT = 4096
#: Share of control characters above which bytes are no text; UTF-16 is told otherwise.
_BINARY_SHARE = 0.05
_UTF_16_SHARE = 0.025
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def is_binary(body: bytes) -> bool:
    """Whether bytes are no text in any charset.

    >>> is_binary("漢字".encode("big5")), is_binary(b"\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR\\1")
    (False, True)
    """
    head = body[:_LOOKED_AT]
    if head.startswith(_UTF_16_MARKS):
        return False
    controls = len(head) - len(head.translate(None, delete=_CONTROLS))
    if controls <= _BINARY_SHARE * len(head):
        return False
    # UTF-16 without a mark has its zeros in even or in odd places, each beside a letter, a sign or white space.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _UTF_16_SHARE * len(head) or min(even, odd) > max(even, odd) // 20:
        return True
    text = head[: len(head) // 2 * 2].decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    latin = [character for character in text if character < "\x80"]
    return sum(character < " " and character not in "\t\n\f\r" for character in latin) > _BINARY_SHARE * len(latin)
