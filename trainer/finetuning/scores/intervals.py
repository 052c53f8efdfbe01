"""Means over seeds with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom; beyond, the normal's.
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL = 1.960


@dataclass(frozen=True, slots=True)
class Interval:
    """Mean of ``number`` values and half the width of its 95 % interval, None for a single one."""

    mean: float
    half: float | None
    number: int


def interval(values: Sequence[float]) -> Interval:
    """By Student's t. Raises ValueError without values."""
    if not values:
        raise ValueError("values: found none, expected at least one")
    number = len(values)
    mean = sum(values) / number
    if number == 1:
        return Interval(mean, None, 1)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (number - 1))
    quantile = _T[number - 2] if number - 2 < len(_T) else _NORMAL
    return Interval(mean, quantile * deviation / math.sqrt(number), number)


def paired(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Interval of first minus second, value by value of equal seeds. Raises ValueError where their numbers differ."""
    return interval([one - other for one, other in zip(first, second, strict=True)])
