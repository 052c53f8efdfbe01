"""The columnar URL index of CommonCrawl: which records are wanted, and the splits that fetch them and nothing else.

Columns as in the table ``cc-index/table/cc-main/warc`` (commoncrawl/cc-index-table): ``content_languages`` holds up
to three ISO 639-3 codes joined by commas; ``warc_filename``, ``warc_record_offset`` and ``warc_record_length`` say
where the record is stored; ``content_digest`` is a hash of its payload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.sources.records import Split
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import settings_hash
from hanmill.schemas.location import Location, LocationError, open_parquet, refuse_credentials
from hanmill.schemas.manifest import InputFile
from hanmill.schemas.recipe import CommonCrawlIndexRecipe

SOURCE = "commoncrawl-index"
READER = "records"
_LANGUAGES = "content_languages"
_PLACE = ("warc_filename", "warc_record_offset", "warc_record_length")
_DIGEST = "content_digest"
_SELECTED = pa.schema([("file", pa.string()), ("offset", pa.int64()), ("length", pa.int64()), ("digest", pa.string())])
_DATA_SCHEMES = ("https", "http", "s3", "gs")


#: File, offset, length and digest of a record.
Row = tuple[str, int, int, str | None]


class IndexFileError(HanmillError, OSError):
    """An index that cannot be read, lacks a column, or names a record that no archive can hold."""


def select_records(index: Location, languages: Sequence[str]) -> pa.Table:
    """Rows whose ``content_languages`` name one of ``languages``: file, offset, length, digest; in order, each once.

    Only those columns are read, and of row groups without such a row only the languages. Raises IndexFileError.
    """
    try:
        file = open_parquet(index)
        names = file.schema_arrow.names
        if missing := [name for name in (_LANGUAGES, *_PLACE) if name not in names]:
            raise IndexFileError(
                f"{index}: columns found: {', '.join(names)}; missing of a CommonCrawl index: {', '.join(missing)}"
            )
        columns = [*_PLACE, *([_DIGEST] if _DIGEST in names else [])]
        tables = list(_selected(file, columns, languages))
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, IndexFileError):
            raise
        raise IndexFileError(f"{index}: expected a Parquet file of CommonCrawl's URL index: {error}") from error
    table = pa.concat_tables(tables) if tables else _SELECTED.empty_table()
    _check_places(index, table)
    return _in_order([table])


def _in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """By archive and offset, each record once."""
    grouped = pa.concat_tables(tables).group_by(["file", "offset"], use_threads=False)
    table = grouped.aggregate([("length", "max"), ("digest", "max")]).rename_columns(_SELECTED.names)
    return table.sort_by([("file", "ascending"), ("offset", "ascending")])


def _selected(file: pa.parquet.ParquetFile, columns: list[str], languages: Sequence[str]) -> Iterator[pa.Table]:
    pattern = rf"(^|,)({'|'.join(languages)})(,|$)"
    for number in range(file.metadata.num_row_groups):
        named = file.read_row_group(number, columns=[_LANGUAGES])[_LANGUAGES].cast(pa.string())
        wanted = pc.fill_null(pc.match_substring_regex(named, pattern), False)
        if pc.any(wanted).as_py():
            table = file.read_row_group(number, columns=columns).select(columns).filter(wanted)
            if len(columns) == len(_PLACE):
                table = table.append_column(_DIGEST, pa.nulls(len(table), pa.string()))
            yield table.rename_columns(_SELECTED.names).cast(_SELECTED)


def _check_places(index: Location, table: pa.Table) -> None:
    """Offsets and lengths of a file that exists, and names that stay below the folder they are looked for in."""
    for name in table["file"].unique().to_pylist():
        if not name or name.startswith("/") or "\\" in name or ":" in name or {"", ".", ".."} & set(name.split("/")):
            raise IndexFileError(f"{index}: warc_filename: found {name!r}, expected a plain relative path")
    wrong = pc.or_kleene(
        pc.or_kleene(table["offset"].is_null(), table["length"].is_null()),
        pc.or_kleene(pc.less(table["offset"], 0), pc.less(table["length"], 1)),
    )
    if pc.any(wrong).as_py():
        row = table.filter(pc.fill_null(wrong, True)).slice(0, 1).to_pylist()[0]
        raise IndexFileError(
            f"{index}: {row['file']}: warc_record_offset {row['offset']}, warc_record_length {row['length']}: "
            "expected an offset of at least 0 and a length of at least 1"
        )


def index_entry(index: Location, selected: pa.Table) -> InputFile:
    """An index as the plan and the manifest name it: by the hash of what was selected, in any order of the rows.

    So a table of a gigabyte in an object store is not read whole only to give it a name.
    """
    digest = hashlib.sha256()
    for file, offset, length, payload in _rows(selected):
        digest.update(f"{file}\t{offset}\t{length}\t{payload or ''}\n".encode())
    return InputFile(SOURCE, index.name, index.stat().st_size, digest.hexdigest())


def plan_records(
    selected: Sequence[pa.Table], settings: CommonCrawlIndexRecipe, split_bytes: int
) -> Iterator[tuple[Split, str]]:
    """Splits of about ``split_bytes`` of records, and the identity of each, in the order of archives and offsets.

    ``start`` and ``end`` of such a split count records. The identity depends on the records alone: not on where the
    archives are read from, nor on the other files of the index. Raises LocationError for an address of the archives
    that cannot be used.
    """
    check_data(settings.data)
    rows = _rows(_in_order(selected)) if selected else []
    start = size = 0
    for number, (_, _, length, _) in enumerate(rows):
        size += length
        if size >= split_bytes or number + 1 == len(rows):
            yield _split(rows[start : number + 1], start, settings)
            start, size = number + 1, 0


def _rows(selected: pa.Table) -> list[Row]:
    return list(zip(*(selected[name].to_pylist() for name in _SELECTED.names), strict=True))


def _split(rows: Sequence[Row], start: int, settings: CommonCrawlIndexRecipe) -> tuple[Split, str]:
    records = tuple(
        (file, tuple((offset, length) for _, offset, length, _ in group))
        for file, group in groupby(rows, key=lambda row: row[0])
    )
    # Workers may have another working folder.
    data = settings.data if "://" in settings.data else str(Path(settings.data).absolute())
    split = Split(SOURCE, data, start, start + len(rows), READER, records)
    return split, settings_hash([SOURCE, [list(row) for row in rows]])


def check_data(address: str) -> None:
    """Raises LocationError where the address of the archives is none, or holds credentials."""
    refuse_credentials(address)
    scheme, separator, rest = address.partition("://")
    if separator and (scheme not in _DATA_SCHEMES or not rest):
        raise LocationError(
            f"sources.commoncrawl.index.data: found {scheme}://, expected a folder, https://, s3:// or gs://"
        )
