"""One address, however it is written: what tells captures of one page apart from other pages."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote, urlsplit

_ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
# Of printable ASCII what RFC 3986 calls unreserved: written as an escape or not, it is the same (section 6.2.2.2).
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_PORTS = {"http": 80, "https": 443}
_LAST_SECOND = (1 << 32) - 1
_EPOCH, _CDX = re.compile(r"[0-9]{10}(?:[0-9]{3})?"), 14
_DAY = re.compile(r"([0-9]{4})(?:[-/]([0-9]{2})(?:[-/]([0-9]{2}))?)?")


def address_key(url: str) -> int:
    """64 bits of a hash of an address, 0 where there is none.

    Scheme, ``www.``, the scheme's own port, an empty path and the fragment make no difference, nor do capitals of the
    host; path and query do. A host outside ASCII is its punycode, other characters are their escapes.

    >>> address_key("https://www.Example.com:443/?a=1#top") == address_key("http://example.com?a=1")
    True
    >>> address_key("urn:uuid:1"), address_key("")
    (0, 0)
    >>> address_key("http://ja.例え.jp/wiki/東京") == address_key("http://ja.xn--r8jz45g.jp/wiki/%e6%9d%b1%E4%BA%AC")
    True
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return 0
    if parts.scheme not in _PORTS or not host:
        return 0
    place = (host if host.isascii() else _punycode(host)).rstrip(".").removeprefix("www.")
    if port not in (None, _PORTS[parts.scheme]):
        place += f":{port}"
    rest = f"{parts.path or '/'}?{parts.query}"
    if " " in rest or not rest.isascii():
        rest = quote(rest, safe=_PRINTABLE, errors="surrogatepass")
    if "%" in rest:
        rest = _ESCAPED.sub(_escape, rest)
    digest = hashlib.blake2b(f"{place}{rest}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") or 1


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _escape(found: re.Match[str]) -> str:
    character = unquote(found[0], "latin-1")
    return character if character in _UNRESERVED else found[0].upper()


def seconds_of(timestamp: str) -> int:
    """Seconds since 1970 of a time stamp, 0 where it is none or before; UTC if it does not say.

    ISO 8601 as WARC and MediaWiki write it, a year or a month of it too; the 14 digits of CDX; seconds or milliseconds
    since 1970; the dates of HTTP.

    >>> seconds_of("2026-03-01T12:00:00Z"), seconds_of("1970-01-01T09:00:01+09:00"), seconds_of("yesterday")
    (1772366400, 1, 0)
    >>> seconds_of("20260301120000") == seconds_of(" 1772366400000") == seconds_of("Sun, 01 Mar 2026 12:00:00 GMT")
    True
    >>> seconds_of("2026") < seconds_of("2026-02") < seconds_of("2026/02/03")
    True
    """
    written = timestamp.strip()
    if _EPOCH.fullmatch(written):
        return min(int(written[:10]), _LAST_SECOND)
    if written.isdecimal() and len(written) == _CDX:
        written = f"{written[:8]}T{written[8:]}"
    elif found := _DAY.fullmatch(written):
        written = "-".join(part or "01" for part in found.groups())
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        try:
            time = parsedate_to_datetime(written)
        except ValueError:
            return 0
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return min(max(int(seconds), 0), _LAST_SECOND)
