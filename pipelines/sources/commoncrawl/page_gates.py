"""Cheap tests of a web page before it is decoded or parsed: status, media type, size, Chinese or Japanese bytes."""

from __future__ import annotations

import re

#: Media types whose text is extracted; anything else is no page. Empty: the header is missing.
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_PLAIN_TYPES = frozenset({"text/plain"})
_LOOKS_LIKE_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|table|script|br)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_LANG = re.compile(rb"""<html\b[^>]*?\s(?:xml:)?lang\s*=\s*["']?([A-Za-z]{2,3})""", re.IGNORECASE)
_ESCAPED = re.compile(
    rb"\x1b\$[@B]|~\{|&#x(?:3[0-9a-f]{3}|[4-9][0-9a-f]{3});|&#(?:1[2-9]\d{3}|[23]\d{4}|40\d{3});", re.IGNORECASE
)
_OUTSIDE_ASCII = bytes(range(0x80, 0x100))
_ACCENTED_LATIN = bytes(range(0xC2, 0xC6))
#: Languages whose pages are wanted whatever the share of their bytes.
EAST_ASIAN_LANGUAGES = frozenset({b"zh", b"ja", b"yue", b"lzh", b"cmn", b"hak", b"nan", b"wuu", b"gan"})


def media_type(content_type: str, identified_type: str, body: bytes) -> str:
    """``text/html``, ``text/plain`` or what else the body is said to be, in lower case without parameters.

    The type a crawler identified counts more than the server's. A page without any type is recognised by its
    markup.
    """
    named = (identified_type or content_type).partition(";")[0].strip().lower()
    if named in _HTML_TYPES:
        return "text/html"
    if named in ("", "application/http", "application/octet-stream", "unknown/unknown") and _LOOKS_LIKE_HTML.match(
        body[:2048]
    ):
        return "text/html"
    return named


def is_text(kind: str) -> bool:
    """Whether text can be extracted from this media type."""
    return kind in _HTML_TYPES or kind in _PLAIN_TYPES


def east_asian_bytes(body: bytes) -> int:
    """At most how many bytes of the page may be Chinese or Japanese, in whichever charset, at memory speed.

    Bytes outside ASCII count, without the lead bytes of accented Latin in UTF-8 and their trail bytes; so do
    the seven-bit forms: ISO-2022-JP and HZ escapes and character references, at a line's worth each.
    """
    count = 0
    if not body.isascii():
        high = len(body) - len(body.translate(None, delete=_OUTSIDE_ASCII))
        latin = len(body) - len(body.translate(None, delete=_ACCENTED_LATIN))
        # GB18030 and Big5 use those lead bytes for common characters, so text full of them is no accented Latin.
        count = high if latin * 4 < high else high - 2 * latin
    if b"\x1b$" in body or b"~{" in body or b"&#" in body:
        count += 20 * sum(1 for _ in _ESCAPED.finditer(body))
    return count


def declared_language(body: bytes) -> bytes:
    """The primary language of ``<html lang>`` in lower case, empty where none is declared."""
    found = _HTML_LANG.search(body[:4096])
    return found[1].lower() if found else b""
