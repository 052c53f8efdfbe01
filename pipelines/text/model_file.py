"""The file of a model: a Parquet table, and a footer in JSON that says what it is and what it was made from."""

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


def write_model_file(path: Path, table: pa.Table, footer: Mapping[str, Any], **encoding: Any) -> None:
    """Writes the file whole or not at all; equal bytes for equal content (of one pyarrow).

    ``encoding`` are options of ``pyarrow.parquet.write_table`` for its columns.
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
            write_statistics=False,
            **encoding,
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_model_file(
    path: Path, schema: pa.Schema, what: str, error: type[ValueError], most_rows: int | None = None
) -> tuple[pa.Table, dict[str, Any]]:
    """The table and the footer of ``what`` the file should be.

    Raises ``error`` naming the file, what was found and what was expected: other columns, another format, more than
    ``most_rows`` rows, of which no more are ever read.
    """
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(schema):
                raise error(f"{path}: found columns {file.schema_arrow.names}, expected {schema.names}")
            if most_rows is not None and file.metadata.num_rows > most_rows:
                raise error(f"{path}: found {file.metadata.num_rows:,} features, expected at most {most_rows:,}")
            footer = json.loads((file.schema_arrow.metadata or {}).get(_FOOTER, b"null"))
            table = file.read()
    except (OSError, pa.ArrowException, ValueError) as cause:
        if isinstance(cause, error):
            raise
        raise error(f"{path}: not a readable {what}: {cause}") from cause
    found = footer.get("format") if isinstance(footer, dict) else None
    if found != FORMAT_VERSION:
        raise error(f"{path}: found format {found}, expected {FORMAT_VERSION}")
    return table, footer
