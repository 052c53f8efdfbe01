"""What the context model sees of a character: its neighbours and pypinyin's answer, hashed into slots.

Feature hashing after Weinberger et al. (2009), "Feature Hashing for Large Scale Multitask Learning", without the
sign: with 2²² slots and some hundred thousand features few collide. All arithmetic is modulo 2³².
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.hashing import mixed, powers
from hanmill.pipelines.annotate.pinyin.han_characters import han_characters
from hanmill.pipelines.annotate.pinyin.word_readings import WordReadings
from hanmill.pipelines.text.characters import CODE_POINTS
from hanmill.pipelines.text.general_categories import major_categories

#: Neighbours on either side that features look at; texts of a batch must lie at least as far apart.
WINDOW = 3
SLOTS = 1 << 22

_OFFSETS = tuple(offset for offset in range(-WINDOW, WINDOW + 1) if offset)
_DIGIT, _LETTER = ord("0"), ord("a")
#: Odd constants of MurmurHash3 and of the golden ratio; which ones does not matter, that they stay does.
_CHARACTER, _TEMPLATE, _FIRST, _SECOND = (np.uint32(x) for x in (0xCC9E2D51, 0x9E3779B1, 0x1B873593, 0x85EBCA77))
_READING = np.uint32(0x9E3779B1)


@cache
def context_classes() -> NDArray[np.uint32]:
    """uint32 [0x110000]: Han and punctuation as they are, digits as 0, letters as a, white space and controls as 0."""
    kinds = major_categories()
    classes = np.zeros(CODE_POINTS, dtype=np.uint32)
    classes[(kinds == b"L") | (kinds == b"M")] = _LETTER
    classes[kinds == b"N"] = _DIGIT
    themselves = np.flatnonzero(han_characters() | (kinds == b"P") | (kinds == b"S"))
    classes[themselves] = themselves
    return classes


def feature_slots(
    codepoints: NDArray[np.uint32],
    places: NDArray[np.int64],
    answers: NDArray[np.int64],
    found: WordReadings,
    ends: NDArray[np.bool_],
) -> NDArray[np.uint32]:
    """uint32 [k, features]: hashes for the characters at ``places``, at least WINDOW from both ends.

    ``answers`` int64 [k] is the number of the dictionary's answer among the character's readings, -1 where it is none
    of them; ``found`` and ``ends`` are of all code points. ``reading_slots`` makes slots of the hashes.
    """
    classes = context_classes()[codepoints]
    near = {offset: classes[places + offset] for offset in _OFFSETS}
    word = _word_parts(classes, ends, places)
    answer = (answers + 1).astype(np.uint32)
    kind = found.kinds[places].astype(np.uint32)
    shape = found.before[places].astype(np.uint32) * np.uint32(256) + found.after[places]
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
        (answer, kind),
        (answer, shape),
        (word.itself, word.place),
        (word.before, word.place),
        (word.after, word.place),
        (word.place, none),
        (near[-1], word.place),
        (near[1], word.place),
        (mixed(word.itself + word.place), word.before),
        (mixed(word.itself + word.place), word.after),
        (mixed(near[-2] * _FIRST + near[-1]), near[1]),
        (mixed(near[1] * _FIRST + near[2]), near[-1]),
    ]
    hashes = [_hash(number, first, second) for number, (first, second) in enumerate(templates)]
    # The neighbours once more whatever their place: one template for all.
    hashes += [_hash(len(templates), near[offset], none) for offset in _OFFSETS]
    character = codepoints[places] * _CHARACTER
    return mixed(np.stack(hashes, axis=1) + character[:, None])


@dataclass(frozen=True, slots=True)
class _WordParts:
    """Of the characters at k places, uint32 [k] each: their words, those before and after, and where they stand.

    ``place`` is how many characters of the word stand before and after, three and more being alike.
    """

    itself: NDArray[np.uint32]
    before: NDArray[np.uint32]
    after: NDArray[np.uint32]
    place: NDArray[np.uint32]


def _word_parts(classes: NDArray[np.uint32], ends: NDArray[np.bool_], places: NDArray[np.int64]) -> _WordParts:
    lasts = np.flatnonzero(ends)
    firsts = np.concatenate(([0], lasts[:-1] + 1))
    rising, falling = powers(len(classes))
    sums = np.concatenate((np.zeros(1, dtype=np.uint32), np.cumsum(classes * rising, dtype=np.uint32)))
    # A polynomial of the word's characters: a difference of running sums, brought down to where the powers begin.
    words = mixed((sums[lasts + 1] - sums[firsts]) * falling[firsts])
    which = np.searchsorted(lasts, places)
    before, after = places - firsts[which], lasts[which] - places
    place = np.minimum(before, 3) * 4 + np.minimum(after, 3)
    # Places are apart from both ends, and so have words on both sides.
    return _WordParts(words[which], words[which - 1], words[which + 1], place.astype(np.uint32))


def reading_slots(hashes: NDArray[np.uint32], reading: int | NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The slots of the features of a character together with one of its readings, by number."""
    return (hashes + np.asarray(reading, dtype=np.uint32) * _READING) & np.uint32(SLOTS - 1)


def _hash(template: int, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint32]:
    place = np.full(1, template + 1, dtype=np.uint32) * _TEMPLATE
    return mixed(mixed(first * _FIRST + place) + second * _SECOND)
