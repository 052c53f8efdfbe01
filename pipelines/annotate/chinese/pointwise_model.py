"""The pointwise segmenter's file: the weights of hashed features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hanmill.pipelines.annotate.chinese.pointwise_features import VOTES
from hanmill.pipelines.annotate.words import SegmenterError
from hanmill.pipelines.text.hashed_weights import read_weights, write_weights

SHIPPED_MODEL = Path(__file__).parent / "data" / "chinese-words.parquet"
#: Rows of weights; a feature's row is the low bits of its hash, and the high eight bits tell it from others there.
ROWS = 1 << 22
CHECK_SHIFT = 24

_SCHEMA = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("check", pa.uint8(), nullable=False),
        *(pa.field(f"weight_{number}", pa.int8(), nullable=False) for number in range(VOTES)),
    ]
)


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
    """Writes the file whole or not at all."""
    columns = [model.rows, model.checks, *model.weights.T]
    table = pa.table([pa.array(np.ascontiguousarray(column)) for column in columns], schema=_SCHEMA)
    write_weights(path, table, {"made_from": dict(model.made_from), "rows": ROWS})


def read_model(path: Path) -> PointwiseModel:
    """Raises SegmenterError naming the file, what was found and what was expected."""
    table, footer = read_weights(path, _SCHEMA, ROWS, "pointwise segmenter", SegmenterError)
    if (hashed := footer.get("rows")) != ROWS:
        raise SegmenterError(f"{path}: found features hashed into {hashed} rows, expected {ROWS}: train it again")
    rows, checks, *weights = (column.to_numpy() for column in table.columns)
    return PointwiseModel(rows, checks, np.stack(weights, axis=1), footer.get("made_from", {}))
