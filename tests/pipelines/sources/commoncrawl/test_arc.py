from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.commoncrawl.arc import is_arc, read_arc
from hanmill.pipelines.sources.commoncrawl.reader import plan_splits, read_split
from hanmill.pipelines.sources.commoncrawl.warc import WarcFailure, WarcRecordData
from hanmill.pipelines.sources.records import Dropped, Failed
from hanmill.schemas.recipe import CommonCrawlRecipe
from tests.pipelines.documents import documents

LIMIT = 1 << 20
HEAD = b"1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n"
PAGE = "<p>入秋以后水位回落，停了三个月的江心渡口重新开船。</p>".encode("gb18030")


def entry(url: str, block: bytes, kind: str = "text/html") -> bytes:
    return f"{url} 127.0.0.1 20100216050221 {kind} {len(block)}\n".encode() + block + b"\n"


def response(body: bytes, line: str = "\r\n") -> bytes:
    return f"HTTP/1.1 200 OK{line}Content-Type: text/html; charset=gb2312{line}{line}".encode() + body


ENTRIES = [
    entry("filedesc://a.arc.gz", HEAD, "text/plain"),
    entry("http://a.example/渡口 复航.html", response(PAGE)),
    entry("http://b.example/", response(PAGE * 2, "\n")),
    entry("dns:a.example", b"20100216050221\na.example. 60 IN A 127.0.0.1", "text/dns"),
]


def read(data: bytes, limit: int = LIMIT) -> list[WarcRecordData | WarcFailure]:
    return list(read_arc(io.BytesIO(data), limit))


@pytest.mark.parametrize(
    "data", [b"".join(ENTRIES), b"".join(map(gzip.compress, ENTRIES)), gzip.compress(b"".join(ENTRIES))]
)
def test_plain_and_compressed(data: bytes) -> None:
    assert is_arc(io.BytesIO(data))
    found = [one for one in read(data) if isinstance(one, WarcRecordData)]
    assert [one.type for one in found] == ["warcinfo", "response", "response", "resource"]
    assert [one.body for one in found[1:3]] == [PAGE, PAGE * 2]
    assert found[1].url == "http://a.example/渡口 复航.html"
    assert (found[1].date, found[1].status, found[1].content_type) == (
        "2010-02-16T05:02:21Z",
        200,
        "text/html; charset=gb2312",
    )


def test_fields_of_version_two() -> None:
    block = response(PAGE)
    line = f"http://a.example/ 127.0.0.1 20100216050221 text/html 200 ABC - 0 a.arc {len(block)}\n".encode()
    (found,) = read(line + block)
    assert isinstance(found, WarcRecordData)
    assert found.body == PAGE


def test_bad_lengths_and_garbage_cost_themselves() -> None:
    bad = b"http://c.example/ 127.0.0.1 20100216050221 text/html abc\nrest\n"
    found = read(ENTRIES[0] + bad + ENTRIES[1])
    assert [one.kind if isinstance(one, WarcFailure) else one.type for one in found] == [
        "warcinfo",
        "arc_header",
        "response",
    ]
    assert isinstance(found[1], WarcFailure)
    assert found[1].bytes_lost == len(bad)


def test_a_large_record_is_passed_over_and_a_clipped_one_delivered() -> None:
    data = entry("http://c.example/", response(b"x" * 5000)) + ENTRIES[1]
    large, page, failure = read(data[:-11], limit=2000)
    assert isinstance(large, WarcFailure)
    assert large.kind == "record_size"
    assert isinstance(page, WarcRecordData)
    assert page.body == PAGE[:-10]
    assert isinstance(failure, WarcFailure)
    assert (failure.kind, failure.bytes_lost) == ("truncated", 10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6), st.integers(0, 300), st.booleans())
def test_any_damage_is_survived(flips: list[tuple[int, int]], cut: int, compressed: bool) -> None:
    data = bytearray(gzip.compress(b"".join(ENTRIES)) if compressed else b"".join(ENTRIES))
    for place, value in flips:
        data[place % len(data)] = value
    assert len(read(bytes(data[: max(0, len(data) - cut)]))) < 20


def test_as_a_source(tmp_path: Path) -> None:
    path = tmp_path / "a.arc"
    path.write_bytes(b"".join(ENTRIES) * 3)
    (split,) = plan_splits(str(path), 100)
    records = documents(read_split(split, CommonCrawlRecipe()))
    pages = [record for record in records if isinstance(record, Document)]
    assert [page.text[:4] for page in pages[:2]] == ["入秋以后", "入秋以后"]
    assert {page.charset for page in pages} == {"gb18030"}
    assert not any(isinstance(record, Failed) for record in records)
    assert {record.rule for record in records if isinstance(record, Dropped)} == {"record_type@1", "media_type@1"}


@pytest.mark.parametrize(
    ("name", "pages"), [("example.arc", 1), ("example.arc.gz", 1), ("example-space-in-url.arc", 1)]
)
def test_real_files(shared_data: Path, name: str, pages: int) -> None:
    with (shared_data / "warc/malformed" / name).open("rb") as file:
        found = [one for one in read_arc(file, LIMIT) if isinstance(one, WarcRecordData) and one.type == "response"]
    assert len(found) == pages
    assert b"Example Domain" in found[0].body
