"""What the quality scorer sees of a text: hashed n-grams of folded characters, and a few measures in steps.

Traditional and Simplified Chinese share their n-grams (each character stands as OpenCC's ``t2s`` has it); runs of
digits, of Latin letters and of white space are one character each, a line end is one of its own.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import opencc
from numpy.typing import NDArray

from hanmill.pipelines.text.character_classes import HAN_RANGES, CharacterClass, character_classes
from hanmill.pipelines.text.characters import CODE_POINTS, WHITE_SPACE, code_points
from hanmill.pipelines.text.hashing import mixed

#: A text's manner shows in any stretch; longer ones are scored on so many characters.
MAX_CHARACTERS = 200_000
#: Slots of n-grams, and behind them those of the measures' steps.
NGRAM_SLOTS = 1 << 20
ORDERS = (1, 2, 3)
STEPS = 8
#: Counts are shares of this many n-grams more than there are, so that a few words decide little.
PRIOR_NGRAMS = 20

_DIGIT, _LETTER, _LINE_END, _SPACE, _BOUNDARY = ord("0"), ord("a"), ord("\n"), ord(" "), 0
_FACTORS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D))
_END_MARKS = "。！？!?．.…"
#: Upper edges of all steps but the last, for each measure: shares by tenths where they differ, lengths by doubling.
_EDGES: dict[str, tuple[float, ...]] = {
    "end marks per character": (0.001, 0.005, 0.01, 0.015, 0.025, 0.04, 0.08),
    "marks per character": (0.01, 0.03, 0.06, 0.09, 0.13, 0.2, 0.35),
    "digit runs per character": (0.01, 0.02, 0.04, 0.07, 0.11, 0.16, 0.25),
    "Latin runs per character": (0.01, 0.03, 0.05, 0.08, 0.12, 0.18, 0.3),
    "spaces per character": (0.0, 0.002, 0.01, 0.03, 0.06, 0.12, 0.25),
    "characters per line": (10.0, 15.0, 22.0, 32.0, 50.0, 90.0, 200.0),
    "lines that end in a mark": (0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.98),
    "different n-grams": (0.3, 0.5, 0.65, 0.75, 0.85, 0.92, 0.97),
}
MEASURES = tuple(_EDGES)
SLOTS = NGRAM_SLOTS + len(MEASURES) * STEPS


@dataclass(frozen=True, slots=True)
class Features:
    """Of one text: ``slots`` uint32 [n], each below SLOTS, and how much each counts (``shares`` float32 [n])."""

    slots: NDArray[np.uint32]
    shares: NDArray[np.float32]


def features(text: str) -> Features:
    """The features of a text, none of an empty one.

    >>> len(features("今日は。").slots) - len(MEASURES)
    15
    """
    folded = folded_characters(text)
    inner = len(folded) - 2
    if inner < 1:
        return Features(np.empty(0, np.uint32), np.empty(0, np.float32))
    hashes = ngram_hashes(folded)
    steps = _steps(folded, hashes)
    slots = np.concatenate([hashes & np.uint32(NGRAM_SLOTS - 1), steps])
    shares = np.empty(len(slots), np.float32)
    shares[: len(hashes)] = 1 / (len(hashes) / len(ORDERS) + PRIOR_NGRAMS)
    shares[len(hashes) :] = inner / (inner + PRIOR_NGRAMS)
    return Features(slots, shares)


def folded_characters(text: str) -> NDArray[np.uint32]:
    """uint32: the characters that n-grams are made of, with a boundary before and behind them."""
    folded = _folded_table()[code_points(text[:MAX_CHARACTERS].strip())]
    if not len(folded):
        return folded
    runs = _collapses()[folded]
    # The second and later characters of a run go. A space next to a line end goes too.
    repeated = np.concatenate(([False], runs[1:] & (folded[1:] == folded[:-1])))
    folded = folded[~repeated]
    beside = folded == _LINE_END
    lonely = (folded == _SPACE) & (np.append(beside[1:], False) | np.insert(beside[:-1], 0, False))
    folded = folded[~lonely]
    again = np.concatenate(([False], (folded[1:] == _LINE_END) & (folded[:-1] == _LINE_END)))
    return np.pad(folded[~again], 1, constant_values=_BOUNDARY)


def ngram_hashes(folded: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """uint32: a hash of every n-gram, those of one order after those of the other, each in the order of the text."""
    found = []
    for order in ORDERS:
        places = len(folded) - order + 1
        if places < 1:
            continue
        hashes = np.full(places, order, np.uint32) * _FACTORS[0]
        for place in range(order):
            hashes += folded[place : place + places] * _FACTORS[place]
            hashes = mixed(hashes)
        found.append(hashes)
    return np.concatenate(found) if found else np.empty(0, np.uint32)


def _steps(folded: NDArray[np.uint32], hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """uint32 [measures]: the slot of the step that each measure of the text is on."""
    inner = folded[1:-1]
    count = len(inner)
    ends = np.append(np.flatnonzero(inner == _LINE_END), count)
    lines = len(ends)
    marked = _ends()[inner[np.maximum(ends - 1, 0)]]
    trigrams = np.sort(hashes[-(len(folded) - 2) :])
    different = 1 + np.count_nonzero(trigrams[1:] != trigrams[:-1])
    values = (
        np.count_nonzero(_ends()[inner]) / count,
        np.count_nonzero(_marks()[inner]) / count,
        np.count_nonzero(inner == _DIGIT) / count,
        np.count_nonzero(inner == _LETTER) / count,
        np.count_nonzero(inner == _SPACE) / count,
        count / lines,
        np.count_nonzero(marked) / lines,
        different / len(trigrams),
    )
    steps = [np.searchsorted(edges, value) for edges, value in zip(_EDGES.values(), values, strict=True)]
    return (NGRAM_SLOTS + np.arange(len(values)) * STEPS + np.array(steps)).astype(np.uint32)


def step_name(slot: int) -> str:
    """A measure's step in words, for a slot behind those of n-grams."""
    measure, step = divmod(slot - NGRAM_SLOTS, STEPS)
    edges = _EDGES[MEASURES[measure]]
    if step == 0:
        return f"{MEASURES[measure]} up to {edges[0]:g}"
    return f"{MEASURES[measure]} above {edges[step - 1]:g}" + (f" up to {edges[step]:g}" if step < len(edges) else "")


