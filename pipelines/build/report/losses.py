"""Every loss of a corpus: what the rule means, how many, what it measured, and real examples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from hanmill.pipelines.build.report.findings import Example, Findings
from hanmill.pipelines.build.report.flow import steps
from hanmill.pipelines.build.report.histogram import histogram
from hanmill.pipelines.build.report.markup import anchor, figure, quoted, share, text
from hanmill.pipelines.clean.rules import known_rules
from hanmill.pipelines.text.tsv import read_tsv
from hanmill.schemas.manifest import Manifest

#: Characters of a title.
_TITLE = 120


def losses(manifest: Manifest, findings: Findings) -> str:
    """An article a rule or kind of failure, in the order of the flow."""
    account = manifest.accounting
    settings = _settings(manifest.recipe)
    return "\n".join(
        _article(step.name, name, count, account.read, findings, settings.get(name, []))
        for step in steps(account)
        for name, count in step.losses
    )


def meaning(rule: str) -> str:
    """What a rule measures or a gate turns away, in a line; empty for kinds of failure."""
    if rule in known_rules():
        first = (known_rules()[rule].measure.__doc__ or "").strip().split("\n\n")[0]
        return " ".join(first.split()).replace("``", "")
    return _gates().get(rule, "")


@cache
def _gates() -> dict[str, str]:
    return {row[0]: row[1] for row in read_tsv(__package__, "gates.tsv", 2)}


def _settings(recipe: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for setting in recipe.get("clean", {}).get("rules", []):
        found.setdefault(setting["rule"], []).append(setting)
    return found


def _article(step: str, name: str, count: int, read: int, findings: Findings, settings: list[Mapping[str, Any]]) -> str:
    said = "The record could not be read; measured are the bytes lost." if step == "failed" else meaning(name)
    shown = findings.examples.get(name, [])
    examples = "".join(f"<li>{_example(example)}</li>" for example in shown)
    parts = [
        f"<p>{text(said)}</p>" if said else "",
        *(f'<p class="of">{escape(setting_line(setting))}</p>' for setting in settings),
        f'<ol class="examples">{examples}</ol>' if examples else '<p class="of">No example was stored.</p>',
        _nearest(findings.nearest.get(name, [])),
    ]
    return (
        f'<article id="{anchor("loss", name)}"><header><h3>{text(name)}</h3>'
        f"<span>{count:,} record{'s' * (count != 1)}, {share(count, read)} of those read</span></header>"
        f'<div class="loss-body">{_picture(name, findings, settings, shown)}<div>{"".join(parts)}</div></div></article>'
    )


def _nearest(shown: list[list[Any]]) -> str:
    """Kept documents just inside a limit."""
    if not shown:
        return ""
    items = "".join(f"<li>{_example(example[1:])}</li>" for example in shown)
    return f'<p class="of">Kept, nearest to the limit:</p><ul class="examples still">{items}</ul>'


def setting_line(setting: Mapping[str, Any]) -> str:
    """A rule's setting as a person would say it.

    >>> setting_line({"rule": "characters@1", "min": 50, "max": None, "scripts": [], "sources": ["wikipedia"]})
    'kept from 50; of wikipedia'
    """
    bounds = [f"{word} {setting[key]:g}" for key, word in (("min", "from"), ("max", "up to")) if _given(setting, key)]
    where = [*setting.get("sources", []), *setting.get("scripts", [])]
    return f"kept {' '.join(bounds) or 'always'}" + (f"; of {', '.join(where)}" if where else "")


def _given(setting: Mapping[str, Any], key: str) -> bool:
    return setting.get(key) is not None


def _picture(name: str, findings: Findings, settings: list[Mapping[str, Any]], shown: list[Example]) -> str:
    counts, kept = _by_value(findings.measured.get(name, {})), _by_value(findings.kept_measured.get(name, {}))
    limits = {(key, float(s[key])) for s in settings for key in ("min", "max") if _given(s, key)}
    if not limits:
        limits = {("limit", float(example[1])) for example in shown if example[1] is not None}
    if not counts or (len(counts) == 1 and not limits):
        return ""
    both = f"{sum(counts.values()):,} dropped, on {sum(kept.values()):,} kept, and the limits"
    caption = both if kept else "what was measured of those dropped, and the limits"
    return (
        f"<figure>{histogram(counts, sorted(limits, key=lambda limit: limit[1]), 'dropped', kept)}"
        f'<figcaption class="of">{escape(caption)}</figcaption></figure>'
    )


def _by_value(written: Mapping[str, int]) -> dict[float, int]:
    counts: dict[float, int] = {}
    for value, number in written.items():
        counts[float(value)] = counts.get(float(value), 0) + number
    return counts


def _example(example: Example) -> str:
    measured, threshold, title, snippet = example
    limit = "" if threshold is None else f" (limit {figure(threshold)})"
    figures = "" if measured is None else f'<span class="value">{figure(measured)}{limit}</span> '
    name = f"<b>{quoted(title[:_TITLE])}</b> " if title else ""
    return f"{figures}{name}{quoted(snippet)}"
