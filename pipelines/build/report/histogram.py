"""Histograms as SVG: counts of values, with thresholds drawn in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanmill.pipelines.build.report.markup import figure

WIDTH, HEIGHT = 340, 132
_LEFT, _TOP, _BOTTOM = 6, 20, 26
_BINS = 24
#: Positive values that span more than this are drawn on a logarithmic axis.
_LOGARITHMIC = 100.0


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``low`` to ``high``, linear or logarithmic."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def over(cls, values: Sequence[float]) -> Axis:
        """One on which every value has a place; equal values are put in the middle."""
        low, high = min(values), max(values)
        logarithmic = low > 0 and high / low > _LOGARITHMIC
        if low == high:
            low, high = low - max(abs(low), 1.0) / 2, high + max(abs(high), 1.0) / 2
        return cls(low, high, logarithmic)

    def place(self, value: float) -> float:
        """0 to 1."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def histogram(
    counts: Mapping[float, int],
    thresholds: Sequence[tuple[str, float]],
    unit: str,
    kept: Mapping[float, int] | None = None,
) -> str:
    """An SVG of how many had each value; ``thresholds`` are a name and a value, ``unit`` is what is counted.

    ``kept`` are counted as well and stand in another colour, those of ``counts`` upon them.
    """
    kept = kept or {}
    if not counts and not kept:
        return ""
    axis = Axis.over([*counts, *kept, *(value for _, value in thresholds)])
    columns = list(zip(_binned(kept, axis), _binned(counts, axis), strict=True))
    most = max(map(sum, columns))
    base = HEIGHT - _BOTTOM
    parts = []
    for place, column in enumerate(columns):
        below = 0.0
        for count, kind, what in zip(column, ("count still", "count"), ("kept", unit), strict=True):
            height = max(1.5, (base - _TOP) * count / most) if count else 0.0
            below += height
            if count:
                step = (WIDTH - 2 * _LEFT) / _BINS
                parts.append(
                    f'<rect class="{kind}" x="{_LEFT + place * step + 0.5:.1f}" y="{base - below:.1f}" '
                    f'width="{step - 1:.1f}" height="{height:.1f}"><title>{count:,} {what}</title></rect>'
                )
    parts.append(f'<path class="axis" d="M{_LEFT} {base}H{WIDTH - _LEFT}"/>')
    for name, value in thresholds:
        x = _LEFT + axis.place(value) * (WIDTH - 2 * _LEFT)
        end = "start" if x < WIDTH / 2 else "end"
        parts.append(f'<path class="threshold" d="M{x:.1f} {_TOP - 4}V{base + 4}"/>')
        parts.append(f'<text class="limit" x="{x:.1f}" y="12" text-anchor="{end}">{name} {figure(value)}</text>')
    scale = ", logarithmic" if axis.logarithmic else ""
    parts.append(f'<text class="of" x="{_LEFT}" y="{HEIGHT - 8}">{figure(axis.low)}</text>')
    parts.append(f'<text class="of" x="{WIDTH - _LEFT}" y="{HEIGHT - 8}" text-anchor="end">{figure(axis.high)}</text>')
    said = f"most {most:,}{'' if kept else f' {unit}'}{scale}"
    parts.append(f'<text class="of" x="{WIDTH / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{said}</text>')
    title = f"{sum(counts.values()):,} {unit}"
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{title}</title>{"".join(parts)}</svg>'
    )


def _binned(counts: Mapping[float, int], axis: Axis) -> list[int]:
    bins = [0] * _BINS
    for value, count in counts.items():
        bins[min(_BINS - 1, int(axis.place(value) * _BINS))] += count
    return bins
