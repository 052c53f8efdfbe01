"""Measures of what characters a document is made of. All are shares between 0 and 1 unless they say otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.clean.profile import Profile
from pipelines.extract.document import Document

#: A Latin word has about this many letters for each character of Chinese it would take.
_LETTERS_PER_CHARACTER = 3


def characters(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Characters without white space."""
    return [float(profile.characters) for profile in profiles]


def latin_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Too much English: Latin letters among all letters, three of them counting as one."""
    return [
        _share(profile.latin / _LETTERS_PER_CHARACTER, profile.latin / _LETTERS_PER_CHARACTER + profile.east_asian)
        for profile in profiles
    ]


def han_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Han among all characters."""
    return [_share(profile.han, profile.characters) for profile in profiles]


def hiragana_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Hiragana among all characters; lists of names and goods have little (Swallow and Uzushio, Japanese)."""
    return [_share(profile.hiragana, profile.characters) for profile in profiles]


def katakana_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Katakana among all characters."""
    return [_share(profile.katakana, profile.characters) for profile in profiles]


def east_asian_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Han, kana, Hangul and Bopomofo among all characters, marks and digits included."""
    return [_share(profile.east_asian, profile.characters) for profile in profiles]


def letter_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Letters of any script among all characters; tables of figures and rows of symbols have few."""
    return [_share(profile.letters, profile.characters) for profile in profiles]


def digit_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Digits among all characters."""
    return [_share(profile.digits, profile.characters) for profile in profiles]


def machine_converted(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """1 for Traditional text that a program converted from Simplified, else 0."""
    return [float(profile.converted) for profile in profiles]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
