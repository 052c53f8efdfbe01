"""Evidence as pictures: differences from the control with their intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.evidence_results import Result

#: Columns of small pictures in a row.
_ACROSS = 3
_CLEAR, _UNCLEAR = "#1b6ca8", "#9a9a9a"


def draw(result: Result, path: Path) -> None:
    """An SVG with a part a task and file: a line a variant, blue where its interval leaves out zero."""
    import matplotlib

    matplotlib.use("svg")
    # The same numbers give the same bytes.
    matplotlib.rcParams["svg.hashsalt"] = "hanmill"
    from matplotlib import pyplot

    names = [name for name in result.variants if name != result.value["control"]]
    columns = result.columns
    rows = -(-len(columns) // _ACROSS)
    across = min(_ACROSS, len(columns))
    figure, axes = pyplot.subplots(
        rows, across, figsize=(2 + 3 * across, rows * (0.9 + 0.28 * len(names))), sharey=True, squeeze=False
    )
    for axis in axes.flat[len(columns) :]:
        axis.set_visible(False)
    for axis, (task, share, file) in zip(axes.flat, columns, strict=False):
        for place, name in enumerate(names):
            found = result.difference(name, (task, share, file))
            if found is None:
                continue
            half = found.half or 0.0
            colour = _CLEAR if abs(found.mean) > half else _UNCLEAR
            axis.errorbar(found.mean, place, xerr=half, fmt="o", markersize=4, capsize=3, color=colour)
        axis.axvline(0, color="black", linewidth=0.6)
        less = result.is_loss((task, share, file))
        title = f"nats of {task}, fewer are better\n{file}" if less else f"{task}\non {file}, {share:.0%}"
        axis.set_title(title, fontsize=8)
        axis.tick_params(labelsize=7)
        axis.set_yticks(range(len(names)), names)
    axes[0][0].set_ylim(len(names) - 0.5, -0.5)
    figure.supxlabel(f"difference from: {result.value['control']}", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
