"""The part of a page that is taken from the evidence: what was found, a comparison a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.evidence_results import Result, clearness, is_clear, place, read_results, signed
from benchmarks.evidence_work import table

_BEGIN, _END = "<!-- evidence -->", "<!-- end of evidence -->"
_MOST = 3


def summary(folder: Path) -> str:
    """A table of the largest budget of each comparison."""
    lines = [
        "| comparison, budget | seeds | nats under a unigram | what leaves out zero | the paper |",
        "|---|---|---|---|---|",
    ]
    for results in read_results(folder).values():
        lines.append(_row(results[-1]))
    return "\n".join(lines)


def write_into(page: Path, text: str) -> None:
    """Puts ``text`` between the marks of a page. Raises ValueError where it has none."""
    content = page.read_text(encoding="utf-8")
    before, begin, rest = content.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{page}: found no {_BEGIN} and {_END}, expected both")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _row(result: Result) -> str:
    value, budget = result.value, result.value["about"]["budget"]
    found = [
        (clearness(difference), variant, f"{variant}: {place(result, column)}: {signed(difference)}")
        for variant in result.variants
        for column in result.columns
        if (difference := result.difference(variant, column)) is not None and is_clear(difference)
    ]
    number = sum(
        result.difference(variant, column) is not None for variant in result.variants[1:] for column in result.columns
    )
    clear = [said for _, _, said in sorted(found, reverse=True)]
    more = f" and {len(clear) - _MOST} more" if len(clear) > _MOST else ""
    said = f"{len(clear)} of {number}" + (f": {'; '.join(clear[:_MOST])}{more}" if clear else "")
    gaps = [
        unigram - loss
        for variant in result.variants
        if (losses := result.losses(variant))
        for loss, unigram in [losses]
    ]
    learnt = f"{min(gaps):.2f} to {max(gaps):.2f}" if gaps else "–"
    seen = list(dict.fromkeys(variant for _, variant, _ in sorted(found, reverse=True)[:_MOST]))
    paper = "; ".join(_paper(value["name"], seen)) or "–"
    return f"| {value['title']}, `{budget['name']}` | {budget['seeds']} | {learnt} | {said} | {paper} |"


def _paper(name: str, seen: Sequence[str]) -> Sequence[str]:
    """The paper's figures of the variants that are told apart, or its first ones."""
    rows = [row for row in table("evidence_paper.tsv") if row[0] == name]
    figures = {variant: f"{variant} {found}" for _, variant, found, _ in rows}
    return [figures[variant] for variant in seen if variant in figures] or list(figures.values())[:_MOST]
