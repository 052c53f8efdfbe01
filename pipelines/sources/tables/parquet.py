"""Parquet: splits of whole row groups, of which only the columns that are named are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from hanmill.pipelines.sources.records import Record, Split
from hanmill.pipelines.sources.tables.columns import Columns, TableFileError, columns_of
from hanmill.pipelines.sources.tables.rows import BAD_UTF8, ROW_TOO_LONG, SOURCE, failed, row_record, value_at
from hanmill.schemas.location import Location, ObjectPath, location, open_parquet
from hanmill.schemas.recipe import TablesRecipe

ROW_GROUPS = "row_groups"
_BATCH_ROWS = 64


def split_parquet(place: Location, target_bytes: int, settings: TablesRecipe) -> list[Split]:
    """Neighbouring row groups up to ``target_bytes`` of what is read of them. Raises TableFileError."""
    try:
        with open_parquet(place) as file:
            schema, metadata = file.schema_arrow, file.metadata
    except pa.ArrowInvalid as error:
        raise TableFileError(f"{place}: found no readable Parquet file: {error}") from error
    columns = columns_of(settings)
    names = _present(schema, columns, str(place))
    paths = [metadata.schema.column(n).path for n in range(metadata.num_columns)]
    read = [n for n, path in enumerate(paths) if any(path == name or path.startswith(f"{name}.") for name in names)]
    splits: list[Split] = []
    start = held = 0
    for number in range(metadata.num_row_groups):
        size = sum(metadata.row_group(number).column(n).total_compressed_size for n in read)
        if number > start and held + size > target_bytes:
            splits.append(Split(SOURCE, str(place), start, number, ROW_GROUPS))
            start, held = number, 0
        held += size
    return [*splits, Split(SOURCE, str(place), start, metadata.num_row_groups, ROW_GROUPS)]


def read_parquet(split: Split, settings: TablesRecipe) -> Iterator[Record]:
    """The rows of the split's row groups. A row group that cannot be read is one failure."""
    place, name = location(split.path), PurePosixPath(split.path).name
    columns = columns_of(settings)
    with open_parquet(place) as file:
        names = _present(file.schema_arrow, columns, split.path)
        for number in range(split.start, split.end):
            row = 0
            size = file.metadata.row_group(number).total_byte_size
            batches = file.iter_batches(_BATCH_ROWS, row_groups=[number], columns=names, use_threads=False)
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowInvalid, OSError) as error:
                    # What a store says of the way there looks like what Arrow says of broken pages.
                    if isinstance(error, OSError) and (error.errno is not None or isinstance(place, ObjectPath)):
                        raise
                    message = f"found the row group broken behind row {row:,}: {error}"
                    yield failed("damaged_row_group", f"{name}:{number}", message, size)
                    break
                if batch is None:
                    break
                yield from _records(batch, columns, f"{name}:{number}", row, settings.max_row_bytes)
                row += batch.num_rows


def _records(batch: pa.RecordBatch, columns: Columns, place: str, first: int, limit: int) -> Iterator[Record]:
    for number, row in enumerate(_rows(batch), start=first):
        where = f"{place}:{number}"
        if isinstance(row, UnicodeDecodeError):
            yield failed(
                BAD_UTF8, where, f"{row.reason} at byte {row.start:,} of a value, expected UTF-8", len(row.object)
            )
            continue
        text = value_at(row, columns.text)
        size = len(text) if isinstance(text, str) else 0
        if size > limit:
            yield failed(ROW_TOO_LONG, where, f"found a text of {size:,} characters, expected up to {limit:,}", size)
        else:
            yield row_record(row, columns, where, size)


def _rows(batch: pa.RecordBatch) -> Iterator[Mapping[str, Any] | UnicodeDecodeError]:
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for number in range(batch.num_rows):
            try:
                yield batch.slice(number, 1).to_pylist()[0]
            except UnicodeDecodeError as error:
                yield error


def _present(schema: pa.Schema, columns: Columns, place: str) -> list[str]:
    """The columns to read. Raises TableFileError where one that must be there is not, or the text's is of no text."""
    kinds = {name: kind for name in columns.names if (kind := _type_at(schema, name)) is not None}
    if missing := sorted(columns.required - kinds.keys()):
        shown = ", ".join(schema.names[:12])
        raise TableFileError(f"{place}: found columns {shown or 'none'}, expected {', '.join(missing)}")
    kind = kinds[columns.text]
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)):
        raise TableFileError(f"{place}: found {columns.text} of type {kind}, expected text")
    return list(kinds)


def _type_at(schema: pa.Schema, name: str) -> pa.DataType | None:
    if name in schema.names:
        return schema.field(name).type
    first, *path = name.split(".")
    kind = schema.field(first).type if first in schema.names else None
    for part in path:
        if kind is None or not pa.types.is_struct(kind):
            return None
        place = kind.get_field_index(part)
        kind = kind.field(place).type if place >= 0 else None
    return kind
