"""What the context model sees of a character: its neighbours and pypinyin's answer, hashed into slots.

Feature hashing after Weinberger et al. (2009), "Feature Hashing for Large Scale Multitask Learning", without the
sign: with 2²² slots and some hundred thousand features few collide. All arithmetic is modulo 2³².
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from pypinyin.constants import RE_HANS

from hanmill.pipelines.text.characters import CODE_POINTS

#: Neighbours on either side that features look at; texts of a batch must lie at least as far apart.
WINDOW = 3
SLOTS = 1 << 22
#: Agreement with pypinyin's answer is weighed by the length of its phrase: 0 (none), 2, 3, 4, 5 and longer.
PHRASE_LENGTHS = 6

#: Between them no character is assigned, behind them are private ones: a quarter of all code points to look at.
_ASSIGNED = range(0x40000), range(0xE0000, 0xE1000)
_OFFSETS = tuple(offset for offset in range(-WINDOW, WINDOW + 1) if offset)
_DIGIT, _LETTER = ord("0"), ord("a")
#: Odd constants of MurmurHash3 and of the golden ratio; which ones does not matter, that they stay does.
_CHARACTER, _TEMPLATE, _FIRST, _SECOND = (np.uint32(x) for x in (0xCC9E2D51, 0x9E3779B1, 0x1B873593, 0x85EBCA77))
_MIX = (np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))
_READING = np.uint32(0x9E3779B1)


@cache
def context_classes() -> NDArray[np.uint32]:
    """uint32 [0x110000]: Han and punctuation as they are, digits as 0, letters as a, white space and controls as 0."""
    classes = np.zeros(CODE_POINTS, dtype=np.uint32)
    for code in chain(*_ASSIGNED):
        character = chr(code)
        kind = unicodedata.category(character)[0]
        if RE_HANS.match(character) or kind in "PS":
            classes[code] = code
        elif kind == "N":
            classes[code] = _DIGIT
        elif kind in "LM":
            classes[code] = _LETTER
    return classes


def feature_slots(
    codepoints: NDArray[np.uint32],
    places: NDArray[np.int64],
    answers: NDArray[np.int64],
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
) -> NDArray[np.uint32]:
    """uint32 [k, features]: hashes for the characters at ``places``, at least WINDOW from both ends.

    ``answers`` int64 [k] is the number of pypinyin's answer among the character's readings, -1 where it is none of
    them; ``before`` and ``after`` uint8 [k] as in PhraseReadings. ``reading_slots`` makes slots of the hashes.
    """
    near = {offset: context_classes()[codepoints[places + offset]] for offset in _OFFSETS}
    answer = (answers + 1).astype(np.uint32)
    inside = (before + after > 0).astype(np.uint32)
    shape = before.astype(np.uint32) * np.uint32(256) + after
    none = np.zeros(len(places), dtype=np.uint32)
    templates = [
        (none, none),
        (near[-1], none),
        (near[1], none),
        (near[-2], none),
        (near[2], none),
        (near[-2], near[-1]),
        (near[1], near[2]),
        (near[-1], near[1]),
        (answer, inside),
        (answer, shape),
    ]
    hashes = [_hash(number, first, second) for number, (first, second) in enumerate(templates)]
    # The neighbours once more whatever their place: one template for all.
    hashes += [_hash(len(templates), near[offset], none) for offset in _OFFSETS]
    character = codepoints[places] * _CHARACTER
    return mixed(np.stack(hashes, axis=1) + character[:, None])


def reading_slots(hashes: NDArray[np.uint32], reading: int | NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The slots of the features of a character together with one of its readings, by number."""
    return (hashes + np.asarray(reading, dtype=np.uint32) * _READING) & np.uint32(SLOTS - 1)


def phrase_lengths(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.int64]:
    """int64 [k]: the length of the phrase, 0 outside phrases, PHRASE_LENGTHS - 1 for that and longer."""
    whole = before.astype(np.int64) + after
    return np.where(whole > 0, np.minimum(whole + 1, PHRASE_LENGTHS - 1), 0)


def _hash(template: int, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint32]:
    place = np.full(1, template + 1, dtype=np.uint32) * _TEMPLATE
    return mixed(mixed(first * _FIRST + place) + second * _SECOND)


def mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finaliser of MurmurHash3 (Appleby, public domain)."""
    for multiplier, shift in zip(_MIX, (16, 13), strict=True):
        values = (values ^ (values >> np.uint32(shift))) * multiplier
    return values ^ (values >> np.uint32(16))
