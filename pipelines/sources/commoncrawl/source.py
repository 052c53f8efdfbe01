"""CommonCrawl's archives, and its columnar URL index, as sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from hanmill.pipelines.sources.commoncrawl import indexed_records, reader, url_index
from hanmill.pipelines.sources.records import Record, Split
from hanmill.pipelines.sources.source import PlannedSplit, Source
from hanmill.schemas.location import Location
from hanmill.schemas.manifest import InputFile
from hanmill.schemas.recipe import CommonCrawlRecipe

_LICENCE = "the Common Crawl terms of use; each page stays under its owner's copyright"
_RANK = 1
_BZIP2 = b"BZh"
_MARKS = (b"WARC/", b"WARC-", b"filedesc:", b"HTTP/")


def is_archive(stored: bytes, decoded: bytes) -> bool:
    """Whether a file that begins like this may be a WARC, WET or ARC archive."""
    if stored.startswith(_BZIP2) and not decoded:
        # So much of it holds a whole block, and dumps are packed so too.
        return False
    return not decoded or any(mark in decoded or mark.startswith(decoded) for mark in _MARKS)


def read_any(split: Split, settings: CommonCrawlRecipe) -> Iterator[Record]:
    """The records of a stretch of an archive, or those that an index has named."""
    read = indexed_records.read_split if split.records else reader.read_split
    return read(split, settings)


def plan_indexes(
    indexes: Sequence[Location], settings: CommonCrawlRecipe, split_bytes: int
) -> tuple[list[InputFile], list[PlannedSplit]]:
    """Entries of index files and splits of the records they name. Raises IndexFileError and LocationError."""
    index = settings.index
    selected = [url_index.select_records(path, index.languages) for path in indexes]
    entries = [url_index.index_entry(path, table) for path, table in zip(indexes, selected, strict=True)]
    splits = [PlannedSplit(*pair) for pair in url_index.plan_records(selected, index, split_bytes)]
    if not splits:
        wanted = ", ".join(index.languages)
        raise url_index.IndexFileError(f"no record of {len(indexes)} files names {wanted}")
    return list(dict.fromkeys(entries)), splits


COMMONCRAWL = Source(
    name=reader.SOURCE,
    expected="WARC or WET records (plain, gz, zst, lz4, bz2, xz)",
    licence=_LICENCE,
    rank=_RANK,
    recognise=is_archive,
    split=lambda path, target_bytes, settings: reader.plan_splits(path, target_bytes),
    read=read_any,
    settings=attrgetter("commoncrawl"),
)
COMMONCRAWL_INDEX = Source(
    name=url_index.SOURCE,
    expected="a Parquet file of CommonCrawl's URL index",
    licence=_LICENCE,
    rank=_RANK,
    recognise=lambda stored, decoded: True,
    split_all=plan_indexes,
    read=read_any,
    settings=attrgetter("commoncrawl"),
)
