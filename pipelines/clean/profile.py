"""The script profile of a document: which characters it is made of, and whose Chinese it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from pipelines.clean.regional_words import (
    CANTONESE,
    CHINESE_ONLY,
    CLASSICAL,
    CONVERTED,
    HONG_KONG,
    HONG_KONG_OR_CONVERTED,
    MAINLAND,
    TAIWAN,
    VERNACULAR,
)
from pipelines.text.character_classes import CharacterClass, character_classes, code_points

#: More marker characters than this share of Han, and nothing else is plausible.
_CANTONESE_SHARE = 0.02
#: Kana in this share of Han and kana makes a text Japanese; from the lower share on it may be Japanese with few
#: kana or Chinese that quotes Japanese, and the words that only Chinese writes decide.
_JAPANESE_KANA_SHARE, _KANA_SHARE = 0.3, 0.05
_CHINESE_ONLY_SHARE = 0.01
#: East Asian share of the letters, weighted, from which on a text is not that of an alphabet.
_EAST_ASIAN_SHARE = 0.2
_CLASSES, _MARKERS = len(CharacterClass), 5
#: Regional words or characters a text must have before a region is named.
_MIN_REGION_VOTES = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of characters by class, in code points; white space is counted apart from ``characters``.

    ``han`` holds every Han character; ``simplified``, ``traditional`` and ``japanese_han`` those written in one
    script only. ``cantonese`` counts characters that only written Cantonese uses, ``classical`` and
    ``vernacular`` function words of literary and of modern Chinese. ``region`` is CN, TW, HK or JP, empty where
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
    classical: int = 0
    vernacular: int = 0
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
        # A Han character or a kana says about as much as three letters of an alphabet.
        foreign = self.latin + self.other_letters
        if self.east_asian * 3 < _EAST_ASIAN_SHARE * (self.east_asian * 3 + foreign) or not self.east_asian:
            return "Latn" if self.latin > self.other_letters else "Zyyy"
        kana_share = self.kana / max(1, self.kana + self.han)
        if self.hangul > (0.2 if kana_share < 0.3 else 1.0) * (self.han + self.kana):
            return "Kore"
        # Headlines and tables of Japanese pages may hold hardly any kana, but they hold shinjitai.
        shinjitai = self.japanese_han * 100 > self.han and self.vernacular * 20 < self.han
        if self.region == "JP" or (self.kana and (not self.han or (kana_share < _KANA_SHARE and shinjitai))):
            return "Jpan"
        if self.chinese_script == "Hant" and self.is_cantonese:
            return "Hant-HK"
        return f"Hant-{self.region}" if self.region in ("TW", "HK") else self.chinese_script

    @property
    def is_cantonese(self) -> bool:
        """Written Cantonese, not Standard Chinese by a Hong Kong writer."""
        return self.cantonese >= max(2, _CANTONESE_SHARE * self.han)

    @property
    def is_classical(self) -> bool:
        """Literary Chinese: its particles are frequent and those of modern Chinese nearly absent."""
        if self.kana > 0.02 * self.han:
            return False
        dense = self.classical >= max(3, 0.05 * self.han) and self.vernacular <= 0.3 * self.classical
        return dense or (self.han >= 60 and self.classical >= 0.02 * self.han and self.vernacular <= 0.005 * self.han)


def profile(text: str) -> Profile:
    """The profile of one text. Reads any string, lone surrogates and NUL included.

    >>> profile("日本国憲法は、1946年に公布された。").hiragana
    5
    """
    points = code_points(text)
    table = np.bincount(_classes_and_markers()[points], minlength=_MARKERS * _CLASSES).reshape(_MARKERS, _CLASSES)
    counts = table.sum(axis=0).tolist()
    simplified, traditional = counts[CharacterClass.SIMPLIFIED], counts[CharacterClass.TRADITIONAL]
    japanese_han = counts[CharacterClass.JAPANESE_HAN]
    han = counts[CharacterClass.HAN] + simplified + traditional + japanese_han
    kana = counts[CharacterClass.HIRAGANA] + counts[CharacterClass.KATAKANA]
    cantonese = classical = vernacular = 0
    region, converted = "", False
    if kana > _JAPANESE_KANA_SHARE * (han + kana):
        region = "JP"
    elif han:
        _, cantonese, classical, vernacular, chinese = table.sum(axis=1).tolist()
        vernacular += chinese
        if kana > _KANA_SHARE * (han + kana) and chinese < _CHINESE_ONLY_SHARE * han:
            region = "JP"
        else:
            region, converted = _region(text, simplified, traditional)
    return Profile(
        characters=len(points) - counts[CharacterClass.SPACE],
        spaces=counts[CharacterClass.SPACE],
        han=han,
        simplified=simplified,
        traditional=traditional,
        japanese_han=japanese_han,
        hiragana=counts[CharacterClass.HIRAGANA],
        katakana=counts[CharacterClass.KATAKANA],
        hangul=counts[CharacterClass.HANGUL],
        bopomofo=counts[CharacterClass.BOPOMOFO],
        latin=counts[CharacterClass.LATIN],
        digits=counts[CharacterClass.DIGIT],
        ascii_marks=counts[CharacterClass.ASCII_MARK],
        cjk_marks=counts[CharacterClass.CJK_MARK],
        other_letters=counts[CharacterClass.OTHER_LETTER],
        controls=counts[CharacterClass.CONTROL],
        cantonese=cantonese,
        classical=classical,
        vernacular=vernacular,
        region=region,
        converted=converted,
    )


@cache
def _classes_and_markers() -> npt.NDArray[np.uint8]:
    """Class and, times the number of classes, list of telling words of every code point: uint8 [0x110000]."""
    table = character_classes().copy()
    for number, characters in enumerate((CANTONESE, CLASSICAL, VERNACULAR, CHINESE_ONLY), start=1):
        table[[ord(character) for character in characters]] += np.uint8(number * _CLASSES)
    return table


@cache
def _regional_matcher() -> tuple[ahocorasick_rs.BytesAhoCorasick, tuple[int, ...]]:
    lists = (MAINLAND, TAIWAN, HONG_KONG, CONVERTED, HONG_KONG_OR_CONVERTED)
    groups = chain.from_iterable([number] * len(words) for number, words in enumerate(lists))
    words = [word.encode() for word in chain.from_iterable(lists)]
    return ahocorasick_rs.BytesAhoCorasick(words), tuple(groups)


def _region(text: str, simplified: int, traditional: int) -> tuple[str, bool]:
    """Region and machine conversion of Chinese text, by regional words and character forms.

    Simplified text is from the mainland unless it says otherwise. Traditional text is from Taiwan or from
    Hong Kong by the words and forms only one of them uses; mainland wording outnumbering both means that a
    program wrote it.
    """
    if simplified > traditional:
        return "CN", False
    if not traditional:
        return "", False
    matcher, groups = _regional_matcher()
    votes = [0] * 5
    for pattern, _, _ in matcher.find_matches_as_indexes(text.encode("utf-8", "replace")):
        votes[groups[pattern]] += 1
    mainland, taiwan, hong_kong, converted, shared = votes
    if not converted:
        hong_kong += shared
    if mainland + converted >= 2 * _MIN_REGION_VOTES and mainland + converted > 2 * (taiwan + hong_kong):
        return "", True
    if taiwan >= _MIN_REGION_VOTES and taiwan > 2 * hong_kong:
        return "TW", False
    if hong_kong >= _MIN_REGION_VOTES and hong_kong > 2 * taiwan:
        return "HK", False
    return "", False
