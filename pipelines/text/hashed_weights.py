"""The file of a linear model over hashed features: a row a feature, the first column its slot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from hanmill.pipelines.text.model_file import read_model_file, write_model_file


def write_weights(path: Path, table: pa.Table, footer: Mapping[str, Any]) -> None:
    """Writes the file whole or not at all; the first column holds the features' rising slots."""
    slots = {table.schema.names[0]: "DELTA_BINARY_PACKED"}
    write_model_file(path, table, footer, use_dictionary=False, column_encoding=slots)


def read_weights(
    path: Path, schema: pa.Schema, slots: int, what: str, error: type[ValueError]
) -> tuple[pa.Table, dict[str, Any]]:
    """The table and the footer of ``what`` the file should be.

    Raises ``error`` as ``read_model_file``, and for more than ``slots`` features or one beyond them.
    """
    table, footer = read_model_file(path, schema, what, error, slots)
    largest = int(table[0].to_numpy().max()) if table.num_rows else 0
    if largest >= slots:
        raise error(f"{path}: found slot {largest}, expected below {slots}")
    return table, footer
