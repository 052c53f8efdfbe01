"""The context model's file: readings a character may have, and the weights of hashed features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context_features import SLOTS
from hanmill.pipelines.annotate.pinyin.word_readings import KINDS
from hanmill.pipelines.text.hashed_weights import read_weights, write_weights
from hanmill.schemas.errors import HanmillError

SHIPPED_MODEL = Path(__file__).parent / "data" / "pinyin-context.parquet"
#: Readings of one character in a model; no character has half as many.
MAX_READINGS = 16

_SCHEMA = pa.schema([pa.field("slot", pa.uint32(), nullable=False), pa.field("weight", pa.int8(), nullable=False)])
_INT16 = 1 << 15


class ReadingsModelError(HanmillError, ValueError):
    """A file that is no context model of this program, or not one for the installed dictionary."""


@dataclass(frozen=True, slots=True)
class ContextModel:
    """``readings`` maps a character to its readings (``jiao3``), the commonest first.

    ``slots`` uint32 [n], ascending, and ``weights`` int8 [n]: features' weights, all others being 0. ``agreement``
    [KINDS] is added to the reading that the dictionary gives, by the kind of what it has it from.
    ``made_from`` says what it was trained on.
    """

    readings: Mapping[str, tuple[str, ...]]
    slots: NDArray[np.uint32]
    weights: NDArray[np.int8]
    agreement: tuple[int, ...]
    made_from: Mapping[str, Any]


def write_model(path: Path, model: ContextModel) -> None:
    """Writes the file whole or not at all."""
    footer = {
        "readings": {character: list(readings) for character, readings in sorted(model.readings.items())},
        "agreement": list(model.agreement),
        "made_from": dict(model.made_from),
    }
    write_weights(path, pa.table([pa.array(model.slots), pa.array(model.weights)], schema=_SCHEMA), footer)


def read_model(path: Path) -> ContextModel:
    """Raises ReadingsModelError naming the file, what was found and what was expected."""
    table, footer = read_weights(path, _SCHEMA, SLOTS, "context model", ReadingsModelError)
    try:
        model = ContextModel(
            {character: tuple(map(str, readings)) for character, readings in footer["readings"].items()},
            table["slot"].to_numpy(),
            table["weight"].to_numpy(),
            tuple(map(int, footer["agreement"])),
            footer["made_from"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReadingsModelError(f"{path}: the footer is not a context model's: {error!r}") from error
    _check(path, model)
    return model


def _check(path: Path, model: ContextModel) -> None:
    for character, readings in model.readings.items():
        if len(character) != 1 or not 1 <= len(readings) <= MAX_READINGS:
            raise ReadingsModelError(
                f"{path}: {character!r} with {len(readings)} readings, expected one character with 1 to {MAX_READINGS}"
            )
    if len(model.agreement) != KINDS or not all(-_INT16 <= weight < _INT16 for weight in model.agreement):
        raise ReadingsModelError(f"{path}: agreement {model.agreement}, expected {KINDS} 16-bit weights")
