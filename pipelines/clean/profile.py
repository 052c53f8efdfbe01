"""The script profile of a document: which characters it is made of, and whose Chinese it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from hanmill.pipelines.clean.han_languages import han_languages, literary_phrase_odds
from hanmill.pipelines.clean.regional_words import word_lists
from hanmill.pipelines.text.character_classes import CharacterClass, character_classes
from hanmill.pipelines.text.characters import code_points

#: More of Cantonese than this share of Han, and nothing else is plausible. One such character or word is enough in a
#: short text where nothing is of Standard Chinese alone.
_CANTONESE_SHARE, _SHORT_CANTONESE_SHARE = 0.02, 0.05
#: Kana in this share of Han and kana makes a text Japanese; from the lower share on it may be Japanese with few
#: kana or Chinese that quotes Japanese, and the characters that only Chinese writes decide.
_JAPANESE_KANA_SHARE, _KANA_SHARE = 0.3, 0.05
_CHINESE_ONLY_SHARE = 0.01
#: Log-odds that Han characters must have together, and for each of them, before a text with hardly any kana is taken
#: for Japanese, and a Chinese one for literary.
_JAPANESE_ODDS, _JAPANESE_ODDS_EACH = 3.0, 0.1
#: Log-odds that suffice where some characters are written in Japan alone (稲, 沢), and that a year of an era adds.
_JAPANESE_ODDS_WITH_FORMS, _ERA_ODDS = 1.5, 4.0
_ERA_YEAR = re.compile("(?:明治|大正|昭和|平成|令和)(?:元|[〇一二三四五六七八九十]{1,4}|[0-9０-９]{1,2})年")
#: の is written in Chinese names of shops and brands too; where there is no other kana, Han less Japanese than that
#: for each of them speak against Japanese.
_CHINESE_ODDS_EACH = -0.25
_LITERARY_ODDS, _LITERARY_ODDS_EACH = 5.0, 0.05
#: In a text of so many Han, constructions count too where the characters leave it open.
_SHORT_TEXT, _OPEN_ODDS = 80, -8.0
#: More of Standard Chinese than this share of Han is in no literary text.
_MANDARIN_SHARE = 0.03
#: East Asian share of the letters, weighted, from which on a text is not that of an alphabet. A Han character or a kana
#: says about as much as three letters.
_EAST_ASIAN_SHARE = 0.2
_LETTERS_PER_CHARACTER = 3
_CLASSES = len(CharacterClass)
_MARKERS = ("cantonese_character", "mandarin_character", "chinese_character", "sinitic_character")
_REGIONS = ("mainland", "taiwan", "hong_kong", "converted", "hong_kong_or_converted", "cantonese")
#: Regional words or characters a text must have before a region is named.
_MIN_REGION_VOTES = 2


class Profile(NamedTuple):
    """Counts of characters by class, in code points; white space is counted apart from ``characters``.

    ``han`` holds every Han character; ``simplified``, ``traditional`` and ``japanese_han`` those written in one
    script only. ``cantonese`` counts characters and words that only written Cantonese uses, ``mandarin`` characters
    that only Standard Chinese does. ``literary`` and ``japanese`` are log-odds of the Han characters: literary against
    modern Chinese, Japanese against Chinese (0 where kana already decide). ``region`` is CN, TW, HK or JP, empty where
    the text does not tell. ``converted`` is true for Traditional text whose words betray a machine conversion
    from Simplified.
    """

    characters: int = 0
    spaces: int = 0
    han: int = 0
    simplified: int = 0
    traditional: int = 0
    japanese_han: int = 0
    hiragana: int = 0
    katakana: int = 0
    hangul: int = 0
    bopomofo: int = 0
    latin: int = 0
    digits: int = 0
    ascii_marks: int = 0
    cjk_marks: int = 0
    other_letters: int = 0
    controls: int = 0
    cantonese: int = 0
    mandarin: int = 0
    literary: float = 0.0
    japanese: float = 0.0
    region: str = ""
    converted: bool = False

    @property
    def kana(self) -> int:
        """Hiragana and katakana."""
        return self.hiragana + self.katakana

    @property
    def letters(self) -> int:
        """Characters of any script: Han, kana, Hangul, Bopomofo, Latin and other alphabets."""
        return self.han + self.kana + self.hangul + self.bopomofo + self.latin + self.other_letters

    @property
    def east_asian(self) -> int:
        """Han, kana, Hangul and Bopomofo."""
        return self.han + self.kana + self.hangul + self.bopomofo

    @property
    def chinese_script(self) -> str:
        """``Hans``, ``Hant``, or ``Hani`` where no character tells the two apart."""
        if self.simplified == self.traditional:
            return "Hani"
        return "Hans" if self.simplified > self.traditional else "Hant"

    @property
    def script(self) -> str:
        """ISO 15924 code of what the text is written in, with the region where it is told: ``Hant-TW``.

        ``Latn`` stands for Latin text, ``Zyyy`` for other alphabets and for no text at all.
        """
        if not self.east_asian or self.east_asian_share < _EAST_ASIAN_SHARE:
            return "Latn" if self.latin > self.other_letters else "Zyyy"
        return self.east_asian_script

    @property
    def east_asian_share(self) -> float:
        """What Han, kana, Hangul and Bopomofo say of all that the text says, a character counting for three letters."""
        weight = self.east_asian * _LETTERS_PER_CHARACTER
        foreign = self.latin + self.other_letters
        return weight / (weight + foreign) if weight else 0.0

    @property
    def east_asian_script(self) -> str:
        """The script of the East Asian part of the text, whatever else is in it; ``Hani`` where there is none."""
        kana_share = self.kana / max(1, self.kana + self.han)
        if self.hangul > (0.2 if kana_share < 0.3 else 1.0) * (self.han + self.kana):
            return "Kore"
        if self.region == "JP" or (self.kana and not self.han):
            return "Jpan"
        if self.chinese_script == "Hant" and self.is_cantonese:
            return "Hant-HK"
        return f"Hant-{self.region}" if self.region in ("TW", "HK") else self.chinese_script

    @property
    def is_cantonese(self) -> bool:
        """Written Cantonese, not Standard Chinese by a Hong Kong writer."""
        if self.cantonese >= max(2, _CANTONESE_SHARE * self.han):
            return True
        return self.cantonese >= max(1, _SHORT_CANTONESE_SHARE * self.han) and not self.mandarin

    @property
    def is_classical(self) -> bool:
        """Literary Chinese, by the characters it prefers to those of the modern language."""
        if self.kana > 0.02 * self.han:
            return False
        if self.mandarin > _MANDARIN_SHARE * self.han:
            return False
        return self.literary >= max(_LITERARY_ODDS, _LITERARY_ODDS_EACH * self.han)


def profile(text: str) -> Profile:
    """The profile of one text. Reads any string, lone surrogates and NUL included.

    >>> profile("日本国憲法は、1946年に公布された。").hiragana
    5
    """
    return profiles((text,))[0]


def profiles(texts: Sequence[str]) -> list[Profile]:
    """The profile of every text, in order: characters are counted in all of them at once."""
    points = code_points("".join(texts))
    lengths = np.array([len(text) for text in texts], np.int64)
    classes = _classes_and_markers()[points]
    groups = len(_MARKERS) + 1
    owners = np.repeat(np.arange(len(texts)), lengths)
    cells = np.bincount(owners * (groups * _CLASSES) + classes, minlength=len(texts) * groups * _CLASSES)
    table = cells.reshape(len(texts), groups, _CLASSES)
    counts = table.sum(axis=1)
    columns = {name: counts[:, kind] for name, kind in _COUNTED.items()}
    columns["characters"] = lengths - columns["spaces"]
    columns["han"] = counts[:, CharacterClass.HAN : CharacterClass.JAPANESE_HAN + 1].sum(axis=1)
    kana = columns["hiragana"] + columns["katakana"]
    open_cases = ~(kana > _JAPANESE_KANA_SHARE * (columns["han"] + kana))
    found = zip(*(columns[name].tolist() for name in Profile._fields[: len(columns)]), strict=True)
    odds = _han_odds(points, classes, owners, open_cases & (columns["han"] > 0))
    marked = table.sum(axis=2).tolist()
    return [
        _profile(text, row, markers, is_open, two)
        for text, row, markers, is_open, two in zip(texts, found, marked, open_cases.tolist(), odds, strict=True)
    ]


def _han_odds(
    points: npt.NDArray[np.uint32],
    classes: npt.NDArray[np.uint8],
    owners: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.bool_],
) -> list[tuple[float, float]]:
    """``han_languages`` of the Han characters of texts that are ``wanted``, zeros of others."""
    if not wanted.any():
        return [(0.0, 0.0)] * len(wanted)
    kinds = classes % _CLASSES
    is_han = (kinds >= CharacterClass.HAN) & (kinds <= CharacterClass.JAPANESE_HAN) & wanted[owners]
    counts = np.bincount(owners[is_han], minlength=len(wanted))
    return han_languages(points[is_han], counts)


def _profile(
    text: str, counts: tuple[int, ...], markers: Sequence[int], is_open: bool, odds: tuple[float, float]
) -> Profile:
    """The profile of a text whose characters are counted; it ``is_open`` where kana alone do not make it Japanese."""
    counted = Profile._make((*counts, 0, 0, 0.0, 0.0, "", False))
    if not is_open:
        return counted._replace(region="JP")
    han, kana = counted.han, counted.kana
    if not han:
        return counted
    _, cantonese, mandarin, chinese, sinitic = markers
    mandarin += chinese
    literary, japanese = odds
    if sinitic > _MANDARIN_SHARE * han:
        literary = min(literary, 0.0)
    elif han <= _SHORT_TEXT and not mandarin and _OPEN_ODDS < literary < _LITERARY_ODDS:
        literary += literary_phrase_odds(text)
    if kana > _KANA_SHARE * (han + kana):
        is_japanese = chinese + sinitic < _CHINESE_ONLY_SHARE * han and not (
            japanese < _CHINESE_ODDS_EACH * han and kana == text.count("の")
        )
    else:
        is_japanese = not cantonese and _is_japanese_by_han(text, japanese, han, counted.japanese_han)
    region, converted, words = "JP", False, 0
    if not is_japanese:
        region, converted, words = _region(text, counted.simplified, counted.traditional)
    return Profile._make((*counts, cantonese + words, mandarin, literary, japanese, region, converted))


#: Counts that are those of one class.
_COUNTED = {
    "spaces": CharacterClass.SPACE,
    "simplified": CharacterClass.SIMPLIFIED,
    "traditional": CharacterClass.TRADITIONAL,
    "japanese_han": CharacterClass.JAPANESE_HAN,
    "hiragana": CharacterClass.HIRAGANA,
    "katakana": CharacterClass.KATAKANA,
    "hangul": CharacterClass.HANGUL,
    "bopomofo": CharacterClass.BOPOMOFO,
    "latin": CharacterClass.LATIN,
    "digits": CharacterClass.DIGIT,
    "ascii_marks": CharacterClass.ASCII_MARK,
    "cjk_marks": CharacterClass.CJK_MARK,
    "other_letters": CharacterClass.OTHER_LETTER,
    "controls": CharacterClass.CONTROL,
}


def _is_japanese_by_han(text: str, odds: float, han: int, japanese_han: int) -> bool:
    """Whether a text with hardly any kana is Japanese, by the log-odds of its Han characters."""
    each = _JAPANESE_ODDS_EACH * han
    if odds >= max(_JAPANESE_ODDS_WITH_FORMS if japanese_han else _JAPANESE_ODDS, each):
        return True
    # A search only where it may decide.
    return odds + _ERA_ODDS >= max(_JAPANESE_ODDS, each) and _ERA_YEAR.search(text) is not None


@cache
def _classes_and_markers() -> npt.NDArray[np.uint8]:
    """Class and, times the number of classes, list of telling words of every code point: uint8 [0x110000]."""
    table = character_classes().copy()
    for number, name in enumerate(_MARKERS, start=1):
        table[[ord(character) for character in word_lists()[name]]] += np.uint8(number * _CLASSES)
    return table


@cache
def _regional_matcher() -> tuple[ahocorasick_rs.BytesAhoCorasick, tuple[int, ...]]:
    lists = [word_lists()[name] for name in _REGIONS]
    groups = chain.from_iterable([number] * len(words) for number, words in enumerate(lists))
    words = [word.encode() for word in chain.from_iterable(lists)]
    return ahocorasick_rs.BytesAhoCorasick(words), tuple(groups)


def _region(text: str, simplified: int, traditional: int) -> tuple[str, bool, int]:
    """Region of Chinese text, whether a program converted it, and how many words of Cantonese it has.

    Simplified text is from the mainland unless it says otherwise. Traditional text is from Taiwan or from
    Hong Kong by the words and forms only one of them uses; mainland wording outnumbering both means that a
    program wrote it.
    """
    if simplified > traditional:
        return "CN", False, 0
    matcher, groups = _regional_matcher()
    votes = [0] * len(_REGIONS)
    for pattern, _, _ in matcher.find_matches_as_indexes(text.encode("utf-8", "replace")):
        votes[groups[pattern]] += 1
    mainland, taiwan, hong_kong, converted, shared, cantonese = votes
    if not traditional:
        return "", False, cantonese
    if not converted:
        hong_kong += shared
    if mainland + converted >= 2 * _MIN_REGION_VOTES and mainland + converted > 2 * (taiwan + hong_kong):
        return "", True, cantonese
    if taiwan >= _MIN_REGION_VOTES and taiwan > 2 * hong_kong:
        return "TW", False, cantonese
    if hong_kong >= _MIN_REGION_VOTES and hong_kong > 2 * taiwan:
        return "HK", False, cantonese
    return "", False, cantonese
