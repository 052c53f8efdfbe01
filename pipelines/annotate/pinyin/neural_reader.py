"""A second opinion on polyphones that the context model is unsure of: g2pM's small LSTM, in whole numbers.

After Park and Lee (2020), "g2pM: A Neural Grapheme-to-Phoneme Conversion Package for Mandarin Chinese Based on a New
Open Benchmark Dataset": characters' embeddings, an LSTM (Hochreiter and Schmidhuber 1997) in either direction, two
layers over both states at a polyphone. It sees the sentence as far as REACH characters on either side. Weights, states
and gates are whole numbers in floats that hold them exactly, so the order of a sum does not matter: the answer is the
same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context_model import ReadingsModelError
from hanmill.pipelines.text.characters import CODE_POINTS
from hanmill.pipelines.text.model_file import read_model_file, write_model_file

SHIPPED_SECOND = Path(__file__).parent / "data" / "pinyin-second.parquet"
#: Characters on either side that it reads, where the sentence has so many.
REACH = 12
#: One is so much in states and activations, and in weights.
_ONE, _WEIGHT = 1 << 10, 1 << 8
#: float32 holds every whole number up to this.
_EXACT = 1 << 24
#: Logits and log odds of the context model are in this part of one.
_LOGIT = 64
#: A reading that it rules out is so much less likely than the best, in parts of one.
_LEAST = -8 * _LOGIT
#: Gates are looked up in tables of this many steps to one, between ±_FARTHEST.
_STEPS, _FARTHEST = 128, 16
#: Places read together, and rows of one product of matrices, so few that BLAS keeps to one thread.
_BATCH, _ROWS = 1_024, 32
_ENDS = "。！？"
#: Before a sentence, after it, and characters it does not know.
_FIRST, _LAST, _UNKNOWN = range(3)
_ARRAYS = (
    "embedding", "input", "recurrent", "bias", "input_back", "recurrent_back", "bias_back", "hidden", "hidden_bias",
    "output", "output_bias",
)  # fmt: skip
_SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("columns", pa.int32(), nullable=False),
        pa.field("weights", pa.list_(pa.field("item", pa.int16(), nullable=False)), nullable=False),
    ]
)

Integers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SecondReader:
    """Whole numbers, 256 to one: arrays by name (embedding [characters + 3, e], input [4h, e], recurrent [4h, h], …).

    The embedding's first rows stand for the sentence's begin, its end and unknown characters, then follow those of
    ``characters``. ``readings`` are the rows of the output; ``asked`` are the characters it is asked about.
    """

    arrays: Mapping[str, NDArray[np.int16]]
    characters: str
    readings: tuple[str, ...]
    asked: str
    made_from: Mapping[str, Any]


def write_second(path: Path, second: SecondReader) -> None:
    """Writes the file whole or not at all."""
    rows = [(name, second.arrays[name].shape[-1], second.arrays[name].ravel()) for name in _ARRAYS]
    names, columns, weights = zip(*rows, strict=True)
    table = pa.table([pa.array(names), pa.array(columns, pa.int32()), pa.array(weights, _SCHEMA.types[2])], _SCHEMA)
    footer = {
        "characters": second.characters,
        "readings": list(second.readings),
        "asked": second.asked,
        "made_from": dict(second.made_from),
    }
    write_model_file(path, table, footer)


def read_second(path: Path) -> SecondReader:
    """Raises ReadingsModelError naming the file, what was found and what was expected."""
    table, footer = read_model_file(path, _SCHEMA, "second reader", ReadingsModelError, len(_ARRAYS))
    rows = zip(*(table[name].to_pylist() for name in _SCHEMA.names), strict=True)
    try:
        arrays = {name: np.array(weights, dtype=np.int16).reshape(-1, columns) for name, columns, weights in rows}
        second = SecondReader(
            {name: arrays[name] for name in _ARRAYS},
            str(footer["characters"]),
            tuple(map(str, footer["readings"])),
            str(footer["asked"]),
            footer["made_from"],
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ReadingsModelError(f"{path}: not a second reader's arrays and footer: {error!r}") from error
    most = max(
        int(np.abs(second.arrays[f"recurrent{back}"].astype(np.int64)).sum(axis=1).max()) for back in ("", "_back")
    )
    if most * _ONE >= _EXACT:
        raise ReadingsModelError(f"{path}: found recurrent weights of {most} together, expected below {_EXACT // _ONE}")
    width, units = second.arrays["embedding"].shape[1], second.arrays["recurrent"].shape[1]
    expected = {
        "embedding": (len(second.characters) + _UNKNOWN + 1, width),
        "output": (len(second.readings), second.arrays["hidden"].shape[0]),
        "hidden": (second.arrays["hidden"].shape[0], 2 * units),
    }
    for back in ("", "_back"):
        expected |= {f"input{back}": (4 * units, width), f"recurrent{back}": (4 * units, units)}
        expected |= {f"bias{back}": (1, 4 * units)}
    for name, shape in expected.items():
        if (found := second.arrays[name].shape) != shape:
            raise ReadingsModelError(f"{path}: {name} has the shape {found}, expected {shape}")
    return second


class NeuralReader:
    """How likely the second reader thinks a character's readings. Built once per process."""

    def __init__(self, second: SecondReader) -> None:
        weights = second.arrays
        self.asked = frozenset(second.asked)
        self.readings = {reading: number for number, reading in enumerate(second.readings)}
        self._number = np.full(CODE_POINTS, _UNKNOWN, dtype=np.int64)
        codes = [ord(character) for character in second.characters]
        self._number[codes] = np.arange(_UNKNOWN + 1, len(codes) + _UNKNOWN + 1)
        self._ends = np.zeros(CODE_POINTS, dtype=bool)
        self._ends[[ord(character) for character in _ENDS]] = True
        self._directions = [
            (_gates(weights, back), weights[f"recurrent{back}"].T.astype(np.float32)) for back in ("", "_back")
        ]
        self._layers = [
            (layer.astype(np.float64), weights[name][0].astype(np.float64) * _ONE)
            for layer, name in ((weights["hidden"].T, "hidden_bias"), (weights["output"], "output_bias"))
        ]

    def scores(
        self, codepoints: NDArray[np.uint32], places: NDArray[np.int64], candidates: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """int32 [k, r]: how much less likely than the likeliest a character's readings are, in 64ths of a logit.

        ``codepoints`` are of texts apart by line feeds; ``candidates`` int64 [k, r] numbers of ``readings``, below 0
        for those it does not know, which count as ruled out.
        """
        found = np.full(candidates.shape, _LEAST, dtype=np.int32)
        for start in range(0, len(places), _BATCH):
            part = slice(start, start + _BATCH)
            found[part] = self._read(codepoints, places[part], candidates[part])
        return found

    def _read(
        self, codepoints: NDArray[np.uint32], places: NDArray[np.int64], candidates: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        size = len(places)
        places = np.pad(places, (0, -size % _ROWS), mode="edge")
        states = [self._state(number, *self._sentence(codepoints, places, step)) for number, step in ((0, -1), (1, 1))]
        values = np.concatenate(states, axis=2).astype(np.float64)
        (hidden, hidden_bias), (output, output_bias) = self._layers
        values = np.rint(np.maximum(values @ hidden + hidden_bias, 0) / _WEIGHT).reshape(len(places), -1)[:size]
        rows = np.maximum(candidates, 0)
        logits = (np.einsum("ku,kru->kr", values, output[rows]) + output_bias[rows]) * (_LOGIT / (_ONE * _WEIGHT))
        logits = np.where(candidates >= 0, logits, -np.inf)
        best = logits.max(axis=1, keepdims=True, initial=-1e9)
        less: NDArray[np.int32] = np.maximum(np.rint(logits - best), _LEAST).astype(np.int32)
        return less

    def _sentence(
        self, codepoints: NDArray[np.uint32], places: NDArray[np.int64], step: int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """int64 and bool [REACH + 1, k]: rows of the embedding from afar up to the place, and which are there.

        The sentence ends before a line feed and after a full stop.
        """
        where = places + step * np.arange(REACH + 1)[:, None]
        codes = codepoints[np.clip(where, 0, len(codepoints) - 1)]
        broken = (codes == ord("\n")) | (where < 0) | (where >= len(codepoints))
        ends = self._ends[codes]
        if step < 0:
            broken |= ends
            broken[0] = False
        else:
            broken[1:] |= ends[:-1]
        outside = np.maximum.accumulate(broken, axis=0)
        edge = outside.copy()
        edge[1:] &= ~outside[:-1]
        numbers = np.where(edge, _FIRST if step < 0 else _LAST, self._number[codes])
        return numbers[::-1], (~outside | edge)[::-1]

    def _state(self, direction: int, numbers: NDArray[np.int64], there: NDArray[np.bool_]) -> Integers:
        """float32 [k / _ROWS, _ROWS, h]: the state at the places, 1,024 to one."""
        gates, recurrent = self._directions[direction]
        units = len(recurrent)
        sigmoid, tanh = _tables()
        shape = (len(numbers), -1, _ROWS)
        hidden = np.zeros((numbers.shape[1] // _ROWS, _ROWS, units), dtype=np.float32)
        cell = np.zeros_like(hidden)
        for row, here in zip(numbers.reshape(shape), there.reshape(shape), strict=True):
            values = (gates[row] + hidden @ recurrent) * np.float32(_STEPS / (_ONE * _WEIGHT))
            steps = np.clip(np.rint(values), -_STEPS * _FARTHEST, _STEPS * _FARTHEST).astype(np.int32)
            steps += _STEPS * _FARTHEST
            take, forget, give = (sigmoid[steps[..., units * part : units * (part + 1)]] for part in (0, 1, 3))
            cell = np.rint((forget * cell + take * tanh[steps[..., 2 * units : 3 * units]]) / _ONE) * here[..., None]
            farthest = np.float32(_STEPS * _FARTHEST)
            of_cell = np.clip(np.rint(cell * np.float32(_STEPS / _ONE)), -farthest, farthest).astype(np.int32)
            hidden = np.rint(give * tanh[of_cell + _STEPS * _FARTHEST] / _ONE)
        return hidden


@cache
def neural_reader() -> NeuralReader:
    """The second reader that comes with the program."""
    return NeuralReader(read_second(SHIPPED_SECOND))


def quantised(weights: Sequence[Any]) -> NDArray[np.int16]:
    """int16: weights as whole numbers, 256 to one."""
    return np.rint(np.atleast_2d(np.asarray(weights, dtype=np.float64)) * _WEIGHT).astype(np.int16)


def _gates(weights: Mapping[str, NDArray[np.int16]], back: str) -> Integers:
    """float32 [characters, 4h]: what a character puts into the gates."""
    embedding, read = (weights[name].astype(np.float64) for name in ("embedding", f"input{back}"))
    values = embedding @ read.T * (_ONE / _WEIGHT) + weights[f"bias{back}"].astype(np.float64) * _ONE
    return np.rint(values).astype(np.float32)


@cache
def _tables() -> tuple[Integers, Integers]:
    """The logistic function and the hyperbolic tangent, 1,024 to one."""
    values = np.arange(-_STEPS * _FARTHEST, _STEPS * _FARTHEST + 1) / _STEPS
    tanh = np.tanh(values)
    return np.rint(_ONE / (1 + np.exp(-values))).astype(np.float32), np.rint(_ONE * tanh).astype(np.float32)
