"""Loss curves of runs, read from their logs, as a table and as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from hanmill.trainer.errors import TrainerError
from hanmill.trainer.runs.log import read_log

_WIDTH, _HEIGHT, _MARGIN = 800, 480, 60
COLOURS = ("#1f5fa8", "#c2542d", "#2e7d4f", "#7b4ba0", "#8a6d00", "#444444")


class LogError(TrainerError):
    """A folder without a readable log."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Validation loss of one run. ``steps`` counts through all stages; ``unigram`` is the last baseline."""

    name: str
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    unigram: float
    tokens_per_second: float


def read_lines(run: Path) -> list[dict[str, Any]]:
    """All lines of a run's log. Raises LogError naming the file."""
    path = run / "log.jsonl"
    if not path.is_file():
        raise LogError(f"{path}: found no log, expected a run of `hanmill train`")
    return read_log(path)


def read_curve(run: Path) -> Curve:
    """Raises LogError naming the file. What a continued run did again counts once, the later line."""
    lines = read_lines(run)
    points = points_of(lines, "validation", "loss")
    if not points:
        raise LogError(f"{run / 'log.jsonl'}: found no validation losses; lines in the log: {len(lines)}")
    unigram = [line["unigram"] for line in lines if line["event"] == "validation" and line["loss"] is not None][-1]
    speeds = [line["tokens_per_second"] for line in lines if line["event"] == "train"]
    return Curve(
        run.name,
        tuple(points),
        tuple(points.values()),
        float(unigram),
        float(sorted(speeds)[len(speeds) // 2]) if speeds else 0.0,
    )


def points_of(lines: list[dict[str, Any]], event: str, field: str) -> dict[int, float]:
    """Values of a field by step since the beginning; the step 0 of a later stage stands where the one before ended."""
    ends: dict[str, int] = {}
    for line in lines:
        if line["event"] in ("train", "validation"):
            ends[line["stage"]] = max(ends.get(line["stage"], 0), line["step"])
    starts, total = {}, 0
    for stage, end in ends.items():
        starts[stage], total = total, total + end
    found = [line for line in lines if line["event"] == event and line.get(field) is not None]
    return dict(sorted({starts[line["stage"]] + line["step"]: float(line[field]) for line in found}.items()))


def task_points(lines: list[dict[str, Any]]) -> dict[str, dict[int, float]]:
    """Of each task that was scored while a run went on its own measure (``NAME.MEASURE``), by step as above."""
    names: dict[str, str] = {}
    for line in lines:
        for key in line if line["event"] == "tasks" else ():
            task, dot, _ = key.partition(".")
            # The task's own stands first.
            if dot:
                names.setdefault(task, key)
    return {name: points for name in names.values() if (points := points_of(lines, "tasks", name))}


def task_table(runs: list[tuple[str, dict[str, dict[int, float]]]]) -> str:
    """One line a run and task: how often it was scored, the first, best and last score, and the step of the best."""
    width, wide = (max(map(len, column)) for column in zip(("run", "score"), *(
        (run, name) for run, tasks in runs for name in tasks
    ), strict=True))  # fmt: skip
    rows = [
        f"{'run':<{width}}  {'score':<{wide}}  {'times':>6}  {'first':>6}  {'best':>6}  {'at step':>9}  {'last':>6}"
    ]
    for run, tasks in runs:
        for name, points in tasks.items():
            best = max(points, key=lambda step: points[step])
            first, *_, last = [*points.values()] * 2
            rows.append(
                f"{run:<{width}}  {name:<{wide}}  {len(points):>6,}  {first:>6.4f}  {points[best]:>6.4f}  {best:>9,}  "
                f"{last:>6.4f}"
            )
    return "\n".join(rows)


def table(curves: list[Curve]) -> str:
    """One line a run: first, best and last validation loss, the unigram baseline, median tokens per second."""
    width = max(3, *(len(curve.name) for curve in curves))
    rows = [f"{'run':<{width}}  {'steps':>9}  {'first':>7}  {'best':>7}  {'last':>7}  {'unigram':>7}  {'tokens/s':>10}"]
    rows += [
        f"{curve.name:<{width}}  {curve.steps[-1]:>9,}  {curve.losses[0]:>7.3f}  {min(curve.losses):>7.3f}  "
        f"{curve.losses[-1]:>7.3f}  {curve.unigram:>7.3f}  {curve.tokens_per_second:>10,.0f}"
        for curve in curves
    ]
    return "\n".join(rows)


def svg(curves: list[Curve]) -> str:
    """Validation loss in nats a token over steps, the unigram baselines dashed."""
    last = max(1, *(curve.steps[-1] for curve in curves))
    top = max(max(*curve.losses, curve.unigram) for curve in curves) * 1.05

    def x(step: float) -> float:
        return _MARGIN + step / last * (_WIDTH - 2 * _MARGIN)

    def y(loss: float) -> float:
        return _HEIGHT - _MARGIN - loss / top * (_HEIGHT - 2 * _MARGIN)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<path d="M{_MARGIN} {_MARGIN}V{y(0)}H{_WIDTH - _MARGIN}" fill="none" stroke="#888"/>',
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 18}" text-anchor="middle">step</text>',
        f'<text x="{_MARGIN}" y="{_MARGIN - 14}">validation loss (nats a token; dashed: unigram)</text>',
    ]
    for quarter in range(5):
        step, loss = last * quarter / 4, top * quarter / 4
        parts.append(f'<text x="{x(step):.1f}" y="{y(0) + 16:.1f}" text-anchor="middle">{step:,.0f}</text>')
        parts.append(f'<text x="{_MARGIN - 8}" y="{y(loss) + 4:.1f}" text-anchor="end">{loss:.2f}</text>')
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in zip(curve.steps, curve.losses, strict=True))
        level = f"{y(curve.unigram):.1f}"
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<path d="M{_MARGIN} {level}H{_WIDTH - _MARGIN}" stroke="{colour}" stroke-dasharray="4 4"/>',
            f'<text x="{_WIDTH - _MARGIN}" y="{_MARGIN + 16 * number}" text-anchor="end" fill="{colour}">'
            f"{escape(curve.name)}</text>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
