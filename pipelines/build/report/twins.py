"""Pairs of duplicates side by side, with what differs marked."""

from __future__ import annotations

from difflib import SequenceMatcher

from hanmill.pipelines.build.report.markup import anchor, likely_language, note, text
from hanmill.pipelines.build.twins import Side, Twins


def side_by_side(twins: Twins) -> str:
    """A row a pair: the document that left, and the one that was kept."""
    pairs = list(twins.pairs())
    if not pairs:
        return ""
    said = "Beginnings of some documents that left, each before the one that stands for it; what differs is marked."
    return note(said) + "".join(_pair(*pair) for pair in pairs)


def _pair(rule: str, left: Side, kept: Side) -> str:
    ours, theirs = marked(left.text, kept.text)
    return (
        f'<div class="pair"><p class="of"><a href="#{anchor("loss", rule)}">{text(rule)}</a></p>'
        f"{_document(left, ours)}{_document(kept, theirs)}</div>"
    )


def marked(left: str, kept: str) -> tuple[str, str]:
    """Both texts as HTML, with ``del`` around what the first has alone and ``ins`` around what the second has.

    >>> marked("猫である。", "犬である。")
    ('<del>猫</del>である。', '<ins>犬</ins>である。')
    """
    ours, theirs = [], []
    for kind, a, b, c, d in SequenceMatcher(None, left, kept, autojunk=False).get_opcodes():
        before, after = text(left[a:b]), text(kept[c:d])
        ours.append(before if kind == "equal" or not before else f"<del>{before}</del>")
        theirs.append(after if kind == "equal" or not after else f"<ins>{after}</ins>")
    return "".join(ours), "".join(theirs)


def _document(side: Side, body: str) -> str:
    title = f"<b>{text(side.title)}</b> " if side.title else ""
    return f'<div lang="{likely_language(side.text)}">{title}{body}</div>'
