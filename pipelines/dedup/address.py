"""One address, however it is written: what tells captures of one page apart from other pages."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_LAST_SECOND = (1 << 32) - 1


def address_key(url: str) -> int:
    """64 bits of a hash of an address, 0 where there is none.

    Scheme, ``www.``, the scheme's own port, an empty path and the fragment make no difference, nor do capitals of the
    host; path and query do.

    >>> address_key("https://www.Example.com:443/?a=1#top") == address_key("http://example.com?a=1")
    True
    >>> address_key("urn:uuid:1"), address_key("")
    (0, 0)
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return 0
    if parts.scheme not in _PORTS or not host:
        return 0
    place = host.rstrip(".").removeprefix("www.")
    if port not in (None, _PORTS[parts.scheme]):
        place += f":{port}"
    written = f"{place}{parts.path or '/'}?{parts.query}"
    digest = hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") or 1


def seconds_of(timestamp: str) -> int:
    """Seconds since 1970 of a time as WARC and MediaWiki write it (ISO 8601; UTC if it does not say), else 0.

    >>> seconds_of("2026-03-01T12:00:00Z"), seconds_of("1970-01-01T09:00:01+09:00"), seconds_of("yesterday")
    (1772366400, 1, 0)
    """
    try:
        time = datetime.fromisoformat(timestamp)
    except ValueError:
        return 0
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return min(max(int(seconds), 0), _LAST_SECOND)
