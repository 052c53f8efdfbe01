"""Records of archives that an index names, fetched by ranges: one outcome for each, and nothing else is read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import PurePosixPath
from typing import Protocol

from hanmill.pipelines.sources.commoncrawl.http_ranges import HttpRanges
from hanmill.pipelines.sources.commoncrawl.reader import SOURCE, read_page
from hanmill.pipelines.sources.commoncrawl.warc import WarcFailure, WarcRecordData, read_warc
from hanmill.pipelines.sources.records import Failed, Record, Split
from hanmill.schemas.location import ObjectPath, location
from hanmill.schemas.recipe import CommonCrawlRecipe

#: A range of merged neighbours ends here, so that a worker holds no more.
_MOST_BYTES = 8 << 20

Place = tuple[int, int]


class Ranges(Protocol):
    """Where ranges of archives come from."""

    def read(self, name: str, start: int, end: int) -> bytes:
        """Bytes [start, end) of a file; fewer only where the file ends before."""


class StoredRanges:
    """Ranges of files below a folder or an object store's prefix."""

    def __init__(self, prefix: str) -> None:
        self._folder = location(prefix)

    def read(self, name: str, start: int, end: int) -> bytes:
        """Bytes [start, end) of a file; fewer only where the file ends before. Raises OSError."""
        place = self._folder / name
        if isinstance(place, ObjectPath):
            return place.read_range(start, end)
        with place.open("rb") as file:
            file.seek(start)
            return file.read(end - start)


def open_ranges(prefix: str, per_second: float) -> Ranges:
    """By the scheme of ``prefix``."""
    return HttpRanges(prefix, per_second) if prefix.startswith(("https://", "http://")) else StoredRanges(prefix)


def read_split(split: Split, settings: CommonCrawlRecipe) -> Iterator[Record]:
    """One RawPage, Dropped or Failed for every record of the split, in order.

    Raises OSError where a range cannot be had: that says nothing of the record.
    """
    ranges = open_ranges(split.path, settings.index.requests_per_second)
    for file, records in split.records:
        yield from read_records(ranges, file, records, settings)


def read_records(ranges: Ranges, file: str, records: Sequence[Place], settings: CommonCrawlRecipe) -> Iterator[Record]:
    """One outcome for each of the ``records`` (offset, length; in order of offsets) of one archive."""
    name = PurePosixPath(file).name
    for group in merged(records, settings.index.gap_bytes, settings.max_record_bytes):
        start, end = group[0][0], max(offset + length for offset, length in group)
        if len(group) == 1 and end - start > settings.max_record_bytes:
            message = f"warc_record_length: {end - start:,}; at most {settings.max_record_bytes:,} bytes are read"
            yield _failed(f"{name}:{start}", "record_size", message, end - start)
            continue
        data = ranges.read(file, start, end)
        for offset, length in group:
            stored = data[offset - start : offset - start + length]
            yield _outcome(stored, length, f"{name}:{offset}", settings)


def merged(records: Sequence[Place], gap: int, largest: int) -> Iterator[list[Place]]:
    """Neighbours to read at one go: at most ``gap`` bytes lie between two of them, and 8 MiB are read in all.

    A record of more than ``largest`` bytes stays alone.
    """
    group: list[Place] = []
    for before, (offset, length) in pairwise([(0, 0), *records]):
        if group and (
            offset - sum(before) > gap
            or offset + length - group[0][0] > _MOST_BYTES
            or max(length, before[1]) > largest
        ):
            yield group
            group = []
        group.append((offset, length))
    if group:
        yield group


def _outcome(stored: bytes, length: int, place: str, settings: CommonCrawlRecipe) -> Record:
    if len(stored) < length:
        message = f"warc_record_length: {length:,}; bytes to the end of file: {len(stored):,}"
        return _failed(place, "truncated", message, length)
    # One outcome for one row of the index: of a record that is cut, the reader also gives what there is.
    found = list(islice(read_warc(io.BytesIO(stored), settings.max_record_bytes), 2))
    failures = [item for item in found if isinstance(item, WarcFailure)]
    if failures and (failures[0] is found[0] or failures[0].kind == "truncated"):
        return _failed(place, failures[0].kind, failures[0].message, length)
    if found and isinstance(found[0], WarcRecordData):
        return read_page(found[0], place, settings)
    return _failed(place, "warc_header", f"expected a WARC record, found {stored[:24]!r}", length)


def _failed(place: str, kind: str, message: str, bytes_lost: int) -> Failed:
    return Failed(SOURCE, place, kind, place, message, bytes_lost)
