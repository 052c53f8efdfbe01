"""What a server says of the use of a page."""

from __future__ import annotations

import io

import pytest

from hanmill.pipelines.sources.commoncrawl.reader import read_page
from hanmill.pipelines.sources.commoncrawl.warc import WarcRecordData, read_warc
from hanmill.pipelines.sources.records import RawPage
from hanmill.schemas.recipe import CommonCrawlRecipe


def page(headers: str) -> RawPage:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\r\n<p>頁</p>".encode()
    lines = (
        "WARC/1.0",
        "WARC-Type: response",
        "WARC-Target-URI: https://a.tw/",
        "WARC-Record-ID: <urn:uuid:1>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(http)}",
    )
    head = "".join(f"{line}\r\n" for line in lines) + "\r\n"
    (record,) = read_warc(io.BytesIO(head.encode() + http + b"\r\n\r\n"), 1 << 20)
    assert isinstance(record, WarcRecordData)
    found = read_page(record, "a:0", CommonCrawlRecipe())
    assert isinstance(found, RawPage)
    return found


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ("", None),
        ("X-Robots-Tag: noindex\r\n", None),
        ("X-Robots-Tag: noai, noimageai\r\n", True),
        ("x-robots-tag: noindex\r\nX-Robots-Tag: ccbot: noai\r\n", True),
        ("TDM-Reservation: 1\r\n", True),
        ("tdm-reservation: 0\r\n", False),
        ("X-Robots-Tag: unavailable_after: 25 Jun 2030 15:00:00 PST\r\n", None),
    ],
)
def test_headers(headers: str, found: bool | None) -> None:
    assert page(headers).opt_out is found
