"""Four curves of runs as one PNG: loss, learning rate, tokens a second, share of time waiting for data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from hanmill.trainer.runs.curves import COLOURS, LogError, points_of, read_lines

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


def write_chart(runs: Sequence[Path], output: Path) -> None:
    """Writes a PNG of 1,440 × 840 pixels. Raises LogError."""
    panels = read_panels(runs)
    sheet = Image.new("RGB", (2 * _WIDTH * _SCALE, 2 * _HEIGHT * _SCALE), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (panel, (title, _)) in enumerate(zip(panels, PANELS, strict=True)):
        _Panel(draw, number % 2 * _WIDTH, number // 2 * _HEIGHT).draw(title, panel)
    font = ImageFont.load_default(13 * _SCALE)
    for number, run in enumerate(runs):
        place = ((_WIDTH - _RIGHT) * _SCALE, (_TOP + 18 * number) * _SCALE)
        draw.text(place, run.name, COLOURS[number % len(COLOURS)], font, anchor="ra")
    sheet.resize((2 * _WIDTH, 2 * _HEIGHT), Image.Resampling.LANCZOS).save(output, "PNG")


class _Panel:
    """Axes from 0 to the largest value, and the curves in them; ``left`` and ``top`` in pixels of the sheet."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
        self._draw, self._left, self._top = draw, left, top
        self._font = ImageFont.load_default(12 * _SCALE)

    def draw(self, title: str, panel: list[Series]) -> None:
        last = max((max(series.points) for series in panel), default=1) or 1
        highest = max((max(series.points.values()) for series in panel), default=1.0) * 1.05 or 1.0
        self._text(_LEFT, _TOP - 12, title, "ls")
        for quarter in range(5):
            value, step = highest * quarter / 4, last * quarter / 4
            y, x = self._y(quarter / 4), self._x(quarter / 4)
            self._draw.line((self._x(0), y, self._x(1), y), "#dddddd" if quarter else _GREY, _SCALE)
            self._draw.text((self._x(0) - 6 * _SCALE, y), _number(value), "black", self._font, anchor="rm")
            self._draw.text((x, self._y(0) + 6 * _SCALE), f"{step:,.0f}", "black", self._font, anchor="ma")
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


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
