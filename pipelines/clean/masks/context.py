"""Words beside a number that say what it is: a table of them, and what those about one place say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

import opencc

from hanmill.pipelines.clean.masks.places import Kind
from hanmill.pipelines.text.tsv import read_tsv

Side = Literal["before", "after"]

#: Characters of the line that are looked at on each side of a place.
WINDOW = 32
#: What may stand between a word and the number it speaks of: 版本号是 1.2.3.4, TEL：(03)…, 电话号码为：138…
_MARKS = r"[\s:：=＝()（）\[\]【】「『“”\"'《》<>＜＞、.．·・\-–—~～|｜*＊是为為は即係系が를을은는이가号號码碼]*"
_LEADING = re.compile(
    rf"{_MARKS}(?:(?:(?:is|to|of|at|no)\b|[设設][置定]?[为為成]|[改换換填][为為成写寫]?|配置[为為成]|写成|指定)[\s:：.#]*)?",
    re.IGNORECASE,
)
#: A word against farther away than that, or in another clause, says nothing.
_NEAR = 8
_CLAUSE_END = re.compile(r"[，,。；;！!？?]")
_LETTER = re.compile("[A-Za-z]")


class Words:
    """Words that speak for (weight above 0) or against (below 0) a kind on one side of a place."""

    def __init__(self, weights: Mapping[str, float], side: Side) -> None:
        self._weights = weights
        ordered = "|".join(re.escape(word) for word in sorted(weights, key=len, reverse=True))
        self._pattern = re.compile(f"(?=({ordered}))" if weights else "(?!)", re.IGNORECASE)
        self._side = side

    def weigh(self, text: str) -> float:
        """What the nearest word that says anything says, 0 where there is none.

        ``text`` is what stands on this side of the place, in reading order. Of words at one distance the longest
        counts (电话号码 before 号码); Latin words count only where they stand alone. A word against speaks of what
        stands next to it, a word for of the whole line.
        """
        for distance, _, weight in sorted(self._found(text)):
            if weight > 0 or self._is_near(text, distance):
                return weight
        return 0.0

    def touches(self, text: str) -> float:
        """Like ``weigh``, of words with nothing but a colon, a copula or brackets between them and the place."""
        for distance, _, weight in sorted(self._found(text)):
            return weight if _LEADING.fullmatch(self._between(text, distance)) else 0.0
        return 0.0

    def _found(self, text: str) -> Iterator[tuple[int, int, float]]:
        for match in self._pattern.finditer(text):
            start = match.start()
            for length in range(len(match[1]), 0, -1):
                weight = self._weights.get(text[start : start + length].lower())
                if weight is not None and _stands_alone(text, start, start + length):
                    yield (len(text) - start - length if self._side == "before" else start), -length, weight

    def _is_near(self, text: str, distance: int) -> bool:
        between = self._between(text, distance)
        return bool(_LEADING.fullmatch(between)) or (distance <= _NEAR and not _CLAUSE_END.search(between))

    def _between(self, text: str, distance: int) -> str:
        return text[len(text) - distance :] if self._side == "before" else text[:distance]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a word of letters is a whole word; words of Han and kana stand wherever they are found."""
    if start and _LETTER.match(text[start]) and _LETTER.match(text[start - 1]):
        return False
    return not (end < len(text) and _LETTER.match(text[end - 1]) and _LETTER.match(text[end]))


def line_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a place in its line, at most WINDOW characters each."""
    before = text[max(0, start - WINDOW) : start]
    after = text[end : end + WINDOW]
    return before[before.rfind("\n") + 1 :], after.partition("\n")[0]


@cache
def words(kind: Kind, side: Side) -> Words:
    """The words of one kind and side, from ``data/context_words.tsv``."""
    weights: dict[str, float] = {}
    for kinds, where, weight, listed in read_tsv("hanmill.pipelines.clean.masks", "context_words.tsv", 4):
        if where == side and kind in kinds.split(","):
            weights.update(dict.fromkeys(listed.lower().split(" | "), float(weight)))
    other = _other_script("\n".join(weights)).split("\n") if weights else []
    return Words(dict(zip(other, weights.values(), strict=True)) | weights, side)


def _other_script(text: str) -> str:
    """Simplified words in Traditional and Traditional ones in Simplified: a list need have each but once."""
    lines = zip(
        text.split("\n"), *(opencc.OpenCC(name).convert(text).split("\n") for name in ("s2t", "t2s")), strict=True
    )
    return "\n".join(traditional if traditional != word else simplified for word, traditional, simplified in lines)
