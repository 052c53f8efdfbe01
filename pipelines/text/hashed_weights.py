"""The file of a linear model over hashed features: Parquet, a row a feature, and a footer that says what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.schemas.hashing import canonical_json

FORMAT_VERSION = 1
_FOOTER = b"hanmill"


def write_weights(path: Path, table: pa.Table, footer: Mapping[str, Any]) -> None:
    """Writes the file whole or not at all; equal bytes for equal content (of one pyarrow).

    The first column holds the features' rising slots.
    """
    metadata = {_FOOTER: canonical_json({"format": FORMAT_VERSION, **footer})}
    temporary = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        pq.write_table(
            table.replace_schema_metadata(metadata),
            temporary,
            compression="zstd",
            compression_level=19,
            use_dictionary=False,
            column_encoding={table.schema.names[0]: "DELTA_BINARY_PACKED"},
            write_statistics=False,
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_weights(
    path: Path, schema: pa.Schema, slots: int, what: str, error: type[ValueError]
) -> tuple[pa.Table, dict[str, Any]]:
    """The table and the footer of ``what`` the file should be.

    Raises ``error`` naming the file, what was found and what was expected: other columns, another format, more than
    ``slots`` features or one beyond them. No more than that many are ever read.
    """
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(schema):
                raise error(f"{path}: found columns {file.schema_arrow.names}, expected {schema.names}")
            if file.metadata.num_rows > slots:
                raise error(f"{path}: found {file.metadata.num_rows:,} features, expected at most {slots:,}")
            footer = json.loads((file.schema_arrow.metadata or {}).get(_FOOTER, b"null"))
            table = file.read()
    except (OSError, pa.ArrowException, ValueError) as cause:
        if isinstance(cause, error):
            raise
        raise error(f"{path}: not a readable {what}: {cause}") from cause
    found = footer.get("format") if isinstance(footer, dict) else None
    if found != FORMAT_VERSION:
        raise error(f"{path}: found format {found}, expected {FORMAT_VERSION}")
    largest = int(table[0].to_numpy().max()) if table.num_rows else 0
    if largest >= slots:
        raise error(f"{path}: found slot {largest}, expected below {slots}")
    return table, footer
