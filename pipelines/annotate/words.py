"""Words of a text: what every segmenter returns, and what holds for all of them.

White space is never part of a word; a word boundary never falls before a combining mark, a variation selector or
an emoji modifier, nor on either side of a zero-width joiner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.text.characters import CODE_POINTS, code_points
from hanmill.pipelines.text.general_categories import general_categories
from hanmill.schemas.errors import HanmillError

_JOINER = "\u200d"
_REPLACEMENT = "\ufffd"


class SegmenterError(HanmillError, ValueError):
    """A word segmenter that cannot be built: its model or library is missing or unreadable."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text.

    ``lengths`` int64, characters per word, summing to the characters of the text that are not white space;
    ``surfaces`` the words as written; ``readings`` their katakana ("" where unknown), None outside Japanese.
    """

    lengths: NDArray[np.int64]
    surfaces: list[str]
    readings: list[str] | None = None


class Segmenter(Protocol):
    """Cuts texts into words."""

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        """One Words per text; ``readings`` are what the source itself gives for spans of each text."""
        ...


def words_of(surfaces: list[str], readings: list[str] | None = None) -> Words:
    """Words from their surfaces."""
    return Words(np.fromiter(map(len, surfaces), np.int64, len(surfaces)), surfaces, readings)


def carry_back(text: str, surfaces: Sequence[str]) -> list[str]:
    """The words of ``text`` as they are written, where a form of equal length was cut into ``surfaces``."""
    compact = "".join(text.split())
    carried = []
    start = 0
    for surface in surfaces:
        carried.append(compact[start : start + len(surface)])
        start += len(surface)
    return carried


def native_text(text: str) -> str:
    """The text with NUL and lone surrogates, which native libraries cannot take, replaced by U+FFFD; same length."""
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = re.sub("[\ud800-\udfff]", _REPLACEMENT, text)
    return text


def without_extenders(text: str) -> str:
    """The text without code points that extend the one before them: dictionaries do not know 葛󠄀 with its selector."""
    codes = code_points(text)
    return codes[~_extender_table()[codes]].tobytes().decode("utf-32-le", "surrogatepass")


def has_extenders(text: str) -> bool:
    """Whether ``without_extenders`` would change the text."""
    return not text.isascii() and bool(_extender_table()[code_points(text)].any())


def cut_without_extenders(texts: Sequence[str], cut: Callable[[Sequence[str]], list[Words]]) -> list[Words]:
    """The words that ``cut`` finds in texts ``without_extenders``, carried back to the texts as they are."""
    if not has_extenders("".join(texts)):
        return cut(texts)
    bare = [without_extenders(text) if has_extenders(text) else text for text in texts]
    return [
        words if text is plain else restore_extenders(text, words)
        for text, plain, words in zip(texts, bare, cut(bare), strict=True)
    ]


def restore_extenders(text: str, words: Words) -> Words:
    """Carries the words of ``without_extenders(text)`` back to ``text``: each extender joins the word before it.

    Extenders at the very beginning join the first word; words on both sides of a joiner become one.
    """
    compact = "".join(text.split())
    places = np.append(np.flatnonzero(~_extender_table()[code_points(compact)]), len(compact))
    ends = places[np.cumsum(words.lengths)]
    if not len(ends):
        return words_of([compact] if compact else [], None if words.readings is None else [""] * bool(compact))
    kept = np.array([end == len(compact) or compact[end - 1] != _JOINER for end in ends.tolist()])
    bounds = [0, *ends[kept].tolist()]
    surfaces = [compact[start:end] for start, end in pairwise(bounds)]
    if words.readings is None:
        return words_of(surfaces)
    groups = [0, *(np.flatnonzero(kept) + 1).tolist()]
    readings = ["".join(words.readings[start:end]) for start, end in pairwise(groups)]
    return words_of(surfaces, readings)


@cache
def _extender_table() -> NDArray[np.bool_]:
    """bool [0x110000]: Mn and Me of the Unicode character database, ZWJ, emoji modifiers and tags (UAX 29, GB9)."""
    table = np.zeros(CODE_POINTS, dtype=bool)
    categories = general_categories()
    table[(categories == b"Mn") | (categories == b"Me")] = True
    table[ord(_JOINER)] = True
    table[0x1F3FB:0x1F400] = True
    table[0xE0020:0xE01F0] = True
    return table
