from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import lz4.frame
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.sources.commoncrawl.warc import WarcFailure, WarcRecordData, is_splittable, read_warc

LIMIT = 1 << 20
PAGES = [f"<p>第{number}頁の本文です。</p>".encode() for number in range(5)]
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": zstandard.ZstdCompressor().compress,
    "lz4": lz4.frame.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "none": lambda data: data,
}


def record(body: bytes, headers: str = "Content-Type: text/html", url: str = "http://a.example/") -> bytes:
    message = f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + body
    return raw_record(message, f"WARC-Type: response\r\nContent-Type: application/http\r\nWARC-Target-URI: {url}")


def raw_record(block: bytes, headers: str) -> bytes:
    return f"WARC/1.0\r\n{headers}\r\nContent-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def read(data: bytes, limit: int = LIMIT) -> list[WarcRecordData | WarcFailure]:
    return list(read_warc(io.BytesIO(data), limit))


def bodies(data: bytes) -> list[bytes]:
    return [found.body for found in read(data) if isinstance(found, WarcRecordData)]


def kinds(data: bytes, limit: int = LIMIT) -> list[str]:
    return [found.kind for found in read(data, limit) if isinstance(found, WarcFailure)]


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_every_compression(compress: Callable[[bytes], bytes]) -> None:
    members = [compress(record(page)) for page in PAGES]
    found = read(b"".join(members))
    assert [one.body for one in found if isinstance(one, WarcRecordData)] == PAGES
    assert [one.offset for one in found] == [sum(map(len, members[:place])) for place in range(len(members))]


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_one_member_for_the_whole_file(compress: Callable[[bytes], bytes]) -> None:
    assert bodies(compress(b"".join(map(record, PAGES)))) == PAGES


class CountedFile(io.BytesIO):
    """Counts the bytes it gives."""

    given = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.given += len(data)
        return data


@pytest.mark.parametrize("compression", ["gzip", "zstd", "lz4"])
def test_small_members_are_read_from_the_file_once(compression: str) -> None:
    compress = COMPRESSIONS[compression]
    pages = [f"<p>第{number}頁の本文です。</p>".encode() for number in range(500)]
    file = CountedFile(b"".join(compress(record(page)) for page in pages))
    assert [found.body for found in read_warc(file, LIMIT) if isinstance(found, WarcRecordData)] == pages
    assert file.given < 1.1 * len(file.getvalue())


