"""Precision, recall and F1 of chunks as CoNLL's ``conlleval`` counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Chunk = tuple[str, int, int]

_ENDS = frozenset({("B", "B"), ("B", "O"), ("I", "B"), ("I", "O"), ("E", "E"), ("E", "I"), ("E", "O")}) | {
    ("B", "S"), ("I", "S"), ("E", "B"), ("E", "S"),
}  # fmt: skip
_STARTS = frozenset({("B", "B"), ("I", "B"), ("O", "B"), ("O", "I"), ("E", "E"), ("E", "I"), ("O", "E")}) | {
    ("E", "B"), ("S", "B"), ("S", "I"), ("S", "E"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of chunks: in the gold standard, found, found rightly; and of tokens: right, all."""

    gold: int
    found: int
    right: int
    right_tokens: int
    tokens: int

    @property
    def precision(self) -> float:
        """Share of the found that are right; 0 where nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found; 0 where there is none."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / (self.gold + self.found) if self.right else 0.0

    @property
    def accuracy(self) -> float:
        """Share of tokens with the right tag."""
        return self.right_tokens / self.tokens if self.tokens else 0.0


def chunks(tags: Sequence[str]) -> list[Chunk]:
    """(type, first, end) of each chunk of a sentence, ``end`` excluded.

    IOB1, IOB2, IOBES and BMES alike: a chunk starts or ends where prefix or type say so, and tags that contradict
    the scheme still make chunks, as in ``conlleval`` (an I after O starts one). A tag without a hyphen is a prefix
    of no type.
    """
    found: list[Chunk] = []
    start, before, kind = 0, "O", ""
    for place, tag in enumerate((*tags, "O")):
        prefix, _, here = tag.partition("-")
        prefix = "I" if prefix == "M" else prefix
        differs = kind != here
        if before != "O" and (before == "S" or (before, prefix) in _ENDS or differs or prefix == "O"):
            found.append((kind, start, place))
        if prefix != "O" and (prefix == "S" or (before, prefix) in _STARTS or differs or before in ("O", "S")):
            start = place
        before, kind = prefix, here
    return found


def score(gold: Iterable[Sequence[str]], predicted: Iterable[Sequence[str]]) -> Score:
    """Over sentences of equal length. Raises ValueError where lengths differ."""
    counts = Counter[str]()
    for wanted, found in zip(gold, predicted, strict=True):
        counts["right tokens"] += sum(one == other for one, other in zip(wanted, found, strict=True))
        counts["tokens"] += len(wanted)
        right, mine = set(chunks(wanted)), set(chunks(found))
        counts["gold"] += len(right)
        counts["found"] += len(mine)
        counts["right"] += len(right & mine)
    return Score(counts["gold"], counts["found"], counts["right"], counts["right tokens"], counts["tokens"])
