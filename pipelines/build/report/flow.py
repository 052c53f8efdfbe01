"""The flow from records read to documents kept as a picture: a stream that narrows at every loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hanmill.pipelines.build.report.markup import anchor, share, text
from hanmill.pipelines.clean.rules import known_rules
from hanmill.pipelines.dedup.schema import (
    DUPLICATE,
    NEAR_DUPLICATE,
    REPEATED_LINES,
    REPEATED_TEXT,
    SAME_ADDRESS,
    SAME_DOCUMENT,
)
from hanmill.schemas.manifest import Accounting

_DUPLICATES = (SAME_DOCUMENT, SAME_ADDRESS, DUPLICATE, NEAR_DUPLICATE, REPEATED_LINES, REPEATED_TEXT)
_STEP_HEIGHT, _ROW_HEIGHT = 30, 20


@dataclass(frozen=True, slots=True)
class Step:
    """One step of cleaning, what it is called, and its losses by rule or kind, the largest first."""

    name: str
    losses: tuple[tuple[str, int], ...]

    @property
    def lost(self) -> int:
        """Records lost here."""
        return sum(count for _, count in self.losses)


def steps(account: Accounting) -> tuple[Step, ...]:
    """Every loss of an account in the step that it belongs to; steps without a loss are left out."""
    rules = {name: count for name, count in account.dropped.items() if name in known_rules()}
    duplicates = {name: count for name, count in account.dropped.items() if name in _DUPLICATES}
    gates = {name: count for name, count in account.dropped.items() if name not in {*rules, *duplicates}}
    named = (("failed", account.failed), ("gates", gates), ("rules", rules), ("duplicates", duplicates))
    return tuple(Step(name, _ordered(losses)) for name, losses in named if losses)


def _ordered(losses: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(losses.items(), key=lambda item: (-item[1], item[0])))


def flow(account: Accounting, outcome: str, width: int, stream: int) -> str:
    """An SVG of ``width`` pixels whose stream is ``stream`` wide at its beginning; each loss links to its section.

    ``outcome`` is what is said of the records kept.
    """
    read = max(1, account.read)
    scale = stream / read
    left, top = account.read, float(_STEP_HEIGHT)
    parts = [_label(0, 16, f"read {account.read:,} records", "stage")]
    for step in steps(account):
        height, drawn = _step(step, left, read, scale, top, width, stream)
        parts += drawn
        left, top = left - step.lost, top + height
    parts.append(_rect(0, top, max(1.0, left * scale), 14))
    parts.append(_label(0, top + 34, f"kept {account.kept:,} documents, {share(account.kept, read)}", "stage"))
    parts.append(_label(0, top + 54, outcome, "of"))
    height = top + 64
    title = f"{account.read:,} records read, {account.kept:,} documents kept"
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f"<title>{title}</title>{''.join(parts)}</svg>"
    )


def _step(
    step: Step, left: int, read: int, scale: float, top: float, width: int, stream: int
) -> tuple[float, list[str]]:
    """How high the step is, and its pieces."""
    x = stream + 22
    y = top + 26.0
    right = left * scale
    parts = [_label(x, top + 14, f"{step.name}: {step.lost:,} ({share(step.lost, read)})", "stage")]
    for name, count in step.losses:
        thick = max(1.0, count * scale)
        row = max(_ROW_HEIGHT, thick + 4)
        middle = y + row / 2
        upper, lower = middle - thick / 2, middle + thick / 2
        inner = right - count * scale
        ribbon = (
            f"M{inner:.1f} {top:.1f}L{right:.1f} {top:.1f}Q{right:.1f} {upper:.1f} {x - 6} {upper:.1f}"
            f"L{x - 6} {lower:.1f}Q{inner:.1f} {lower:.1f} {inner:.1f} {top:.1f}Z"
        )
        label = f"{text(name)} <tspan class='of'>{count:,} · {share(count, read)}</tspan>"
        parts.append(
            f'<a href="#{anchor("loss", name)}"><path class="loss" d="{ribbon}"/>'
            f'<text x="{x}" y="{middle + 4.5:.1f}">{label}</text></a>'
        )
        right, y = inner, y + row
    height = y - top + 10
    return height, [_rect(0, top, max(1.0, (left - step.lost) * scale), height), *parts]


def _rect(x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="stream" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height + 0.5:.1f}"/>'


def _label(x: float, y: float, value: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{text(value)}</text>'
