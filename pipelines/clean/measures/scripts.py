"""Measures of what characters a document is made of. All are shares between 0 and 1 unless they say otherwise."""

from __future__ import annotations

from hanmill.pipelines.clean.measures.registry import Page, rule

#: A Latin word has about this many letters for each character of Chinese it would take.
_LETTERS_PER_CHARACTER = 3


@rule("characters@1")
def characters(page: Page) -> float:
    """Characters without white space."""
    return float(page.profile.characters)


@rule("latin_ratio@1")
def latin_ratio(page: Page) -> float:
    """Too much English: Latin letters among all letters, three of them counting as one."""
    latin = page.profile.latin / _LETTERS_PER_CHARACTER
    return _share(latin, latin + page.profile.east_asian)


@rule("han_ratio@1")
def han_ratio(page: Page) -> float:
    """Han among all characters."""
    return _share(page.profile.han, page.profile.characters)


@rule("hiragana_ratio@1")
def hiragana_ratio(page: Page) -> float:
    """Hiragana among all characters; lists of names and goods have little (Swallow and Uzushio, Japanese)."""
    return _share(page.profile.hiragana, page.profile.characters)


@rule("katakana_ratio@1")
def katakana_ratio(page: Page) -> float:
    """Katakana among all characters."""
    return _share(page.profile.katakana, page.profile.characters)


@rule("east_asian_ratio@1")
def east_asian_ratio(page: Page) -> float:
    """Han, kana, Hangul and Bopomofo among all characters, marks and digits included."""
    return _share(page.profile.east_asian, page.profile.characters)


@rule("letter_ratio@1")
def letter_ratio(page: Page) -> float:
    """Letters of any script among all characters; tables of figures and rows of symbols have few."""
    return _share(page.profile.letters, page.profile.characters)


@rule("digit_ratio@1")
def digit_ratio(page: Page) -> float:
    """Digits among all characters."""
    return _share(page.profile.digits, page.profile.characters)


@rule("machine_converted@1")
def machine_converted(page: Page) -> float:
    """1 for Traditional text that a program converted from Simplified, else 0."""
    return float(page.profile.converted)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