def test_members_that_cut_a_record_in_two() -> None:
    data = b"".join(map(record, PAGES))
    cut = b"".join(gzip.compress(data[start : start + 100]) for start in range(0, len(data), 100))
    assert bodies(cut) == PAGES


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("identity", bytes),
        # Servers and crawlers that claim a coding they did not use.
        ("gzip", bytes),
        ("br", bytes),
    ],
)
def test_http_content_codings(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert bodies(record(encode(PAGES[0]), f"Content-Encoding: {coding}")) == [PAGES[0]]


def test_http_chunks() -> None:
    chunks = b"5\r\n" + PAGES[0][:5] + b"\r\n" + f"{len(PAGES[0]) - 5:x}\r\n".encode() + PAGES[0][5:] + b"\r\n0\r\n\r\n"
    assert bodies(record(chunks, "Transfer-Encoding: chunked")) == [PAGES[0]]


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("left", [0.05, 0.4, 0.6, 0.99])
def test_http_chunks_that_end_early(coding: str, left: float) -> None:
    page = "".join(f"<p>第{number}段，北京大學的歷史。</p>" for number in range(3000)).encode()
    sent = gzip.compress(page) if coding else page
    chunks = b"".join(
        f"{len(sent[start : start + 700]):X}\r\n".encode() + sent[start : start + 700] + b"\r\n"
        for start in range(0, len(sent), 700)
    )
    headers = "Transfer-Encoding: chunked" + (f"\r\nContent-Encoding: {coding}" if coding else "")
    for cut in range(int(left * len(chunks)), int(left * len(chunks)) + 12):
        (found,) = bodies(record(chunks[:cut], headers))
        assert found
        assert page.startswith(found)
        assert coding or len(found) >= cut - 9 * (cut // 706 + 1)


def test_bytes_that_are_only_said_to_be_chunks() -> None:
    for body in (PAGES[0], b"1\nof many", b"dead-beef\r\n" + PAGES[0]):
        assert bodies(record(body, "Transfer-Encoding: chunked")) == [body]


@pytest.mark.parametrize("name", ["gzip", "zstd", "lz4"])
def test_a_corrupt_member_costs_its_record_only(name: str) -> None:
    members = [COMPRESSIONS[name](record(page * 20)) for page in PAGES]
    damaged = bytearray(members[2])
    damaged[len(damaged) // 2 :] = bytes(len(damaged) - len(damaged) // 2)
    members[2] = bytes(damaged)
    data = b"".join(members)
    assert bodies(data) == [page * 20 for place, page in enumerate(PAGES) if place != 2]
    assert len(kinds(data)) == 1


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_truncated_file_is_reported(name: str) -> None:
    data = b"".join(COMPRESSIONS[name](record(page * 20)) for page in PAGES)
    found = bodies(data[:-120])
    assert found[: len(PAGES) - 1] == [page * 20 for page in PAGES[:-1]]
    # What the decompressor gives of the last record is delivered too.
    assert all((PAGES[-1] * 20).startswith(rest) for rest in found[len(PAGES) - 1 :])
    assert kinds(data[:-120]) == ["truncated"]


def test_a_record_that_the_end_of_the_file_cuts_is_delivered_and_marked() -> None:
    data = record(PAGES[0]) + record(PAGES[1] * 50)
    *_, clipped, failure = read(data[:-100])
    assert isinstance(clipped, WarcRecordData)
    assert clipped.body == (PAGES[1] * 50)[:-96]
    assert clipped.truncated
    assert isinstance(failure, WarcFailure)
    assert (failure.kind, failure.bytes_lost) == ("truncated", 96)


def test_a_clipped_coding_gives_no_garbage() -> None:
    data = record(gzip.compress(bytes(range(256)) * 40), "Content-Encoding: gzip\r\nTransfer-Encoding: chunked")
    assert bodies(data[:-60]) == []
    assert kinds(data[:-60]) == ["truncated"]


@pytest.mark.parametrize("name", ["gzip", "zstd", "lz4"])
def test_bytes_lost_to_a_corrupt_member_are_its_own(name: str) -> None:
    members = [COMPRESSIONS[name](record(page * 20)) for page in PAGES]
    damaged = members[2][: len(members[2]) // 2].ljust(len(members[2]), b"\0")
    failures = [one for one in read(b"".join([*members[:2], damaged, *members[3:]])) if isinstance(one, WarcFailure)]
    assert [failure.bytes_lost for failure in failures] == [len(members[2])]


def test_bytes_lost_to_garbage_and_to_large_records() -> None:
    garbage, large = b"garbage\n\x00\xff\n", record(b"x" * 5000)
    failures = [one for one in read(record(PAGES[0]) + garbage + large, 2000) if isinstance(one, WarcFailure)]
    assert [failure.kind for failure in failures] == ["warc_header", "record_size"]
    # Blank lines behind a record belong to none.
    assert [failure.bytes_lost for failure in failures] == [len(garbage), len(large)]


def test_wrong_content_length_does_not_swallow_the_next_record() -> None:
    whole = record(PAGES[1] * 90)
    length = int(re.search(rb"Content-Length: (\d+)", whole)[1])
    for wrong in (length - 2000, length + 20, length + 200, length + 5000):
        bad = whole.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % wrong, 1)
        data = record(PAGES[0]) + bad + record(PAGES[2]) + record(PAGES[3])
        found = bodies(data)
        assert found[0] == PAGES[0]
        assert found[-1] == PAGES[3]
        assert kinds(data)


@pytest.mark.parametrize("short", [1, 3, 20, 300])
@pytest.mark.parametrize("page", [PAGES[1] * 9, b"<html>\n" + PAGES[2] * 8 + b"\n</html>\n<!-- 1 -->"])
def test_content_length_too_small_by_a_few_bytes_costs_nothing(short: int, page: bytes) -> None:
    whole = record(page)
    length = int(re.search(rb"Content-Length: (\d+)", whole)[1])
    bad = whole.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length - short), 1)
    for data in (record(PAGES[0]) + bad + record(PAGES[3]), record(PAGES[0]) + bad):
        found = read(data)
        assert not [one for one in found if isinstance(one, WarcFailure)]
        # A line end that nothing counts is no part of the page.
        assert found[1].body.rstrip() == page.rstrip()
        assert [one.warnings for one in found[:2]] == [(), ("content_length",)]
        assert [one.body for one in found[2:]] == [PAGES[3]][: len(found) - 2]


@pytest.mark.parametrize("version", ["0.16", "0.17", "0.18", "0.9", "1.0", "1.1"])
@pytest.mark.parametrize("ends", [(b"\n", b"\n"), (b"\n", b"\r\n"), (b"\r\n", b"\n"), (b"\r\n", b"\r\n")])
def test_versions_and_line_ends_of_headers(version: str, ends: tuple[bytes, bytes]) -> None:
    """ClueWeb09 has WARC/0.18 and bare line feeds, in its own headers and in those of HTTP."""
    outer, inner = ends
    http = inner.join([b"HTTP/1.1 200 OK", b"Content-Type: text/html; charset=gbk", b"Server: x", b"", PAGES[1]])
    header = [
        b"WARC/%s" % version.encode(),
        b"WARC-Type: response",
        b"WARC-Target-URI: http://a.example/",
        b"WARC-TREC-ID: clueweb09-zh0000-00-00000",
        b"WARC-Date: 2009-03-65T08:43:19-0800",
        b"WARC-Record-ID: <urn:uuid:1>",
        b"Content-Type: application/http;msgtype=response",
        b"Content-Length: %d" % len(http),
    ]
    data = (outer.join([*header, b"", http]) + outer * 2) * 2
    found = read(data)
    assert [(one.type, one.status, one.url, one.body) for one in found] == [
        ("response", 200, "http://a.example/", PAGES[1])
    ] * 2
    assert found[0].content_type == "text/html; charset=gbk"


def without_length(one: bytes) -> bytes:
    return re.sub(rb"\r\nContent-Length: \d+(?=\r\n\r\n)", b"", one, count=1)


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_a_record_without_length_ends_where_the_next_begins(compress: Callable[[bytes], bytes]) -> None:
    about_warc = "<p>第一行。\r\n\r\nWARC/1.0\r\n這是檔案的第一行。</p>".encode()
    records = [without_length(record(page)) for page in (PAGES[0], about_warc, PAGES[1])] + [record(PAGES[2])]
    wanted = [PAGES[0], about_warc, PAGES[1], PAGES[2]]
    for data in (compress(b"".join(records)), b"".join(map(compress, records))):
        found = read(data)
        assert [one.body for one in found if isinstance(one, WarcRecordData)] == wanted
        flags = [one.warnings for one in found if isinstance(one, WarcRecordData)]
        assert flags == [("content_length",)] * 3 + [()]
    assert kinds(b"".join(map(without_length, map(record, [PAGES[0], b"x" * 5000]))), 4000) == ["record_size"]


def test_garbage_between_records() -> None:
    data = without_length(record(PAGES[0])) + record(PAGES[1]) + b"garbage\n\x00\xff\n" + record(PAGES[2])
    assert bodies(data) == PAGES[:3]
    assert kinds(data) == ["warc_header"]


def test_a_header_that_breaks_off_takes_nothing_of_the_next_record() -> None:
    """Nor is the end of each of many such headers looked for behind the next: these would take minutes."""
    cut = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://b.example/\r\n"
    found = read(cut + record(PAGES[0]) + b"WARC/1.0\r\n" * 2_000 + record(PAGES[1]))
    pages = [item for item in found if isinstance(item, WarcRecordData)]
    assert [(page.body, page.url) for page in pages] == [(body, "http://a.example/") for body in PAGES[:2]]
    failures = [item for item in found if isinstance(item, WarcFailure)]
    assert len(failures) == 2_001
    assert failures[0].message == f"no end of the WARC header within {len(cut):,} bytes"
    assert sum(failure.bytes_lost for failure in failures) == len(cut) + 2_000 * len(b"WARC/1.0\r\n")


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_record_above_the_limit_is_passed_over(name: str) -> None:
    data = b"".join(COMPRESSIONS[name](record(page)) for page in (PAGES[0], b"x" * 5000, PAGES[1]))
    found = read(data, limit=2000)
    assert [one.body for one in found if isinstance(one, WarcRecordData)] == PAGES[:2]
    assert [one.kind for one in found if isinstance(one, WarcFailure)] == ["record_size"]


def test_a_body_that_decodes_beyond_the_limit() -> None:
    data = record(gzip.compress(bytes(LIMIT * 3)), "Content-Encoding: gzip") + record(PAGES[0])
    assert kinds(data) == ["record_size"]
    assert bodies(data) == [PAGES[0]]


def test_a_gzip_bomb_costs_a_bounded_amount() -> None:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [compressor.compress(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 999999999\r\n\r\n")]
    parts += [compressor.compress(bytes(1 << 20)) for _ in range(400)]
    bomb = b"".join(parts) + compressor.flush()
    data = gzip.compress(record(PAGES[0])) + bomb + gzip.compress(record(PAGES[1]))
    assert bodies(data) == PAGES[:2]
    assert kinds(data) == ["decompression_bomb"]


def test_identity_of_a_record() -> None:
    headers = (
        "WARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: <http://a.example/漢>\r\n"
        "WARC-Date: 2024-05-18T01:58:10Z\r\nWARC-Identified-Content-Language: jpn,eng\r\nContent-Type: text/plain"
    )
    found = read(raw_record("本文。".encode(), headers))[0]
    assert isinstance(found, WarcRecordData)
    assert (found.type, found.record_id, found.date) == ("conversion", "urn:uuid:1", "2024-05-18T01:58:10Z")
    assert (found.language, found.content_type, found.status) == ("jpn,eng", "text/plain", 0)
    assert found.url.startswith("http://a.example/")
    assert found.body.decode() == "本文。"


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_pieces_of_a_file_hold_each_record_once(name: str, parts: int) -> None:
    data = b"".join(COMPRESSIONS[name](record(page * (3 + place))) for place, page in enumerate(PAGES * 3))
    edges = [len(data) * place // parts for place in range(parts + 1)]
    found = [
        one.body
        for start, end in pairwise(edges)
        for one in read_warc(io.BytesIO(data), LIMIT, start, end)
        if isinstance(one, WarcRecordData)
    ]
    assert found == bodies(data)
    assert len(found) == 15


def test_which_files_can_be_read_from_the_middle() -> None:
    plain = b"".join(map(record, PAGES))
    assert is_splittable(io.BytesIO(plain))
    assert is_splittable(io.BytesIO(b"".join(gzip.compress(record(page)) for page in PAGES)))
    assert not is_splittable(io.BytesIO(gzip.compress(plain)))


SEED = {name: b"".join(compress(record(page * 8)) for page in PAGES[:3]) for name, compress in COMPRESSIONS.items()}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(SEED)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 400),
)
def test_any_damage_is_survived(name: str, flips: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SEED[name])
    for place, value in flips:
        data[place % len(data)] = value
    found = read(bytes(data[: len(data) - cut]))
    assert len(found) < 50
    assert all(isinstance(one, WarcRecordData | WarcFailure) for one in found)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    assert all(isinstance(one, WarcRecordData | WarcFailure) for one in read(data))


EXPECTED = {
    "bad.arc": {"warc_header": 1},
    "clipped.warc.gz": {"response": 1, "truncated": 1},
    "clueweb-quirk.warc.gz": {"response": 29, "warcinfo": 1},
    "example-bad-non-chunked.warc.gz": {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1},
    "example-bad.warc.gz.bad": {"warcinfo": 1, "response": 2, "request": 2, "revisit": 1},
    "example-digest.warc": {"request": 4},
    "example-iana.org-chunked.warc": {"warcinfo": 1, "response": 1, "request": 1},
    "example-resource.warc.gz": {"warcinfo": 2, "resource": 1},
    "example-space-in-target-uri.warc.gz": {"warcinfo": 1, "resource": 1},
    "example-space-in-url.arc": {"warc_header": 1},
    "example-trunc.warc": {"warcinfo": 2, "response": 1, "request": 1},
    "example-wget-bad-target-uri.warc.gz": {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1, "resource": 2},
    "example-wrong-chunks.warc.gz": {"response": 1, "request": 1},
    "example.arc": {"warc_header": 1},
    "example.arc.gz": {"warc_header": 1},
    "example.warc": {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1},
    "example.warc.gz": {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1},
    "post-test.warc.gz": {"response": 3, "request": 3},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_malformed_files(shared_data: Path, name: str) -> None:
    with (shared_data / "warc/malformed" / name).open("rb") as file:
        found = Counter(one.kind if isinstance(one, WarcFailure) else one.type for one in read_warc(file, LIMIT))
    assert found == EXPECTED[name]


@pytest.mark.parametrize("seed", range(6))
def test_real_archive_with_flipped_bytes(shared_data: Path, seed: int) -> None:
    data = bytearray((shared_data / "warc/sample-0000.warc.gz").read_bytes())
    for step in range(10):
        place = (seed * 7919 + step * 104_729) % len(data)
        data[place] ^= 1 << (step % 8)
    found = read(bytes(data), limit=8 << 20)
    records = sum(isinstance(one, WarcRecordData) for one in found)
    assert records >= 48 - 20
    assert len(found) <= 48 + 10


MESSAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGES[0]


@pytest.mark.parametrize(
    ("block", "headers"),
    [
        (MESSAGE, "warc-type: response\r\ncontent-type: application/http\r\nwarc-target-uri: http://a.example/"),
        (MESSAGE, "WARC-TYPE: response\r\nContent-Type: application/http"),
        # Writers that leave the type of the block out, or name the page's.
        (MESSAGE, "WARC-Type: response\r\nWARC-Target-URI: http://a.example/"),
        (MESSAGE, "WARC-Type: response\r\nContent-Type: text/html"),
        (MESSAGE.replace(b"\r\n", b"\n"), "warc-type: response"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + MESSAGE, "WARC-Type: response\r\nContent-Type: application/http"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + MESSAGE, "WARC-Type: response"),
    ],
)
def test_what_other_writers_leave_out_costs_nothing(block: bytes, headers: str) -> None:
    [found] = read(raw_record(block, headers))
    assert isinstance(found, WarcRecordData)
    assert (found.type, found.status, found.content_type, found.body) == ("response", 200, "text/html", PAGES[0])


def test_a_resource_that_begins_like_an_answer_stays_as_it_is() -> None:
    [found] = read(raw_record(MESSAGE, "WARC-Type: resource\r\nContent-Type: text/plain"))
    assert isinstance(found, WarcRecordData)
    assert (found.content_type, found.body) == ("text/plain", MESSAGE)
