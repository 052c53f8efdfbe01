"""The pointwise segmenter's file: the weights of hashed features."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.annotate.pointwise_features import VOTES
from pipelines.annotate.words import SegmenterError
from schemas.hashing import canonical_json

SHIPPED_MODEL = Path(__file__).parent / "data" / "chinese-words.parquet"
FORMAT_VERSION = 1
#: Rows of weights; a feature's row is the low bits of its hash, and the high eight bits tell it from others there.
ROWS = 1 << 21
CHECK_SHIFT = 24

_SCHEMA = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("check", pa.uint8(), nullable=False),
        *(pa.field(f"weight_{number}", pa.int8(), nullable=False) for number in range(VOTES)),
    ]
)
_FOOTER = b"hanmill"


@dataclass(frozen=True, slots=True)
class PointwiseModel:
    """``rows`` uint32 [n], ascending; ``checks`` uint8 [n]; ``weights`` int8 [n, VOTES]; ``made_from`` the training.

    A place is a word boundary when the weights of its votes sum to more than 0.
    """

    rows: NDArray[np.uint32]
    checks: NDArray[np.uint8]
    weights: NDArray[np.int8]
    made_from: Mapping[str, Any]


def write_model(path: Path, model: PointwiseModel) -> None:
    """Writes the file whole or not at all: Parquet, equal bytes for equal models (of one pyarrow)."""
    columns = [model.rows, model.checks, *model.weights.T]
    table = pa.table([pa.array(np.ascontiguousarray(column)) for column in columns], schema=_SCHEMA)
    footer = {"format": FORMAT_VERSION, "made_from": dict(model.made_from)}
    temporary = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        pq.write_table(
            table.replace_schema_metadata({_FOOTER: canonical_json(footer)}),
            temporary,
            compression="zstd",
            compression_level=19,
            use_dictionary=False,
            column_encoding={"row": "DELTA_BINARY_PACKED"},
            write_statistics=False,
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_model(path: Path) -> PointwiseModel:
    """Raises SegmenterError naming the file, what was found and what was expected."""
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(_SCHEMA):
                raise SegmenterError(f"{path}: found columns {file.schema_arrow.names}, expected {_SCHEMA.names}")
            if file.metadata.num_rows > ROWS:
                raise SegmenterError(f"{path}: found {file.metadata.num_rows:,} features, expected at most {ROWS:,}")
            footer = json.loads((file.schema_arrow.metadata or {}).get(_FOOTER, b"null"))
            table = file.read()
    except (OSError, pa.ArrowException, ValueError) as error:
        if isinstance(error, SegmenterError):
            raise
        raise SegmenterError(f"{path}: not the weights of a pointwise segmenter: {error}") from error
    found = footer.get("format") if isinstance(footer, dict) else None
    if found != FORMAT_VERSION:
        raise SegmenterError(f"{path}: found format {found}, expected {FORMAT_VERSION}")
    rows, checks, *weights = (column.to_numpy() for column in table.columns)
    if len(rows) and int(rows.max()) >= ROWS:
        raise SegmenterError(f"{path}: found row {int(rows.max())}, expected below {ROWS}")
    return PointwiseModel(rows, checks, np.stack(weights, axis=1), footer.get("made_from", {}))
