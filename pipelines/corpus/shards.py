"""Shards: Parquet files that are written whole or not at all, and whose bytes depend on their rows alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.corpus.atomic import replacing
from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import canonical_json
from hanmill.schemas.location import Location, open_parquet

_FOOTER = b"hanmill"
#: Columns of ids and lengths gain nothing from a dictionary page and lose speed (33 % faster to read without).
_PLAIN_COLUMNS = frozenset({"text", "raw", "uid", "char_ids", "pinyin_ids", "word_ids", "bitmaps"})


class ShardError(HanmillError, ValueError):
    """A shard that cannot be read or lacks its footer."""


class ShardWriter:
    """Writes one Parquet shard under a temporary name and renames it when the block ends without an error.

    Rows are buffered until ``row_group_rows`` are there, so every row group but the last has that many. The
    footer carries ``metadata`` as JSON under the key ``hanmill``, set at any time before the end.
    """

    def __init__(self, path: Location, schema: pa.Schema, row_group_rows: int) -> None:
        self.path = path
        self.metadata: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        self._schema = schema
        self._row_group_rows = row_group_rows
        self._pending: list[Mapping[str, Any]] = []
        self._tables: pq.ParquetWriter | None = None
        self._replacing = ExitStack()

    def __enter__(self) -> ShardWriter:
        temporary = self._replacing.enter_context(replacing(self.path, self.path.parent.parent))
        self._tables = pq.ParquetWriter(
            temporary,
            self._schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=[name for name in self._schema.names if name not in _PLAIN_COLUMNS],
        )
        return self

    def append(self, row: Mapping[str, Any]) -> None:
        """Adds one row, a mapping with a value for every column of the schema."""
        self._pending.append(row)
        if len(self._pending) == self._row_group_rows:
            self._flush()

    def write_row_group(self, table: pa.Table) -> None:
        """Writes a table of the shard's schema as one row group, after whatever was appended before."""
        self._flush()
        self._writer.write_table(table.cast(self._schema), row_group_size=max(1, table.num_rows))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._replacing:
            try:
                if error is not None:
                    raise error
                self._flush()
                self._writer.add_key_value_metadata({_FOOTER: canonical_json(self.metadata)})
                self._writer.close()
            except BaseException:
                # Closing a writer whose disk is full fails again; the first error is the one to tell.
                with suppress(OSError):
                    self._writer.close()
                raise

    @property
    def _writer(self) -> pq.ParquetWriter:
        if self._tables is None:
            raise ShardError(f"{self.path}: written outside its with block")
        return self._tables

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(rows_to_table(self._pending, self._schema), row_group_size=len(self._pending))
            self._pending = []


def rows_to_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """A table of ``schema`` from row mappings; string dictionaries are encoded in order of first use."""
    columns = []
    for field in schema:
        values = [row[field.name] for row in rows]
        if pa.types.is_dictionary(field.type):
            columns.append(pa.array(values, field.type.value_type).dictionary_encode().cast(field.type))
        else:
            columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def write_table(path: Location, table: pa.Table, metadata: Mapping[str, Any] | None = None) -> None:
    """Writes a whole table as one shard of one row group."""
    with ShardWriter(path, table.schema, max(1, table.num_rows)) as shard:
        shard.metadata.update(metadata or {})
        shard.write_row_group(table)


def read_footer(path: Location) -> dict[str, Any]:
    """The ``hanmill`` metadata of a shard. Raises ShardError naming the file."""
    try:
        with open_parquet(path) as file:
            metadata = (file.schema_arrow.metadata or {}) | (file.metadata.metadata or {})
    except (OSError, pa.ArrowInvalid) as error:
        raise ShardError(f"{path}: not a readable Parquet file: {error}") from error
    entry = metadata.get(_FOOTER)
    if entry is None:
        raise ShardError(f"{path}: found no hanmill footer, expected one under the key 'hanmill'")
    value: dict[str, Any] = json.loads(entry)
    return value
