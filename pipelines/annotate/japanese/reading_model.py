"""The two files of Japanese readings, in Parquet: a row a weight of a word in its context, and a row a phrase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import gt
from pathlib import Path
from typing import Any

import pyarrow as pa

from hanmill.pipelines.annotate.japanese.phrase_readings import Phrase, PhraseTable
from hanmill.pipelines.annotate.japanese.reading_features import PAIRS, TEMPLATES, Feature
from hanmill.pipelines.text.model_file import read_model_file, write_model_file

SHIPPED_MODEL = Path(__file__).parent / "data" / "japanese-readings.parquet"
SHIPPED_PHRASES = Path(__file__).parent / "data" / "japanese-phrases.parquet"

_WHAT = "file of Japanese readings"
_MODEL = pa.schema(
    [
        pa.field("word", pa.string(), nullable=False),
        pa.field("template", pa.uint8(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("second", pa.string(), nullable=True),
        pa.field("reading", pa.uint8(), nullable=False),
        pa.field("weight", pa.int16(), nullable=False),
    ]
)
_PHRASES = pa.schema(
    [
        pa.field("phrase", pa.string(), nullable=False),
        pa.field("reading", pa.string(), nullable=False),
        pa.field("first", pa.uint8(), nullable=False),
        pa.field("second", pa.uint8(), nullable=False),
    ]
)


class ReadingModelError(ValueError):
    """A file that holds no Japanese readings of this program."""


@dataclass(frozen=True, slots=True)
class WordWeights:
    """``readings`` that a word may have; ``weights`` of each by template and value, in hundredths."""

    readings: tuple[str, ...]
    weights: Mapping[tuple[int, Feature], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """``words`` by key (see ``reading_features``); ``made_from`` says what it was trained on."""

    words: Mapping[str, WordWeights]
    made_from: Mapping[str, Any]


def write_model(path: Path, model: ReadingModel) -> None:
    """Writes the file whole or not at all; equal bytes for equal models (of one pyarrow)."""
    rows = sorted(
        (word, template, *((value, "") if isinstance(value, str) else value), reading, weight)
        for word, each in model.words.items()
        for (template, value), weights in each.weights.items()
        for reading, weight in enumerate(weights)
        if weight
    )
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _MODEL]
    columns[3] = [
        second if template in PAIRS else None for template, second in zip(columns[1], columns[3], strict=True)
    ]
    footer = {
        "readings": {word: list(each.readings) for word, each in sorted(model.words.items())},
        "made_from": dict(model.made_from),
    }
    write_model_file(path, pa.table(columns, schema=_MODEL), footer)


def read_model(path: Path) -> ReadingModel:
    """Raises ReadingModelError naming the file, what was found and what was expected."""
    table, footer = read_model_file(path, _MODEL, _WHAT, ReadingModelError)
    try:
        readings = {word: tuple(map(str, each)) for word, each in footer["readings"].items()}
        made_from = footer["made_from"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ReadingModelError(f"{path}: the footer is not a reading model's: {error!r}") from error
    weights: dict[str, dict[tuple[int, Feature], list[int]]] = {word: {} for word in readings}
    for word, template, value, second, reading, weight in zip(
        *(column.to_pylist() for column in table.columns), strict=True
    ):
        if word not in weights or template >= len(TEMPLATES) or reading >= len(readings[word]):
            raise ReadingModelError(
                f"{path}: found a weight of {word!r}, template {template}, reading {reading}; expected one of the "
                f"footer's words and readings and a template below {len(TEMPLATES)}"
            )
        feature = (template, value if second is None else (value, second))
        weights[word].setdefault(feature, [0] * len(readings[word]))[reading] = weight
    return ReadingModel(
        {
            word: WordWeights(each, {feature: tuple(found) for feature, found in weights[word].items()})
            for word, each in readings.items()
        },
        made_from,
    )


def write_phrases(path: Path, phrases: Mapping[str, Phrase], made_from: Mapping[str, Any]) -> None:
    """Writes the file whole or not at all."""
    rows = [(text, each.reading, each.first, each.second) for text, each in sorted(phrases.items())]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _PHRASES]
    write_model_file(path, pa.table(columns, schema=_PHRASES), {"made_from": dict(made_from)})


def read_phrases(path: Path) -> PhraseTable:
    """The phrases of a file. Raises ReadingModelError."""
    table, _ = read_model_file(path, _PHRASES, _WHAT, ReadingModelError)
    texts, readings, firsts, seconds = (column.to_pylist() for column in table.columns)
    if any(map(gt, texts, texts[1:])):
        raise ReadingModelError(f"{path}: found phrases in another order, expected ascending ones")
    return PhraseTable(texts, readings, firsts, seconds)
