"""A file read by ranges gives the bytes of the file, and fetches few others."""

from __future__ import annotations

import bz2
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.schemas.ranged_file import RangedFile


class Fetched:
    """Ranges of a content, and which of them were asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, start: int, end: int) -> bytes:
        self.ranges.append((start, end))
        return self.content[start:end]


@given(
    st.binary(max_size=2000),
    st.lists(st.tuples(st.integers(0, 2500), st.integers(-1, 700)), max_size=20),
    st.none() | st.integers(0, 2500),
)
def test_reads_are_those_of_a_file(content: bytes, reads: list[tuple[int, int]], stop: int | None) -> None:
    ranged, plain = RangedFile(Fetched(content), len(content), stop), io.BytesIO(content)
    for offset, size in reads:
        assert ranged.seek(offset) == plain.seek(offset)
        assert ranged.read(size) == plain.read(size)
        assert ranged.tell() == plain.tell()
        assert ranged[offset : offset + max(size, 0)] == content[offset : offset + max(size, 0)]
    assert len(ranged) == len(content)


def test_other_libraries_read_it() -> None:
    text = "多串流的維基百科".encode() * 50_000
    content = bz2.compress(text)
    with RangedFile(Fetched(content), len(content)) as file, bz2.open(file, "rb") as lines:
        assert lines.read() == text
    assert io.BufferedReader(RangedFile(Fetched(content), len(content))).read(10) == content[:10]


def test_reading_straight_on_needs_few_requests_and_ends_at_stop() -> None:
    content = random.Random(1).randbytes(30 << 20)
    fetch = Fetched(content)
    file = RangedFile(fetch, len(content), stop=20 << 20)
    file.seek(1 << 20)
    for _ in range(19 << 4):
        file.read(1 << 16)
    assert len(fetch.ranges) <= 12
    assert fetch.ranges[0][0] == 1 << 20
    assert fetch.ranges[-1][1] == 20 << 20
    assert file.read(10) == content[20 << 20 : (20 << 20) + 10]
    assert fetch.ranges[-1] == (20 << 20, (20 << 20) + (1 << 16))


def test_looking_back_is_free() -> None:
    fetch = Fetched(bytes(1 << 20))
    file = RangedFile(fetch, 1 << 20)
    for offset in (0, 500_000, 100, 500_010, 16):
        file.seek(offset)
        file.read(16)
    assert len(fetch.ranges) == 2


def test_a_store_that_gives_less_than_it_says_is_an_error() -> None:
    file = RangedFile(lambda start, end: b"x", 100)
    with pytest.raises(OSError, match="asked for 100, got 1"):
        file.read(10)
