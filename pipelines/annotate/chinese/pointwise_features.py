"""What the pointwise segmenter sees of a place between two characters.

Every n-gram of characters, and every word that a dictionary cutter finds, votes for a boundary at the places in and
near it (Neubig, Nakata and Mori 2011, "Pointwise Prediction for Robust, Adaptable Japanese Morphological Analysis").
Features are named by hashes; all arithmetic is modulo 2³².
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context_features import context_classes
from hanmill.pipelines.text.characters import CODE_POINTS
from hanmill.pipelines.text.hashing import MULTIPLIER, mixed, powers

#: What a place sees begins at most so many characters before it, and ends at most so many after the next.
_REACH = 3
#: Characters of white space before, between and after texts: every place has all its votes, none from another text.
APART = 2 * _REACH - 1
#: Places a feature votes for at most.
VOTES = 7

#: The places an n-gram votes for, from its first character; place i is between characters i and i + 1.
_NGRAM_PLACES = ((-3, -2, -1, 0, 1, 2), (-2, -1, 0, 1, 2), (-1, 0, 1, 2), (0, 1, 2))
_PLACES_INSIDE = 5
#: A shape: whether the dictionary cuts at these places from one, and the kinds of these characters.
_SHAPE_CUTS = range(-3, 4)
_SHAPE_KINDS = range(-1, 3)
_WORD, _PAIR, _SHAPE = (np.uint32(number) for number in range(len(_NGRAM_PLACES) + 1, len(_NGRAM_PLACES) + 4))
_NUMERALS = "〇一二三四五六七八九十百千万亿零两几"


@dataclass(frozen=True, slots=True)
class Votes:
    """``hashes`` uint32 [k] of features, and up to VOTES columns of the k places that each votes for.

    A column is a slice or int64 [k], an index into the places of a batch and ``place_count`` in all. No place is
    twice in a column, but that after the last, which stands for none.
    """

    hashes: NDArray[np.uint32]
    places: Sequence[slice | NDArray[np.int64]]


def place_count(codepoints: NDArray[np.uint32]) -> int:
    """Places of a batch: one after each character, and one that stands for none."""
    return len(codepoints) + 1


def votes(codepoints: NDArray[np.uint32], word_ends: NDArray[np.int64]) -> Iterator[Votes]:
    """All features of a batch of texts, which begins and ends with APART characters of white space.

    ``word_ends`` int64, ascending: the last characters of the dictionary cutter's words, white space being words too.
    """
    classes = context_classes()[codepoints]
    size = len(classes) - 2 * _REACH
    hashes = np.zeros(size, dtype=np.uint32)
    for length, places in enumerate(_NGRAM_PLACES, 1):
        hashes = hashes * np.uint32(MULTIPLIER) + _window(classes, length - 1, size)
        columns = [slice(_REACH + place, _REACH + place + size) for place in places]
        yield Votes(mixed(hashes + np.uint32(length)), columns)
    yield from _word_votes(classes, word_ends)
    yield _shape_votes(classes, word_ends, size)


def _word_votes(classes: NDArray[np.uint32], word_ends: NDArray[np.int64]) -> Iterator[Votes]:
    """Words vote for the places before, inside and after them, pairs of words for those at their edges."""
    begins, ends = word_ends[:-1] + 1, word_ends[1:]
    rising, falling = powers(len(classes))
    sums = np.cumsum(classes * rising, dtype=np.uint32)
    # A polynomial of the word's characters: a difference of running sums, brought down to where the powers begin.
    words = (sums[ends] - sums[begins - 1]) * falling[begins]
    nowhere = len(classes)
    inside = [np.where(begins + nth < ends, begins + nth, nowhere) for nth in range(_PLACES_INSIDE)]
    yield Votes(mixed(words + _WORD), [begins - 1, *inside, ends])
    pairs = mixed(words[:-1]) * np.uint32(MULTIPLIER) + words[1:]
    columns = [ends[:-1], begins[:-1] - 1, ends[1:], inside[0][:-1], inside[0][1:]]
    yield Votes(mixed(pairs + _PAIR), columns)


def _shape_votes(classes: NDArray[np.uint32], word_ends: NDArray[np.int64], size: int) -> Votes:
    cuts = np.zeros(len(classes), dtype=np.uint32)
    cuts[word_ends] = 1
    kinds = _kinds()[classes]
    shapes = np.zeros(size, dtype=np.uint32)
    for place in _SHAPE_CUTS:
        shapes = shapes * np.uint32(2) + _window(cuts, place, size)
    for place in _SHAPE_KINDS:
        shapes = shapes * np.uint32(8) + _window(kinds, place, size)
    return Votes(mixed(mixed(shapes) + _SHAPE), [slice(_REACH, _REACH + size)])


def _window(values: NDArray[np.uint32], offset: int, size: int) -> NDArray[np.uint32]:
    return values[_REACH + offset : _REACH + offset + size]


@cache
def _kinds() -> NDArray[np.uint32]:
    """uint32 [0x110000], by class: 0 none, 1 Han, 2 punctuation and symbols, 3 digits, 4 letters, 5 Han numerals."""
    kinds = np.full(CODE_POINTS, 2, dtype=np.uint32)
    kinds[0x3400:0xFB00] = 1
    kinds[0x20000:0x40000] = 1
    kinds[[ord(numeral) for numeral in _NUMERALS]] = 5
    kinds[ord("0")] = 3
    kinds[ord("a")] = 4
    kinds[0] = 0
    return kinds
