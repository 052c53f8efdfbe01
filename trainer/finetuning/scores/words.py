"""Precision, recall and F of words as the script of the second SIGHAN bakeoff (Emerson 2005) counts them.

The script puts the words of a line one below another and takes the difference of both lists, so what counts as right
is a longest common subsequence of words, of all longest ones the one that agrees with the places of the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordScore:
    """Gold words, found ones, those found rightly; gold words that training lacks, and those of them found rightly."""

    gold: int
    found: int
    right: int
    unknown: int
    right_unknown: int

    @property
    def recall(self) -> float:
        """Share of the gold words that were found."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def precision(self) -> float:
        """Share of the found words that are right."""
        return self.right / self.found if self.found else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / (self.gold + self.found) if self.right else 0.0

    @property
    def unknown_rate(self) -> float:
        """Share of gold words that the training words lack (OOV rate)."""
        return self.unknown / self.gold if self.gold else 0.0

    @property
    def unknown_recall(self) -> float:
        """Recall of those (OOV recall); 0 where there are none."""
        return self.right_unknown / self.unknown if self.unknown else 0.0

    @property
    def known_recall(self) -> float:
        """Recall of the others (IV recall); 0 where there are none."""
        known = self.gold - self.unknown
        return (self.right - self.right_unknown) / known if known else 0.0


def score_words(
    gold: Iterable[Sequence[str]], found: Iterable[Sequence[str]], training_words: Set[str] = frozenset()
) -> WordScore:
    """Over sentences. Raises ValueError where their numbers differ."""
    counts = [0, 0, 0, 0, 0]
    for wanted, mine in zip(gold, found, strict=True):
        right = matched(wanted, mine)
        unknown = [word not in training_words for word in wanted]
        both = sum(one and other for one, other in zip(right, unknown, strict=True))
        for place, number in enumerate((len(wanted), len(mine), sum(right), sum(unknown), both)):
            counts[place] += number
    return WordScore(*counts)


def matched(gold: Sequence[str], found: Sequence[str]) -> list[bool]:
    """Which gold words are in a longest common subsequence with the found ones.

    >>> matched(["我", "爱", "北京"], ["我爱", "北京"])
    [False, False, True]
    """
    by_place = _spans(gold)
    right = [span in by_place for span in _spans(found)]
    same = set(_spans(found))
    agreeing = [span in same for span in by_place]
    if sum(right) == _common_length(gold, found):
        return agreeing
    return _common(gold, found)


def _spans(words: Sequence[str]) -> dict[tuple[int, int], None]:
    spans: dict[tuple[int, int], None] = {}
    place = 0
    for word in words:
        spans[place, place + len(word)] = None
        place += len(word)
    return spans


def _common_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of a longest common subsequence, a row of the table as the bits of a number (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for number, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << number
    full = (1 << len(first)) - 1
    row = full
    for word in second:
        hits = row & places.get(word, 0)
        row = (row + hits) | (row - hits)
    return (~row & full).bit_count()


def _common(gold: Sequence[str], found: Sequence[str]) -> list[bool]:
    lengths = [[0] * (len(found) + 1) for _ in range(len(gold) + 1)]
    for row in range(len(gold) - 1, -1, -1):
        for column in range(len(found) - 1, -1, -1):
            if gold[row] == found[column]:
                lengths[row][column] = lengths[row + 1][column + 1] + 1
            else:
                lengths[row][column] = max(lengths[row + 1][column], lengths[row][column + 1])
    right = [False] * len(gold)
    row = column = 0
    while row < len(gold) and column < len(found):
        if gold[row] == found[column]:
            right[row] = True
            row, column = row + 1, column + 1
        elif lengths[row + 1][column] >= lengths[row][column + 1]:
            row += 1
        else:
            column += 1
    return right
