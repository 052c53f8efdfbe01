"""Mandarin syllables as the eight letter and tone ids that ChineseBERT convolves over."""

from __future__ import annotations

import unicodedata

from hanmill.schemas.corpus import SYLLABLE_LENGTH

_TONES = 5


def syllable_ids(syllable: str) -> tuple[int, ...]:
    """Eight ids of a syllable such as ``zhong1``: 0 padding, 1-5 the tone, 6-31 the letters a-z.

    In the order of the string, letters first (ChineseBERT, section 3.2 and its ``pinyin_map.json``). ü is
    written ``v``; any other mark (``ê1`` for 欸) is left off. Raises ValueError where it is no such syllable.

    >>> syllable_ids("lv4")
    (17, 27, 4, 0, 0, 0, 0, 0)
    """
    plain = "".join(mark for mark in unicodedata.normalize("NFD", syllable) if not unicodedata.combining(mark))
    ids = [_letter_id(letter, syllable) for letter in plain]
    if len(ids) > SYLLABLE_LENGTH:
        raise ValueError(f"syllable {syllable!r}: {len(ids)} letters and tone, at most {SYLLABLE_LENGTH}")
    return (*ids, *[0] * (SYLLABLE_LENGTH - len(ids)))


def _letter_id(letter: str, syllable: str) -> int:
    if "1" <= letter <= "5":
        return int(letter)
    if "a" <= letter <= "z":
        return ord(letter) - ord("a") + _TONES + 1
    raise ValueError(f"syllable {syllable!r}: found {letter!r}, expected a-z or 1-5")
