"""How well words are found, as the Second SIGHAN Bakeoff counts it (Emerson 2005)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of words: in the gold text, in the segmenter's, in both; and of gold words that training never showed.

    A share of nothing is 0.
    """

    truth: int
    found: int
    correct: int
    unseen: int
    unseen_correct: int

    @property
    def precision(self) -> float:
        """Share of the segmenter's words that are right."""
        return _share(self.correct, self.found)

    @property
    def recall(self) -> float:
        """Share of the gold words that were found."""
        return _share(self.correct, self.truth)

    @property
    def f(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.correct, self.truth + self.found)

    @property
    def unseen_rate(self) -> float:
        """Share of the gold words outside the training vocabulary (OOV)."""
        return _share(self.unseen, self.truth)

    @property
    def unseen_recall(self) -> float:
        """Recall of gold words outside the training vocabulary (OOV)."""
        return _share(self.unseen_correct, self.unseen)

    @property
    def seen_recall(self) -> float:
        """Recall of gold words in the training vocabulary (IV)."""
        return _share(self.correct - self.unseen_correct, self.truth - self.unseen)


def score(truth: Iterable[Sequence[str]], found: Iterable[Sequence[str]], vocabulary: Collection[str]) -> Score:
    """Scores sentence by sentence; ``vocabulary`` holds the words of the training text.

    Like the Bakeoff's script, which runs ``diff``, it aligns the two lists of words by a longest common
    subsequence and counts what is common, so that a word may count though it stands at another place.
    """
    total = [0, 0, 0, 0, 0]
    for gold, cut in zip(truth, found, strict=True):
        right = common_words(gold, cut)
        counts = (
            len(gold),
            len(cut),
            len(right),
            sum(word not in vocabulary for word in gold),
            sum(word not in vocabulary for word in right),
        )
        total = [before + count for before, count in zip(total, counts, strict=True)]
    return Score(*total)


def common_words(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """A longest common subsequence, in order (Myers 1986, the greedy O(ND) algorithm)."""
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    middle = _greedy(first[start : len(first) - end], second[start : len(second) - end])
    return [*first[:start], *middle, *first[len(first) - end :]]


def _greedy(first: Sequence[str], second: Sequence[str]) -> list[str]:
    furthest = {1: 0}
    trace = []
    for edits in range(len(first) + len(second) + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
            )
            place = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while place < len(first) and place - diagonal < len(second) and first[place] == second[place - diagonal]:
                place += 1
            furthest[diagonal] = place
            if place >= len(first) and place - diagonal >= len(second):
                return _walk_back(first, trace, len(first) - len(second))
    raise AssertionError("two lists differ by at most all their words")


def _walk_back(first: Sequence[str], trace: Sequence[dict[int, int]], diagonal: int) -> list[str]:
    place = len(first)
    common: list[str] = []
    for edits in range(len(trace) - 1, 0, -1):
        furthest = trace[edits]
        down = diagonal == -edits or (
            diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        before = furthest[diagonal + 1] if down else furthest[diagonal - 1]
        begin = before if down else before + 1
        common += reversed(first[begin:place])
        place = before
        diagonal += 1 if down else -1
    common += reversed(first[:place])
    return common[::-1]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
