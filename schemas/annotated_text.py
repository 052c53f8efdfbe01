"""A line of raw text as a corpus would hold it: what the trainer asks of whoever reads text for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """``text`` normalised; ``raw_offsets`` [len(text) + 1] where each of its code points comes from in the raw text,
    never falling, then the raw text's length. ``pinyin`` [len(text)] is the syllable of each code point in context
    (``hang2``), empty where there is none.
    """

    text: str
    raw_offsets: Sequence[int]
    pinyin: Sequence[str]


class Annotate(Protocol):
    """Reads lines of one language."""

    def __call__(self, lines: Sequence[str], language: str) -> list[AnnotatedText]:
        """One a line; ``language`` as a corpus names it (``zh``, ``zh-TW``, ``ja``, …)."""
        ...


class AnnotatorFactory(Protocol):
    """Makes an ``Annotate`` for the settings of a corpus. ``readings`` None: no pinyin is asked for."""

    def __call__(self, normalize: NormalizeRecipe, segment: SegmentRecipe, readings: ReadingsRecipe | None) -> Annotate:
        """Built once per process. Raises HanmillError where a model of its settings cannot be read."""
        ...
