"""Accuracy and macro F1 of classes, correlations of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def accuracy(gold: Sequence[str], found: Sequence[str]) -> float:
    """Share of equal labels."""
    return sum(one == other for one, other in zip(gold, found, strict=True)) / len(gold) if gold else 0.0


def macro_f1(gold: Sequence[str], found: Sequence[str]) -> float:
    """Mean of the F1 of each class that is in either, each counting alike; 0 for one that is never right."""
    scores = []
    for label in sorted({*gold, *found}):
        right = sum(one == other == label for one, other in zip(gold, found, strict=True))
        scores.append(2 * right / (gold.count(label) + found.count(label)))
    return float(np.mean(scores)) if scores else 0.0


def pearson(gold: Sequence[float], found: Sequence[float]) -> float:
    """Correlation; 0 where either does not vary."""
    return _correlation(np.asarray(gold, float), np.asarray(found, float))


def spearman(gold: Sequence[float], found: Sequence[float]) -> float:
    """Correlation of ranks, those of equal numbers their mean; 0 where either does not vary."""
    return _correlation(_ranks(np.asarray(gold, float)), _ranks(np.asarray(found, float)))


def _correlation(first: Floats, second: Floats) -> float:
    first, second = first - first.mean(), second - second.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / size) if size else 0.0


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: Floats = (ends - (counts - 1) / 2)[place]
    return means
