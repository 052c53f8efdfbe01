"""Texts cut into units (words or characters) that carry a label each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitExample:
    """``spans`` (first, end) of each unit in ``text``, in order, apart; ``labels`` one a unit, empty where unknown."""

    text: str
    spans: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]

    @property
    def units(self) -> list[str]:
        """The units as they stand in the text."""
        return [self.text[first:end] for first, end in self.spans]


def from_words(words: Sequence[str], labels: Sequence[str]) -> UnitExample:
    """Words end to end, a space between two of alphabetic scripts."""
    text, spans = "", []
    for word in words:
        if text and _spaced(text[-1]) and _spaced(word[0]):
            text += " "
        spans.append((len(text), len(text) + len(word)))
        text += word
    return UnitExample(text, tuple(spans), tuple(labels))


def from_characters(text: str, spans: Iterable[tuple[int, int, str]]) -> UnitExample:
    """Each character that is not white space a unit, labelled B-KIND and I-KIND by the spans, else O."""
    labels = ["O"] * len(text)
    for first, end, kind in spans:
        for place in range(first, min(end, len(text))):
            labels[place] = f"{'I' if place > first else 'B'}-{kind}"
    places = [place for place, character in enumerate(text) if not character.isspace()]
    return UnitExample(text, tuple((place, place + 1) for place in places), tuple(labels[place] for place in places))


def as_characters(example: UnitExample) -> UnitExample:
    """Each character of a word a unit: the first keeps the word's place in its chunk, the others are inside."""
    spans: list[tuple[int, int]] = []
    labels: list[str] = []
    for number, ((first, end), label) in enumerate(zip(example.spans, example.labels, strict=True)):
        prefix, _, kind = label.partition("-")
        for place in range(first, end):
            if example.text[place].isspace():
                continue
            begins = prefix in ("B", "S", "U") or (prefix != "O" and not _continues(example.labels, number))
            inside = place > first or not begins
            spans.append((place, place + 1))
            labels.append(f"{'I' if inside else 'B'}-{kind}" if kind and prefix != "O" else label)
    return UnitExample(example.text, tuple(spans), tuple(labels))


def _continues(labels: Sequence[str], number: int) -> bool:
    """Whether the chunk of an I, M, E or L began before it."""
    before = labels[number - 1] if number else "O"
    kind = labels[number].partition("-")[2]
    return before.partition("-")[2] == kind and before[:1] in ("B", "I", "M")


def _spaced(character: str) -> bool:
    return ord(character) < 0x1100
