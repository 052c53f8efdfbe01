"""Telephone numbers of China, Taiwan, Hong Kong, Macau, Japan and Korea, and of anywhere behind a calling code.

A shape counts only where a numbering plan knows it (``data/telephone_plans.tsv``), and then the words about it decide:
an order, a serial number or a sum of money may have the digits of a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hanmill.pipelines.clean.masks.context import line_around, words
from hanmill.pipelines.clean.masks.places import Place
from hanmill.pipelines.text.tsv import read_tsv

_SPACE = "[ \u00a0\u3000]"
_SEPARATOR = rf"(?:{_SPACE}?[-‐‑‒–—−ー()]{_SPACE}?|{_SPACE})"
#: Every telephone number lies in such a run, and two characters after it decide whether it ends there.
_DIALLED = re.compile(rf"[0-9+(][0-9+()ー‐‑‒–—−{_SPACE[1:-1]}-]{{6,}}")
_BEHIND_RUN = 3
#: Not inside a longer number, a decimal, a path or a parameter; behind another number's slash.
_BEFORE = r"(?<![0-9+_=%&])(?<![0-9][,:‐−–])(?<!-)(?:(?<!\.)|(?<=[A-Za-z]\.))(?:(?<!/)|(?<=[0-9]{4}/))"
_AFTER = r"(?![0-9_%]|[-‐−–.,:][0-9]|[A-Za-z])"
_ANYWHERE = rf"\+[1-9][0-9]{{0,2}}(?:{_SEPARATOR}?\(?[0-9]{{1,4}}){{2,5}}"
_ANYWHERE_DIGITS = range(8, 16)
#: A number that bears its country's code; without a sign in front of it only words tell that it is one.
_INTERNATIONAL, _ANYWHERE_WEIGHT, _WITHOUT_SIGN = 2.0, -1.0, -2.0
#: Calling codes that people write so: 886-2-2345-6789.
_WRITTEN_BARE = frozenset({"886", "852", "853", "81", "82"})
_BARE = tuple(f"{code}-" for code in _WRITTEN_BARE)
_YEARS = re.compile(r"(?:19|20)[0-9]{2}\D?(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])")
_ROUND = re.compile(r"(?:0{5,}|([0-9])\1{6,})$")
_ROUND_WEIGHT = -3.0
_LETTER = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class _Plan:
    pattern: re.Pattern[str]
    weights: tuple[float, ...]


def find_telephones(text: str) -> Iterator[Place]:
    """Places of telephone numbers.

    >>> list(find_telephones("订单号 13812345678，电话 13812345678"))
    [Place(start=19, end=30, kind='phone')]
    """
    for run in _DIALLED.finditer(text):
        plan = _plan()
        for match in plan.pattern.finditer(text, run.start(), min(len(text), run.end() + _BEHIND_RUN)):
            if match.lastgroup is not None and _is_telephone(text, match, plan.weights[int(match.lastgroup[1:])]):
                yield Place(match.start(), match.end(), "phone")


def _is_telephone(text: str, match: re.Match[str], weight: float) -> bool:
    start, end = match.span()
    written = match[0]
    digits = "".join(filter(str.isdigit, written))
    if written.startswith("+") and len(digits) not in _ANYWHERE_DIGITS:
        return False
    before, after = line_around(text, start, end)
    beside = words("phone", "before")
    if _LETTER.match(before[-1:]) and beside.touches(before) <= 0:
        return False
    if _YEARS.fullmatch(written):
        return False
    if weight == _INTERNATIONAL and written.startswith(_BARE):
        weight = _WITHOUT_SIGN
    if _ROUND.search(digits):
        weight += _ROUND_WEIGHT
    return weight + beside.weigh(before) + words("phone", "after").touches(after) > 0


@cache
def _plan() -> _Plan:
    """One pattern of all plans, a named group each; groups with more digits come first."""
    branches: list[tuple[int, str, float]] = []
    for _, calling_code, trunk, _, first, rest, weight in read_tsv(
        "hanmill.pipelines.clean.masks", "telephone_plans.tsv", 7
    ):
        groups = rest.removeprefix("+").split("-")
        separator = "" if rest.startswith("+") else _SEPARATOR
        tail = "".join(f"{separator}[0-9]{{{size}}}" for size in groups)
        loose = "".join(f"{_SEPARATOR}?[0-9]{{{size}}}" for size in groups)
        size = sum(map(int, groups))
        home = rf"(?:\({trunk}{first}\){_SPACE}?{tail.removeprefix(separator)}|{trunk}{first}{tail})"
        branches.append((size, home, float(weight)))
        plus = r"(?:\+|00)?" if calling_code == "86" else r"(?:\+|00)"
        if calling_code in _WRITTEN_BARE:
            plus = rf"(?:{plus}|(?={calling_code}-))"
        abroad = rf"{plus}{calling_code}{_SEPARATOR}?(?:\(?0\)?{_SPACE}?)?\(?{first}{loose}"
        if calling_code == "1":
            abroad = rf"\+1{_SEPARATOR}?\(?{first}{loose}"
        branches.append((size + 4, abroad, _INTERNATIONAL))
    branches.append((0, _ANYWHERE, _ANYWHERE_WEIGHT))
    branches.sort(key=lambda branch: -branch[0])
    named = "|".join(f"(?P<p{number}>{branch})" for number, (_, branch, _) in enumerate(branches))
    return _Plan(re.compile(f"{_BEFORE}(?:{named}){_AFTER}"), tuple(weight for _, _, weight in branches))