@cache
def _folded_table() -> NDArray[np.uint32]:
    """uint32 [0x110000]: what stands for each code point."""
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    for code in (*range(0xFF00, 0xFFF0), *range(0x3200, 0x3400), *range(0x2E80, 0x2FE0)):
        compatible = unicodedata.normalize("NFKC", chr(code))
        if len(compatible) == 1:
            table[code] = ord(compatible)
    han = [chr(code) for first, last in HAN_RANGES for code in range(first, last + 1)]
    # One call for all of them, a line each: a phrase never crosses a line.
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    table[[ord(character) for character in han]] = [ord(character) for character in simplified]
    classes = character_classes()[table]
    table[classes == CharacterClass.DIGIT] = _DIGIT
    table[(classes == CharacterClass.LATIN) | (classes == CharacterClass.OTHER_LETTER)] = _LETTER
    table[WHITE_SPACE | (classes == CharacterClass.CONTROL)] = _SPACE
    table[[ord("\n"), ord("\r"), 0x85, 0x2028, 0x2029]] = _LINE_END
    table.setflags(write=False)
    return table


@cache
def _collapses() -> NDArray[np.bool_]:
    return _flags("0a\n ")


@cache
def _ends() -> NDArray[np.bool_]:
    return _flags(_END_MARKS)


@cache
def _marks() -> NDArray[np.bool_]:
    classes = character_classes()
    return np.isin(classes, (CharacterClass.ASCII_MARK, CharacterClass.CJK_MARK))


def _flags(characters: str) -> NDArray[np.bool_]:
    flags = np.zeros(CODE_POINTS, dtype=bool)
    flags[[ord(character) for character in characters]] = True
    return flags
