"""Evidence as tables: means over seeds, and differences from the control in pairs, with 95 % intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hanmill.trainer.finetuning.scores.intervals import Interval, interval, paired


def render(folder: Path) -> None:
    """Writes ``README.md`` from every JSON file of a folder."""
    parts = [_HEAD]
    for path in sorted(folder.glob("*.json")):
        parts.append(table(json.loads(path.read_text(encoding="utf-8"))))
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def table(result: dict[str, Any]) -> str:
    """One comparison: a row a variant, a column a file; under each difference its interval."""
    rows, about, control = result["rows"], result["about"], result["control"]
    columns = list(dict.fromkeys((row["task"], row["share"], row["file"]) for row in rows))
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    lines = [f"## {result['title']}", "", f"The paper: {result['paper']}.", ""]
    heads = [f"{task}, on {file}, {share:.0%}" for task, share, file in columns]
    lines += [f"| pretrained | {' | '.join(heads)} |", "|---" * (len(columns) + 1) + "|"]
    found: list[str] = []
    for variant in variants:
        cells = []
        for column in columns:
            mine, other = (_values(rows, name, column) for name in (variant, control))
            mean = f"{interval(mine).mean:.3f}"
            if variant != control:
                difference = paired(mine, other)
                mean += f" ({_signed(difference)})"
                if _is_clear(difference):
                    found.append(f"{variant}: {column[0]} on {column[2]} {_signed(difference)}")
            cells.append(mean)
        lines.append(f"| {variant}{', the control' if variant == control else ''} | {' | '.join(cells)} |")
    budget = about["budget"]
    seen = "; ".join(found) if found else "none"
    characters = ", ".join(f"{count:,} {language}" for language, count in about["characters"].items())
    manifests = ", ".join(f"{kind} `{digest[:16]}`" for kind, digest in about["corpus_manifest_sha256"].items())
    lines += [
        "", f"Differences from the control whose interval leaves out zero: {seen}.", "",
        f"{budget['seeds']} seeds, each with a pretraining of its own; {budget['steps']:,} steps in all (budget "
        f"`{budget['name']}`), two layers of 128 units, rows of 64 tokens; {budget['epochs']} epochs of fine-tuning. "
        f"Characters of the corpus: {characters}; SHA-256 of its manifests: {manifests}. Commit "
        f"`{(about['commit'] or 'none')[:12]}`; {about['hardware']}.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _values(rows: Sequence[dict[str, Any]], variant: str, column: tuple[str, float, str]) -> list[float]:
    """By seed."""
    chosen = [row for row in rows if row["variant"] == variant and (row["task"], row["share"], row["file"]) == column]
    return [row["value"] for row in sorted(chosen, key=lambda row: int(row["seed"]))]


def _signed(difference: Interval) -> str:
    return f"{difference.mean:+.3f}" + ("" if difference.half is None else f" ± {difference.half:.3f}")


def _is_clear(difference: Interval) -> bool:
    return difference.half is not None and abs(difference.mean) > difference.half


_HEAD = """# Evidence

Made by `python -m benchmarks.evidence`, see [docs/tasks.md](../docs/tasks.md#evidence). F1 of words or of entities on
the file that heads the column, mean over seeds; in brackets the difference from the control, seed by seed, with its
95 % interval. The share is that of the training set used. Many intervals are looked at: of twenty that mean nothing,
one leaves out zero.
"""
