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
        self._held: list[pa.Table] = []
        self._held_rows = 0
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
        if len(self._pending) + self._held_rows == self._row_group_rows:
            self._flush()

    def append_table(self, table: pa.Table) -> None:
        """Adds the rows of a table of the schema's ``plain_schema``."""
        self._hold_pending()
        self._hold(table)
        if self._held_rows >= self._row_group_rows:
            self._write_held()

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
        self._hold_pending()
        self._write_held(whole=False)

    def _hold_pending(self) -> None:
        if self._pending:
            self._hold(rows_to_table(self._pending, self._schema))
            self._pending = []

    def _hold(self, table: pa.Table) -> None:
        self._held.append(table)
        self._held_rows += table.num_rows

    def _write_held(self, *, whole: bool = True) -> None:
        """Writes row groups; with ``whole`` the last rows wait until theirs is full."""
        if not self._held_rows:
            return
        table = pa.concat_tables(self._held)
        size = self._row_group_rows
        end = table.num_rows // size * size if whole else table.num_rows
        for start in range(0, end, size):
            group = with_dictionaries(table.slice(start, size), self._schema)
            self._writer.write_table(group, row_group_size=group.num_rows)
        self._held, self._held_rows = [], 0
        if end < table.num_rows:
            self._hold(table.slice(end))


def rows_to_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """The columns of ``schema`` from row mappings, dictionaries as ``plain_schema`` has them."""
    plain = plain_schema(schema)
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in plain]
    return pa.Table.from_arrays(columns, schema=plain)


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """A schema with plain columns for those with dictionaries: such tables can be put together and cut."""
    return pa.schema(
        [field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field for field in schema]
    )


def with_dictionaries(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table of ``schema``, in one piece; string dictionaries are encoded in order of first use."""
    columns = []
    for field, column in zip(schema, table.columns, strict=True):
        whole = column.combine_chunks()
        columns.append(whole.dictionary_encode().cast(field.type) if pa.types.is_dictionary(field.type) else whole)
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
