"""Training the quality scorer: logistic regression over hashed features, cross-validated by file.

A file is a source, and sources differ in far more than quality; so what a model makes of a file that it has not seen is
the only figure that counts. All texts are taken at once (Adam, Kingma and Ba 2015, with falling steps and an L2
penalty); every file weighs as much as any other on its side, and both sides weigh the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.clean.quality.features import (
    NGRAM_SLOTS,
    ORDERS,
    SLOTS,
    features,
    folded_characters,
    ngram_hashes,
    step_name,
)
from hanmill.pipelines.clean.quality.model import QualityModel
from hanmill.schemas.errors import HanmillError

_STEPS, _STEP_SIZE = 60, 1.0
_PENALTY = 5e-6
_MEAN, _SQUARE = 0.9, 0.99
#: Weights of n-grams smaller than this part of the largest are taken for nothing.
_LEAST_SHARE = 1 / 254


class QualityTextError(HanmillError, ValueError):
    """Too few files or texts to learn from."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """The texts of one file and whether they are good ones."""

    name: str
    good: bool
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileScore:
    """A file's texts scored by a model that was trained without the file: float64 [texts]."""

    file: TextFile
    scores: NDArray[np.float64]

    @property
    def right(self) -> float:
        """Share of texts on their own side of one half."""
        return float(np.mean((self.scores >= 0.5) == self.file.good))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Features of n texts one after another: ``slots``, ``shares``, where each text begins, its label and weight."""

    slots: NDArray[np.uint32]
    shares: NDArray[np.float32]
    starts: NDArray[np.int64]
    good: NDArray[np.float32]
    importance: NDArray[np.float32]


def train(files: Sequence[TextFile], made_from: Mapping[str, Any]) -> QualityModel:
    """A model of all files. Raises QualityTextError where one side has no text."""
    batch = _batch(files)
    weights, bias = _fit(batch)
    ngrams = weights[:NGRAM_SLOTS]
    ngrams[np.abs(ngrams) < np.abs(ngrams).max() * _LEAST_SHARE] = 0
    return QualityModel(weights, bias, made_from)


def cross_validate(files: Sequence[TextFile], folds: int) -> list[FileScore]:
    """Every file scored by a model of the others: of all others where ``folds`` are as many as files.

    Files of a side are dealt to folds in turn. Raises QualityTextError where a side has fewer than two files.
    """
    sides = [[file for file in files if file.good is good] for good in (True, False)]
    if min(map(len, sides)) < 2:
        raise QualityTextError(f"found {len(sides[0])} good and {len(sides[1])} bad files, expected two of each")
    fold_of = {id(file): number % folds for side in sides for number, file in enumerate(side)}
    found = []
    for fold in range(min(folds, max(map(len, sides)))):
        model = train([file for file in files if fold_of[id(file)] != fold], {})
        for file in files:
            if fold_of[id(file)] == fold:
                found.append(FileScore(file, scores(model, file.texts)))
    return sorted(found, key=lambda one: (not one.file.good, one.file.name))


def scores(model: QualityModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """float64 [texts]."""
    return np.array([model.score(text) for text in texts], dtype=np.float64)


def area(scored: Sequence[FileScore]) -> float:
    """Area under the ROC curve: how often a good text scores above a bad one, every file weighing the same."""
    good = [(one.scores, 1 / len(one.scores)) for one in scored if one.file.good]
    bad = [(one.scores, 1 / len(one.scores)) for one in scored if not one.file.good]
    if not good or not bad:
        return float("nan")
    values = np.concatenate([np.sort(values) for values, _ in bad])
    weights = np.concatenate([np.full(len(values), weight) for values, weight in bad])
    order = np.argsort(values, kind="stable")
    sums = np.concatenate(([0.0], np.cumsum(weights[order])))
    values = values[order]
    below = sum(
        weight * float((sums[np.searchsorted(values, one, "left")] + sums[np.searchsorted(values, one, "right")]).sum())
        for one, weight in good
    )
    return below / 2 / len(good) / len(bad)


def telling_features(model: QualityModel, files: Sequence[TextFile], count: int) -> tuple[list[str], list[str]]:
    """What speaks most for and most against a text, as found in the files: features by weight times occurrences."""
    seen = np.zeros(SLOTS, np.float64)
    for file in files:
        for text in file.texts:
            found = features(text)
            np.add.at(seen, found.slots, found.shares / len(file.texts) / len(files))
    effect = model.weights * seen
    order = np.argsort(effect, kind="stable")
    wanted = {int(slot) for slot in (*order[:count], *order[len(order) - count :])}
    names = _names(wanted, files)
    show = [f"{names[int(slot)]} {effect[slot]:+.3f}" for slot in order if int(slot) in wanted]
    return show[: -count - 1 : -1], show[:count]


def _names(wanted: set[int], files: Sequence[TextFile]) -> dict[int, str]:
    names = {slot: step_name(slot) for slot in wanted if slot >= NGRAM_SLOTS}
    looked_for = np.array(sorted(wanted - set(names)), np.uint32)
    for file in files:
        for text in file.texts:
            if len(names) == len(wanted):
                return names
            folded = folded_characters(text)
            slots = ngram_hashes(folded) & np.uint32(NGRAM_SLOTS - 1)
            for place in np.flatnonzero(np.isin(slots, looked_for)).tolist():
                if int(slots[place]) in names:
                    continue
                order, start = _order_and_start(place, len(folded))
                gram = "".join(map(chr, folded[start : start + order].tolist()))
                names[int(slots[place])] = repr(gram.replace("\0", "^"))
    return names


def _order_and_start(place: int, length: int) -> tuple[int, int]:
    for order in ORDERS:
        if place < length - order + 1:
            return order, place
        place -= length - order + 1
    raise AssertionError("a place behind all n-grams")


def _batch(files: Sequence[TextFile]) -> _Batch:
    found, good, importance = [], [], []
    sides = {side: sum(1 for file in files if file.good is side and file.texts) for side in (True, False)}
    if not all(sides.values()):
        raise QualityTextError(f"found {sides[True]} good and {sides[False]} bad files with text, expected both")
    for file in files:
        for text in file.texts:
            found.append(features(text))
            good.append(file.good)
            importance.append(0.5 / sides[file.good] / len(file.texts))
    sizes = np.array([len(one.slots) for one in found], np.int64)
    return _Batch(
        np.concatenate([one.slots for one in found]),
        np.concatenate([one.shares for one in found]),
        np.cumsum(sizes) - sizes,
        np.array(good, np.float32),
        np.array(importance, np.float32),
    )


def _fit(batch: _Batch) -> tuple[NDArray[np.float32], float]:
    slots, columns = np.unique(batch.slots, return_inverse=True)
    size = len(slots)
    weights, mean, square = (np.zeros(size + 1, np.float64) for _ in range(3))
    lengths = np.diff(np.append(batch.starts, len(columns)))
    for step in range(1, _STEPS + 1):
        odds = np.add.reduceat(weights[columns] * batch.shares, batch.starts) + weights[-1]
        error = (1 / (1 + np.exp(-odds)) - batch.good) * batch.importance
        slope = np.empty(size + 1)
        slope[:-1] = np.bincount(columns, np.repeat(error, lengths) * batch.shares, minlength=size)
        slope[-1] = error.sum()
        slope[:-1] += _PENALTY * weights[:-1]
        mean = _MEAN * mean + (1 - _MEAN) * slope
        square = _SQUARE * square + (1 - _SQUARE) * slope * slope
        change = mean / (1 - _MEAN**step) / (np.sqrt(square / (1 - _SQUARE**step)) + 1e-10)
        weights -= _STEP_SIZE * (1 - (step - 1) / _STEPS) * change
    whole = np.zeros(SLOTS, np.float32)
    whole[slots] = weights[:-1]
    return whole, float(weights[-1])
