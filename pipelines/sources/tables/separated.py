"""CSV and TSV: a header, and a row a record. Cells may hold line ends, so a file is read by one worker."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from hanmill.pipelines.sources.records import Record, Split
from hanmill.pipelines.sources.tables.columns import Columns, TableFileError, columns_of
from hanmill.pipelines.sources.tables.files import DAMAGE, is_damage, open_decoded, plain_name
from hanmill.pipelines.sources.tables.rows import BAD_ROW, BAD_UTF8, DAMAGED, failed, row_record
from hanmill.schemas.location import Location, location
from hanmill.schemas.recipe import TablesRecipe

_BROKEN = re.compile("[\udc80-\udcff]")


def check_header(place: Location, settings: TablesRecipe) -> None:
    """Raises TableFileError where a column that is named is not there."""
    try:
        with open_decoded(place) as file:
            header = next(_reader(file, place.name), [])
    except (OSError, csv.Error, *DAMAGE) as error:
        if not isinstance(error, csv.Error) and not is_damage(error):
            raise
        raise TableFileError(f"{place}: found no header: {error}") from error
    if missing := sorted(columns_of(settings).required - set(header)):
        shown = ", ".join(repr(name) for name in header[:12])
        raise TableFileError(f"{place}: found columns {shown or 'none'}, expected {', '.join(missing)}")


def read_separated(split: Split, settings: TablesRecipe) -> Iterator[Record]:
    """The rows of a file behind its header. ``place`` is the line in which a row ends."""
    columns, name = columns_of(settings), PurePosixPath(split.path).name
    csv.field_size_limit(settings.max_row_bytes)
    with open_decoded(location(split.path)) as file:
        rows = _reader(file, name)
        header: list[str] | None = None
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                place = f"{name}:{rows.line_num}"
                yield failed(BAD_ROW, place, f"found no row: {error}; expected quotes in pairs", 0)
                continue
            except (OSError, *DAMAGE) as error:
                if not is_damage(error):
                    raise
                yield failed(DAMAGED, f"{name}:{rows.line_num}", f"found the stream broken: {error}", 0)
                return
            if header is None:
                header = row
            elif row:
                yield _record(row, header, columns, f"{name}:{rows.line_num}")


def _record(row: list[str], header: list[str], columns: Columns, place: str) -> Record:
    size = sum(map(len, row)) + len(row)
    if len(row) != len(header):
        return failed(BAD_ROW, place, f"found {len(row)} cells, expected {len(header)} as in the header", size)
    for name, cell in zip(header, row, strict=True):
        if _BROKEN.search(cell):
            return failed(BAD_UTF8, place, f"found other bytes in column {name}, expected UTF-8", size)
    return row_record(dict(zip(header, row, strict=True)), columns, place, size)


class _Rows:
    """What ``csv.reader`` gives; typeshed does not name its type."""

    def __init__(self, file: io.BufferedReader, tabs: bool) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._text = text
        if tabs:
            self._reader = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        else:
            self._reader = csv.reader(text, strict=True)

    @property
    def line_num(self) -> int:
        """Lines read so far."""
        return self._reader.line_num

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> list[str]:
        return next(self._reader)


def _reader(file: io.BufferedReader, name: str) -> _Rows:
    """Fields of TSV have no quotes (IANA text/tab-separated-values), those of CSV may (RFC 4180)."""
    return _Rows(file, tabs=plain_name(name).endswith((".tsv", ".tab")))
