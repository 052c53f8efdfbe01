"""Measures of what characters a document is made of. All are shares between 0 and 1 unless they say otherwise."""

from __future__ import annotations

import re

from hanmill.pipelines.clean.measures.registry import Page, rule

#: A Latin word has about this many letters for each character of Chinese it would take.
_LETTERS_PER_CHARACTER = 3
#: Up to this share of Han and kana, kana do not make a text Japanese.
_HARDLY_ANY_KANA = 0.05
#: Katakana behind Han in the place of hiragana (統治ス, 臣民ナルヲ念ヒ): few, none of them long or small.
_KATAKANA_OF_GRAMMAR = re.compile(
    r"(?<=[㐀-鿿々])(?:(?![ァィゥェォッャュョヮ])[ァ-ヲン]){1,5}(?=[㐀-鿿々、。，．\s]|$)", re.MULTILINE
)


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


@rule("hiragana_ratio@2")
def hiragana_ratio_where_it_tells(page: Page) -> float:
    """As ``hiragana_ratio@1``, with katakana that stand in the place of hiragana, as in law before 1946; 1 for a text
    written in Han with hardly any kana (自動販売機設置場所一覧), which other rules measure as they do Chinese.
    """
    counts = page.profile
    if counts.kana <= _HARDLY_ANY_KANA * (counts.han + counts.kana):
        return 1.0
    found = counts.hiragana
    if counts.katakana > counts.hiragana:
        found += sum(map(len, _KATAKANA_OF_GRAMMAR.findall(page.document.text)))
    return _share(found, counts.characters)


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
