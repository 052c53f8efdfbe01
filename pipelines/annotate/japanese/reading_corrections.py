"""Where UniDic's readings are put right by hand: ``data/reading_corrections.tsv``, words between certain others.

The dictionary knows most of these readings, but its costs choose others. What neighbours decide less surely is left
to the model (``context_readings``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: What a word before or after may be, beside its spelling.
NUMBER, NAME, NOUN, OTHER = "<number>", "<name>", "<noun>", "<other>"


#: Spelling and kind of a word, ("", "") beyond an edge.
Neighbour = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Correction:
    """``wrong`` (the beginning of the dictionary's reading) becomes ``right`` between certain words.

    ``before`` and ``after`` hold spellings or the kinds above, empty for anything, ``not_before`` what excludes;
    ``second_before`` and ``second_after`` are the same one word further.
    """

    wrong: str
    right: str
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    second_before: frozenset[str] = frozenset()
    second_after: frozenset[str] = frozenset()


def corrected(surface: str, reading: str, before: Sequence[Neighbour], after: Sequence[Neighbour]) -> str:
    """The reading of a word; ``before`` and ``after`` are its two neighbours on each side, the nearer first."""
    for rule in CORRECTIONS.get(surface, ()):
        if (
            reading.startswith(rule.wrong)
            and _fits(rule.before, before[0])
            and _fits(rule.after, after[0])
            and _fits(rule.second_before, before[1])
            and _fits(rule.second_after, after[1])
            and rule.not_before.isdisjoint(before[0])
        ):
            return rule.right + reading[len(rule.wrong) :]
    return reading


def _fits(wanted: frozenset[str], neighbour: Neighbour) -> bool:
    return not wanted or not wanted.isdisjoint(neighbour)


class CorrectionsError(ValueError):
    """A table of corrections that cannot be read: file, line, what was found and what was expected."""


def read_corrections(path: Path) -> dict[str, tuple[Correction, ...]]:
    """The rules of every word, in the order of the file. Raises CorrectionsError."""
    corrections: dict[str, tuple[Correction, ...]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        columns = line.split("\t")
        if not 3 <= len(columns) <= 3 + len(_CONDITIONS) or not all(columns[:3]):
            raise CorrectionsError(f"{path}, line {number}: found {line[:60]!r}, expected a word and two readings")
        word, wrong, right, *near = columns
        conditions = {name: _words(words) for name, words in zip(_CONDITIONS, near, strict=False)}
        corrections[word] = (*corrections.get(word, ()), Correction(wrong, right, **conditions))
    return corrections


def _words(words: str) -> frozenset[str]:
    return frozenset("" if word == _EDGE else word for word in words.split())


_CONDITIONS = ("before", "after", "not_before", "second_before", "second_after")
_EDGE = "<edge>"
CORRECTIONS: Mapping[str, tuple[Correction, ...]] = read_corrections(
    Path(__file__).parent / "data" / "reading_corrections.tsv"
)
#: For each word the beginnings of readings that its rules put right.
WRONG: Mapping[str, tuple[str, ...]] = {
    word: tuple({rule.wrong for rule in rules}) for word, rules in CORRECTIONS.items()
}
