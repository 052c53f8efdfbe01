"""Builds sample.warc.gz from the pages beside it, byte for byte the same every time.

The pages are kept as UTF-8 and written in the charsets of the Chinese, Japanese and Korean web, declared in the
header, in the page, in both, nowhere, or wrongly. ``python samples/commoncrawl/make_warc.py`` takes no arguments.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

FOLDER = Path(__file__).resolve().parent
DATE = "2026-01-15T00:00:00Z"


@dataclass(frozen=True)
class Entry:
    """One page: its file, the codec of its bytes, and the charset its header and its meta name (empty: none)."""

    file: str
    codec: str = "utf-8"
    header: str = ""
    meta: str = ""
    copy: str = ""


ENTRIES = (
    Entry("zh-cn-ferry.html", "utf-8", "utf-8", "utf-8"),
    Entry("zh-cn-library.html", "gb18030", "", "gb2312"),
    Entry("zh-cn-recipe.html", "utf-8", "", "utf-8"),
    Entry("zh-cn-novel.html", "gb18030", "gbk", "gb2312"),
    Entry("zh-cn-bridge.html", "gb18030", "gb18030", ""),
    Entry("zh-cn-wet-market.html", "gb18030", "", ""),
    Entry("zh-cn-english-heavy.html", "utf-8", "utf-8", "utf-8"),
    Entry("zh-cn-spam.html", "gb18030", "gb2312", "gb2312"),
    Entry("zh-cn-links.html", "utf-8", "utf-8", "utf-8"),
    Entry("zh-tw-tea.html", "utf-8", "utf-8", "utf-8"),
    Entry("zh-tw-typhoon.html", "big5", "big5", "big5"),
    Entry("zh-tw-software.html", "big5", "", ""),
    Entry("zh-hk-tram.html", "utf-8", "", "utf-8"),
    Entry("zh-hk-market.html", "big5hkscs", "", "big5"),
    Entry("yue-diary.html", "big5hkscs", "big5-hkscs", ""),
    Entry("lzh-garden.html", "utf-8", "utf-8", "utf-8"),
    Entry("ja-ruby.html", "utf-8", "utf-8", "utf-8"),
    Entry("ja-station.html", "cp932", "", "shift_jis"),
    Entry("ja-garden.html", "cp932", "", ""),
    Entry("ja-oldform.html", "euc_jp", "", "euc-jp"),
    Entry("ja-recipe.html", "euc_jp", "euc-jp", ""),
    Entry("ja-science.html", "iso2022_jp", "", "iso-2022-jp"),
    Entry("ja-catalogue.html", "utf-8", "utf-8", "utf-8"),
    Entry("ja-museum.html", "iso2022_jp", "", ""),
    Entry("ko-village.html", "utf-8", "utf-8", "utf-8"),
    Entry("ko-school.html", "cp949", "", "euc-kr"),
    Entry("en-harbour.html", "utf-8", "utf-8", "utf-8"),
    # A server that says ISO-8859-1 of everything, and one that says UTF-8 of a Shift_JIS page.
    Entry("mixed-review.html", "utf-8", "iso-8859-1", "utf-8"),
    Entry("ja-station.html", "cp932", "utf-8", "utf-8", copy="mirror"),
    Entry("zh-tw-converted.html", "utf-8", "utf-8", "utf-8"),
    # The same page at a second address.
    Entry("zh-cn-ferry.html", "utf-8", "utf-8", "utf-8", copy="copy"),
)


def build() -> bytes:
    """The bytes of the archive: a gzip member for each record, and one record whose member is damaged."""
    members = [_member(_record("warcinfo", "", b"software: hanmill sample\r\nformat: WARC File Format 1.0\r\n", ""))]
    for number, entry in enumerate(ENTRIES):
        member = _member(_page(entry))
        if number == len(ENTRIES) // 2:
            members.append(_damaged(_page(Entry("zh-cn-bridge.html", "utf-8", "utf-8", "utf-8", copy="damaged"))))
        members.append(member)
    return b"".join(members)


def page_url(entry: Entry) -> str:
    """The address a page is given."""
    name = entry.file.removesuffix(".html")
    return f"https://{entry.copy + '.' if entry.copy else ''}sample.example/{name}"


def _page(entry: Entry) -> bytes:
    html = (FOLDER / "pages" / entry.file).read_text(encoding="utf-8")
    if entry.meta:
        html = html.replace("{charset}", entry.meta)
    else:
        html = html.replace('<meta charset="{charset}">', "").replace("; charset={charset}", "")
    content_type = "text/html" + (f"; charset={entry.header}" if entry.header else "")
    body = html.encode(entry.codec, "xmlcharrefreplace")
    message = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    return _record("response", page_url(entry), message, "application/http; msgtype=response")


def _record(kind: str, url: str, block: bytes, content_type: str) -> bytes:
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, f'hanmill:{kind}:{url}')}>",
        f"WARC-Date: {DATE}",
        f"Content-Type: {content_type or 'application/warc-fields'}",
        f"Content-Length: {len(block)}",
    ]
    if url:
        lines.insert(3, f"WARC-Target-URI: {url}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def _member(data: bytes) -> bytes:
    """A gzip member of stored blocks (RFC 1951, 3.2.4): no two versions of zlib can disagree about them."""
    parts = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for start in range(0, len(data), 0xFFFF):
        piece = data[start : start + 0xFFFF]
        last = start + 0xFFFF >= len(data)
        parts += [bytes([last]), len(piece).to_bytes(2, "little"), (len(piece) ^ 0xFFFF).to_bytes(2, "little"), piece]
    parts += [zlib.crc32(data).to_bytes(4, "little"), len(data).to_bytes(4, "little")]
    return b"".join(parts)


def _damaged(data: bytes) -> bytes:
    member = bytearray(_member(data))
    member[len(member) // 2] ^= 0xFF
    return bytes(member)


if __name__ == "__main__":
    (FOLDER / "sample.warc.gz").write_bytes(build())
