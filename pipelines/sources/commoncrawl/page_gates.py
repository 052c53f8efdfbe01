"""Cheap tests of a web page before it is decoded or parsed: status, media type, size, Chinese or Japanese bytes."""

from __future__ import annotations

import re

from hanmill.pipelines.sources.commoncrawl.content_codings import is_binary

#: Media types whose text is extracted; anything else is no page. Empty: the header is missing.
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_PLAIN_TYPES = frozenset({"text/plain"})
_LOOKS_LIKE_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|table|script|br)\b",
    re.IGNORECASE | re.DOTALL,
)
#: Addresses of Browsertrix, warcprox, wget, wpull and Heritrix for their own records.
_CRAWLERS_OWN = ("urn:", "metadata:", "whois:", "warcinfo:", "filedesc:", "screenshot:", "thumbnail:")
#: How files begin that servers send as text.
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh9", "application/x-bzip2"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ\x90\x00", "application/x-executable"),
    (b"ID3\x03", "audio/mpeg"),
    (b"CWS", "application/x-shockwave-flash"),
    (b"FWS", "application/x-shockwave-flash"),
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
    if named in _HTML_TYPES or named in _PLAIN_TYPES:
        found = next((kind for signature, kind in _SIGNATURES if body.startswith(signature)), "")
        if found or is_binary(body):
            # Servers send pictures and archives as text; what no charset can hold is none.
            return found or "application/octet-stream"
    if named in _HTML_TYPES:
        return "text/html"
    if named in ("", "application/http", "application/octet-stream", "unknown/unknown") and _LOOKS_LIKE_HTML.match(
        body[:2048]
    ):
        return "text/html"
    return named


def is_crawlers_own(url: str) -> bool:
    """Whether a record of this address holds what a crawler wrote about its crawl: extracted text, views, logs.

    >>> is_crawlers_own("urn:text:https://a.example/"), is_crawlers_own("https://a.example/urn:text:")
    (True, False)
    """
    return url.lower().startswith(_CRAWLERS_OWN)


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
