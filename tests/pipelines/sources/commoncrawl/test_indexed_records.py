"""Single records of archives: one outcome for each, those of reading the whole archive."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.commoncrawl import reader as commoncrawl
from hanmill.pipelines.sources.commoncrawl.indexed_records import StoredRanges, merged, read_records, read_split
from hanmill.pipelines.sources.commoncrawl.warc import read_warc
from hanmill.pipelines.sources.records import Failed, RawPage, Split
from hanmill.schemas.recipe import CommonCrawlIndexRecipe, CommonCrawlRecipe
from tests.pipelines.documents import documents

SETTINGS = CommonCrawlRecipe()
MOST = 8 << 20


@pytest.fixture(scope="module")
def archive(repository: Path) -> Path:
    return repository / "samples" / "commoncrawl" / "sample.warc.gz"


@pytest.fixture(scope="module")
def places(archive: Path) -> list[tuple[int, int]]:
    """Offset and length of every member."""
    with archive.open("rb") as file:
        offsets = sorted({record.offset for record in read_warc(file, 1 << 20)})
    return [(start, end - start) for start, end in pairwise([*offsets, archive.stat().st_size])]


def test_outcomes_are_those_of_the_whole_archive(archive: Path, places: Sequence[tuple[int, int]]) -> None:
    whole = {
        record.place: record
        for split in commoncrawl.plan_splits(str(archive), 1 << 30)
        for record in documents(commoncrawl.read_split(split, SETTINGS))
    }
    chosen = [place for number, place in enumerate(places) if number % 3 != 1]
    found = documents(read_records(StoredRanges(str(archive.parent)), archive.name, chosen, SETTINGS))
    assert [record.place for record in found] == [f"{archive.name}:{offset}" for offset, _ in chosen]
    assert found == [whole[record.place] for record in found]
    assert sum(isinstance(record, Document) for record in found) > 8
    assert any("的" in record.text for record in found if isinstance(record, Document))
    assert any("の" in record.text for record in found if isinstance(record, Document))


class Counting:
    """Ranges of one content, and which were asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[int, int]] = []

    def read(self, name: str, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return self.content[start:end]


def test_neighbours_are_fetched_together(archive: Path, places: Sequence[tuple[int, int]]) -> None:
    ranges = Counting(archive.read_bytes())
    settings = CommonCrawlRecipe(index=CommonCrawlIndexRecipe(gap_bytes=0))
    list(read_records(ranges, archive.name, [places[2], places[3], places[5]], settings))
    assert ranges.asked == [(places[2][0], sum(places[3])), (places[5][0], sum(places[5]))]


def test_a_record_that_is_clipped_is_one_failure(archive: Path, places: Sequence[tuple[int, int]]) -> None:
    # The index says too little.
    (offset, length), behind = places[2], places[3]
    ranges = Counting(archive.read_bytes())
    clipped, good = read_records(ranges, "a.warc.gz", [(offset, length - 40), behind], SETTINGS)
    assert isinstance(clipped, Failed)
    assert (clipped.kind, clipped.place) == ("truncated", f"a.warc.gz:{offset}")
    assert isinstance(good, RawPage)
    # The file ends too early.
    cut = Counting(archive.read_bytes()[: sum(places[-1]) - 7])
    (ended,) = read_records(cut, "a.warc.gz", [places[-1]], SETTINGS)
    assert isinstance(ended, Failed)
    assert ended.message.startswith(f"warc_record_length: {places[-1][1]:,}; bytes to the end of file: ")


def test_what_is_no_record_is_one_failure() -> None:
    content = gzip.compress("那裡沒有記錄".encode() * 9) + b"\0" * 50 + b"plain text"
    for place, kind in (
        ((0, 40), "truncated"),
        ((0, len(content) - 60), "warc_header"),
        ((len(content) - 10, 10), "warc_header"),
    ):
        (record,) = read_records(Counting(content), "a", [place], SETTINGS)
        assert isinstance(record, Failed)
        assert record.kind == kind


def test_a_record_that_is_too_large_is_not_fetched() -> None:
    ranges = Counting(bytes(1000))
    settings = CommonCrawlRecipe(max_record_bytes=100)
    records = list(read_records(ranges, "a", [(0, 10), (10, 101), (111, 10)], settings))
    assert [record.kind for record in records if isinstance(record, Failed)] == [
        "warc_header",
        "record_size",
        "warc_header",
    ]
    assert ranges.asked == [(0, 10), (111, 121)]


def test_an_archive_that_is_not_there_stops_the_build(tmp_path: Path) -> None:
    split = Split("commoncrawl-index", str(tmp_path), 0, 1, "records", (("none.warc.gz", ((0, 10),)),))
    with pytest.raises(FileNotFoundError):
        list(read_split(split, SETTINGS))


RECORDS = st.lists(st.tuples(st.integers(0, 3 * MOST), st.integers(1, MOST)), max_size=12).map(sorted)


@given(RECORDS, st.integers(0, MOST), st.integers(1, MOST))
def test_merged_ranges_hold_every_record_and_are_bounded(
    records: list[tuple[int, int]], gap: int, largest: int
) -> None:
    groups = list(merged(records, gap, largest))
    assert [record for group in groups for record in group] == records
    for group in groups:
        if len(group) > 1:
            assert max(offset + length for offset, length in group) - group[0][0] <= MOST
            assert max(length for _, length in group) <= largest
            assert all(second[0] - sum(first) <= gap for first, second in pairwise(group))
