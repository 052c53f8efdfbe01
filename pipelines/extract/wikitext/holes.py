"""Holes: places where a template that shows nothing takes a number or a name out of its sentence.

「人口は{{人口}}人である。」 says nothing without its number, so it goes; within brackets only the clause does:
（1980年 - 、現在{{age|1980}}歳、作家） keeps the year and the trade.
"""

from __future__ import annotations

import re
from functools import cache

from hanmill.pipelines.extract.wikitext.marks import DROPPED, FORMULA
from hanmill.pipelines.text.tsv import read_tsv

_OPENING, _CLOSING = "（(〔［", "）)〕］"
_SEPARATORS = "、，；;"
_LEFT_OUT = re.compile(f"{DROPPED}+|{FORMULA}")
#: How much before a hole is looked at.
_LOOKED_AT = 12
_SHORT_CLAUSE = 10
_COMMA_BEFORE = re.compile(r"[、，][^、，。；（(）)\n]*\Z")
_COMMA_BEHIND = re.compile(rf"[^、，。；（(）)\n]{{0,{_SHORT_CLAUSE}}}[、，]")
#: No clause in brackets is longer.
_LONGEST = 120


def with_holes(text: str) -> str:
    """Marked text in which holes outside brackets are marked as formulas whose sentence goes, and clauses are gone.

    >>> with_holes("人口は\\x06人である。") == "人口は\\x14人である。", with_holes("（1980年 - 、現在\\x06歳）")
    (True, '（1980年 - \\x06）')
    """
    parts: list[str] = []
    position = 0
    for match in _LEFT_OUT.finditer(text):
        place = match.start()
        if place < position or not (text[place] == FORMULA or _is_hole(text, place, match.end())):
            continue
        clause = _in_brackets(text, place, position) or _between_commas(text, place, match.end(), position)
        if clause is None:
            parts += (text[position:place], FORMULA)
            position = match.end()
        else:
            parts += (text[position : clause[0]], DROPPED)
            position = clause[1]
    parts.append(text[position:])
    return "".join(parts)


def _is_hole(text: str, start: int, end: int) -> bool:
    """Whether what stands around a template that was left out cannot stand without it."""
    patterns = _patterns()
    if patterns["unit"].match(text, end):
        return not text[max(0, start - 1) : start].isdigit()
    before = text[max(0, start - _LOOKED_AT) : start]
    return any(
        patterns[f"predicate{kind}"].match(text, end) is not None
        and patterns[f"before{kind}"].search(before) is not None
        for kind in ("", "_zh")
    )


def _between_commas(text: str, place: int, behind: int, first: int) -> tuple[int, int] | None:
    """Start and end of a short clause between two commas, such as ，現年…歲，: without it the sentence still stands."""
    start = max(first, place - _SHORT_CLAUSE)
    before = _COMMA_BEFORE.search(text[start:place])
    after = _COMMA_BEHIND.match(text, behind)
    return (start + before.start(), after.end() - 1) if before and after else None


def _in_brackets(text: str, place: int, first: int) -> tuple[int, int] | None:
    """Start and end of the clause of a bracket around a place, None outside brackets."""
    start = end = -1
    for here in range(place - 1, max(first, place - _LONGEST) - 1, -1):
        character = text[here]
        if start < 0 and character in _SEPARATORS:
            start = here
        if character in _OPENING:
            start = here + 1 if start < 0 else start
            break
        if character in _CLOSING or character in "。\n":
            return None
    else:
        return None
    for here in range(place, min(len(text), place + _LONGEST)):
        character = text[here]
        if character in _CLOSING or (character in _SEPARATORS and text[start] not in _SEPARATORS):
            end = here if character in _CLOSING else here + 1
            break
        if character in _SEPARATORS:
            end = here
            break
        if character in _OPENING or character in "。\n":
            return None
    return (start, end) if end >= 0 else None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """What stands behind a hole (``unit``, ``predicate``), and at the end of what stands before it (``before``)."""
    words: dict[str, list[str]] = {}
    for kind, pattern in read_tsv("hanmill.pipelines.extract.wikitext", "hole_words.tsv", 2):
        words.setdefault(kind, []).append(pattern)
    return {
        kind: re.compile(f"(?:{'|'.join(patterns)})" + (r"\s*\Z" if kind.startswith("before") else ""))
        for kind, patterns in words.items()
    }
