"""Curves of runs as one PNG: loss, learning rate, tokens a second, share of time waiting for data, scores of tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from hanmill.trainer.runs.curves import COLOURS, LogError, points_of, read_lines, task_points

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 420, 84, 44, 20, 40
#: Drawn this much larger and then made smaller, which smooths the lines.
_SCALE = 2
_GREY = "#888888"

#: Title, and the (event, field) of its curves: the first drawn thick, the second thin.
PANELS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("loss (thick: validation, thin: training)", (("validation", "loss"), ("train", "loss"))),
    ("learning rate", (("train", "learning_rate"),)),
    ("tokens a second", (("train", "tokens_per_second"),)),
    ("share of time waiting for data", (("train", "data_wait"),)),
)


@dataclass(frozen=True, slots=True)
class Series:
    """One curve of a panel: values by step since the run's beginning."""

    points: dict[int, float]
    colour: str
    thick: bool


def read_panels(runs: Sequence[Path]) -> list[list[Series]]:
    """The curves of each of ``PANELS``, all runs together. Raises LogError where a run has no log."""
    panels: list[list[Series]] = [[] for _ in PANELS]
    for number, run in enumerate(runs):
        lines = read_lines(run)
        for panel, (_, fields) in zip(panels, PANELS, strict=True):
            for order, (event, field) in enumerate(fields):
                points = points_of(lines, event, field)
                if points:
                    panel.append(Series(points, COLOURS[number % len(COLOURS)], not order))
    if not any(panels):
        raise LogError(f"{runs[0]}: found nothing to draw in the log")
    return panels


def read_task_panel(runs: Sequence[Path]) -> tuple[str, list[Series]]:
    """Title and curves of the tasks' own scores; no curves where none was scored. Raises LogError."""
    tasks = [task_points(read_lines(run)) for run in runs]
    names = list(dict.fromkeys(name for found in tasks for name in found))
    series = [
        Series(points, COLOURS[number % len(COLOURS)], name == names[0])
        for number, found in enumerate(tasks)
        for name, points in found.items()
    ]
    thick = " (thick), " if len(names) > 1 else ""
    return f"tasks: {names[0]}{thick}{', '.join(names[1:])}" if names else "", series


def write_chart(runs: Sequence[Path], output: Path) -> None:
    """Writes a PNG of 1,440 × 840 pixels, 1,260 high where tasks were scored. Raises LogError."""
    panels = [(title, panel) for panel, (title, _) in zip(read_panels(runs), PANELS, strict=True)]
    if (tasks := read_task_panel(runs))[1]:
        panels.append(tasks)
    height = -(-len(panels) // 2) * _HEIGHT
    sheet = Image.new("RGB", (2 * _WIDTH * _SCALE, height * _SCALE), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (title, panel) in enumerate(panels):
        _Panel(draw, number % 2 * _WIDTH, number // 2 * _HEIGHT).draw(title, panel)
    font = ImageFont.load_default(13 * _SCALE)
    for number, run in enumerate(runs):
        place = ((_WIDTH - _RIGHT) * _SCALE, (_TOP + 18 * number) * _SCALE)
        draw.text(place, run.name, COLOURS[number % len(COLOURS)], font, anchor="ra")
    sheet.resize((2 * _WIDTH, height), Image.Resampling.LANCZOS).save(output, "PNG")


class _Panel:
    """Axes from 0 to the largest value, and the curves in them; ``left`` and ``top`` in pixels of the sheet."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
        self._draw, self._left, self._top = draw, left, top
        self._font = ImageFont.load_default(12 * _SCALE)

    def draw(self, title: str, panel: list[Series]) -> None:
        steps = ticks(max((max(series.points) for series in panel), default=1) or 1, whole=True)
        values = ticks(max((max(series.points.values()) for series in panel), default=1.0) or 1.0)
        last, highest = steps[-1], values[-1]
        self._text(_LEFT, _TOP - 12, title, "ls")
        for value in values:
            y = self._y(value / highest)
            self._draw.line((self._x(0), y, self._x(1), y), "#dddddd" if value else _GREY, _SCALE)
            self._draw.text((self._x(0) - 6 * _SCALE, y), _number(value), "black", self._font, anchor="rm")
        for step in steps:
            place = (self._x(step / last), self._y(0) + 6 * _SCALE)
            self._draw.text(place, f"{step:,.0f}", "black", self._font, anchor="ma")
        self._text((_LEFT + _WIDTH - _RIGHT) // 2, _HEIGHT - 4, "step", "ms")
        for series in panel:
            path = [(self._x(step / last), self._y(value / highest)) for step, value in series.points.items()]
            width = (3 if series.thick else 1) * _SCALE
            if len(path) > 1:
                self._draw.line(path, series.colour, width, joint="curve")
            for x, y in (path[:1], path[-1:])[len(path) > 1]:
                self._draw.ellipse((x - width, y - width, x + width, y + width), series.colour)

    def _x(self, share: float) -> float:
        return (self._left + _LEFT + share * (_WIDTH - _LEFT - _RIGHT)) * _SCALE

    def _y(self, share: float) -> float:
        return (self._top + _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)) * _SCALE

    def _text(self, x: int, y: int, text: str, anchor: str) -> None:
        self._draw.text(((self._left + x) * _SCALE, (self._top + y) * _SCALE), text, "black", self._font, anchor=anchor)


def ticks(largest: float, *, whole: bool = False) -> list[float]:
    """Round values from 0 to the first one that is not below ``largest``, at most six; ``whole`` numbers for steps.

    >>> ticks(0.93), ticks(2.4), ticks(118000)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], [0.0, 50000.0, 100000.0, 150000.0])
    >>> ticks(3, whole=True)
    [0.0, 1.0, 2.0, 3.0]
    """
    power = math.floor(math.log10(largest / 5)) if largest > 0 else 0
    sizes = (digit * 10.0 ** (power + above) for above in (0, 1) for digit in (1, 2, 5))
    size = next(size for size in sizes if (size >= 1 or not whole) and math.ceil(largest / size - 1e-9) <= 5)
    # Rounded: 3 * 0.2 is not 0.6.
    digits = max(0, -math.floor(math.log10(size)))
    return [round(number * size, digits) for number in range(max(1, math.ceil(largest / size - 1e-9)) + 1)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
