"""JSON lines, and plain text of a document a line: one record a line, a line belonging to the split it begins in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from hanmill.pipelines.sources.bounded_lines import bounded_line
from hanmill.pipelines.sources.records import Record, Split
from hanmill.pipelines.sources.tables.columns import Columns, TableFileError, columns_of
from hanmill.pipelines.sources.tables.files import DAMAGE, is_compressed, is_damage, open_decoded
from hanmill.pipelines.sources.tables.rows import (
    BAD_JSON,
    BAD_ROW,
    BAD_UTF8,
    DAMAGED,
    ROW_TOO_LONG,
    failed,
    row_record,
)
from hanmill.schemas.location import Location, location
from hanmill.schemas.recipe import TablesRecipe

#: Rows, and bytes of each, that are looked at before anything is read.
_LOOKED_AT, _LOOKED_AT_BYTES = 64, 1 << 20
_BOM = b"\xef\xbb\xbf"
#: A line's offset in the decoded file, its bytes (the first of them where it is too long), and its whole length.
Line = tuple[int, bytes, int]


def check_columns(place: Location, settings: TablesRecipe) -> None:
    """Raises TableFileError where no row of the first has a column that is named; later rows may leave it out."""
    wanted = columns_of(settings).required
    known: set[str] = set()
    seen: set[str] = set()
    try:
        with open_decoded(place) as file:
            if file.peek(1).removeprefix(_BOM).lstrip()[:1] == b"[":
                raise TableFileError(f"{place}: found a JSON array, expected JSON lines: an object a line")
            for _ in range(_LOOKED_AT):
                row = _object(file.readline(_LOOKED_AT_BYTES))
                known |= row.keys()
                seen |= {name for name in wanted if _has(row, name)}
    except (OSError, *DAMAGE) as error:
        if not is_damage(error):
            raise
    if known and (missing := sorted(wanted - seen)):
        found = ", ".join(sorted(known)[:12])
        raise TableFileError(f"{place}: found columns {found}, expected {', '.join(missing)}")


def _object(line: bytes) -> dict[str, object]:
    """What a line holds; nothing where it is no whole object."""
    try:
        row = json.loads(line.removeprefix(_BOM))
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def read_json_lines(split: Split, settings: TablesRecipe) -> Iterator[Record]:
    """The rows of a split; lines without anything are none."""
    columns = columns_of(settings)
    return _records(split, settings, lambda line, place: json_record(line, columns, place))


def read_text_lines(split: Split, settings: TablesRecipe) -> Iterator[Record]:
    """The lines of a split of plain text in UTF-8; empty ones are no documents."""
    columns = columns_of(TablesRecipe())
    return _records(split, settings, lambda line, place: text_record(line, columns, place))


def json_record(line: bytes, columns: Columns, place: str) -> Record:
    """The record of a line of JSON."""
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return failed(BAD_UTF8, place, f"{error.reason} at byte {error.start:,} of the line, expected UTF-8", len(line))
    except (ValueError, RecursionError) as error:
        return failed(BAD_JSON, place, f"found no JSON: {error or type(error).__name__}", len(line))
    if not isinstance(row, dict):
        return failed(BAD_ROW, place, f"found JSON of type {type(row).__name__}, expected an object", len(line))
    if not _has(row, columns.text):
        known = ", ".join(list(row)[:8])
        return failed("missing_column", place, f"found columns {known}, expected {columns.text}", len(line))
    return row_record(row, columns, place, len(line))


def text_record(line: bytes, columns: Columns, place: str) -> Record:
    """The record of a line of text."""
    try:
        return row_record({columns.text: line.decode("utf-8")}, columns, place, len(line))
    except UnicodeDecodeError as error:
        return failed(BAD_UTF8, place, f"{error.reason} at byte {error.start:,} of the line, expected UTF-8", len(line))


def _has(row: dict[str, object], name: str) -> bool:
    if name in row:
        return True
    value: object = row
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def _records(split: Split, settings: TablesRecipe, record: Callable[[bytes, str], Record]) -> Iterator[Record]:
    name, limit = PurePosixPath(split.path).name, settings.max_row_bytes
    position = split.start
    try:
        for position, line, length in _lines(split, limit):
            place = f"{name}:{position}"
            if length > limit:
                yield failed(ROW_TOO_LONG, place, f"found a line of {length:,} bytes, expected up to {limit:,}", length)
            elif line:
                yield record(line, place)
            position += length
    except (OSError, *DAMAGE) as error:
        if not is_damage(error):
            raise
        place = f"{name}:{position}"
        yield failed(DAMAGED, place, f"found the stream broken behind byte {position:,} as decoded: {error}", 0)


def _lines(split: Split, limit: int) -> Iterator[Line]:
    """Lines that begin in the split; of a compressed file all."""
    with open_decoded(location(split.path)) as file:
        position, end = split.start, split.end
        if not position:
            head = file.peek(8)[:8]
            # Of a compressed file there is one split, whose bounds count stored bytes.
            end = end if not is_compressed(split.path) else 1 << 62
            if head.startswith(_BOM):
                position += len(file.read(len(_BOM)))
        else:
            file.seek(position - 1)
            before = bounded_line(file, limit)[1]
            position += before - 1
        while position < end:
            line, length = bounded_line(file, limit)
            if not length:
                return
            yield position, line.strip(b" \t\r\n"), length
            position += length
