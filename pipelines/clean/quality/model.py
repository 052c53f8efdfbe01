"""The quality scorer: its file, and the score of a text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hanmill.pipelines.clean.quality.features import SLOTS, Features, features
from hanmill.pipelines.text.hashed_weights import read_weights, write_weights
from hanmill.schemas.errors import HanmillError

#: Its card, with figures and limits, stands beside it.
SHIPPED_MODEL = Path(__file__).parent / "data" / "quality.parquet"
_SCHEMA = pa.schema([pa.field("slot", pa.uint32(), nullable=False), pa.field("weight", pa.int8(), nullable=False)])


class QualityModelError(HanmillError, ValueError):
    """A file that is no quality model of this program."""


@dataclass(frozen=True)
class QualityModel:
    """``weights`` float32 [SLOTS] are log-odds of each feature, ``bias`` those of a text that shows none."""

    weights: NDArray[np.float32]
    bias: float
    made_from: Mapping[str, Any]

    def score(self, text: str) -> float:
        """How much the text is like the good ones it was trained on, between 0 and 1."""
        return self.score_features(features(text))

    def score_features(self, found: Features) -> float:
        """The score of a text by its features, 0 where it has none."""
        if not len(found.slots):
            return 0.0
        odds = self.bias + float(np.dot(self.weights.take(found.slots), found.shares))
        return 1 / (1 + math.exp(-min(60.0, max(-60.0, odds))))


def write_model(path: Path, model: QualityModel) -> QualityModel:
    """Writes the file whole or not at all, weights in steps of one byte; gives the model as it stands there."""
    unit = max(float(np.abs(model.weights).max()), 1e-6) / 127
    whole = np.rint(model.weights / np.float32(unit)).astype(np.int8)
    slots = np.flatnonzero(whole).astype(np.uint32)
    footer = {"unit": unit, "bias": model.bias, "made_from": dict(model.made_from)}
    write_weights(path, pa.table([pa.array(slots), pa.array(whole[slots])], schema=_SCHEMA), footer)
    return read_model(path)


def read_model(path: Path) -> QualityModel:
    """Raises QualityModelError naming the file, what was found and what was expected."""
    table, footer = read_weights(path, _SCHEMA, SLOTS, "quality model", QualityModelError)
    try:
        unit, bias, made_from = float(footer["unit"]), float(footer["bias"]), dict(footer["made_from"])
    except (KeyError, TypeError, ValueError) as error:
        raise QualityModelError(f"{path}: the footer is not a quality model's: {error!r}") from error
    if not (0 < unit < math.inf and math.isfinite(bias)):
        raise QualityModelError(f"{path}: found unit {unit} and bias {bias}, expected finite numbers")
    weights = np.zeros(SLOTS, np.float32)
    weights[table["slot"].to_numpy()] = table["weight"].to_numpy() * np.float32(unit)
    weights.setflags(write=False)
    return QualityModel(weights, bias, made_from)


@cache
def shipped_model() -> QualityModel:
    """The model that comes with the program. Raises QualityModelError."""
    return read_model(SHIPPED_MODEL)
