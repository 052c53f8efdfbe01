"""Phrases whose reading is not that of their words: 傍若無人 ボウジャクブジン, 浅草寺 センソウジ, 性に合わない ショウ.

They begin and end with a word; a phrase that inflects (性に合~) may end inside one whose rest is kana.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import NamedTuple, Protocol

from hanmill.pipelines.annotate.japanese.kana import is_kana, takes_reading
from hanmill.pipelines.annotate.japanese.romaji import katakana

#: What a phrase ends with that goes on with an inflection.
INFLECTS = "~"
#: What a verb's last kana becomes when it inflects. る and い are of several classes: they become anything.
FORMS = {
    "ウ": "ワイウエオッ", "ク": "カキクケコイッ", "グ": "ガギグゲゴイ", "ス": "サシスセソ", "ツ": "タチツテトッ",
    "ヌ": "ナニヌネノン", "ブ": "バビブベボン", "ム": "マミムメモン",
}  # fmt: skip
#: A word's kana in the place of others that sound like them and of others, and kana left over or missing.
_ALIKE, _OTHER, _GAP = 1, 4, 3
_SOUND = str.maketrans(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポックキチ",
    "カキクケコサシスセソタツツテトハヒフヘホハヒフヘホツツツツ",
)
#: A word in kana that would be read otherwise than it is written; a part that begins inside a syllable.
_MOST, _INSIDE = 1000, 100
#: Kana that begin no word's reading.
NEVER_FIRST = frozenset("ァィゥェォャュョヮッンー")
#: Between the readings of a phrase's words, as it is cut alone.
BORDER = "/"


class PhraseWord(Protocol):
    """A word by its spelling, and what of it every inflection has."""

    @property
    def surface(self) -> str:
        """As it is written."""

    @property
    def stem(self) -> str:
        """Without its ending in hiragana; the whole of words in hiragana."""

    @property
    def reading(self) -> str:
        """Of the word alone, in katakana."""


class Phrase(NamedTuple):
    """A phrase's reading in katakana, and the lengths of its first word and of its second word's stem (0 for none).

    ``reading`` has a BORDER between words where it was divided when it was made, and behind INFLECTS the last kana of
    a verb of FORMS (子供を抱~ コドモ/ヲ/ダ~ク, of which 子供を抱え is no form).
    """

    reading: str
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """Many phrases as columns: ``texts`` in ascending order, and of each what a Phrase says."""

    texts: Sequence[str]
    readings: Sequence[str]
    firsts: Sequence[int]
    seconds: Sequence[int]

    @classmethod
    def of(cls, phrases: Mapping[str, Phrase]) -> PhraseTable:
        """The table of phrases by their text."""
        texts = sorted(phrases)
        found = [phrases[text] for text in texts]
        return cls(
            texts, [each.reading for each in found], [each.first for each in found], [each.second for each in found]
        )

    def phrases(self) -> dict[str, Phrase]:
        """The phrases by their text."""
        return dict(zip(self.texts, map(Phrase, self.readings, self.firsts, self.seconds), strict=True))


class PhraseReadings:
    """Finds phrases among words. Built once per process, from shipped phrases in a tenth of a second."""

    def __init__(self, table: PhraseTable) -> None:
        self._table = table
        self._readings = dict(zip(table.texts, table.readings, strict=True))
        seconds_end = map(add, table.firsts, table.seconds)
        #: The words that phrases of several words begin with, and the stems of their second words.
        self.firsts = {
            text[:end] for text, end, more in zip(table.texts, table.firsts, table.seconds, strict=True) if more
        }
        self.seconds = {
            text[start:end] for text, start, end in zip(table.texts, table.firsts, seconds_end, strict=True)
        }
        self.seconds.discard("")
        self._longest: dict[tuple[str, str], int] = {}

    def longest(self, first: str, second: str) -> int:
        """Characters of the longest phrase with this first word and this stem of the second; 0 where there is none."""
        found = self._longest.get((first, second))
        if found is None:
            found = self._longest[first, second] = self._look_up(first, second)
        return found

    def _look_up(self, first: str, second: str) -> int:
        beginning, table, longest = first + second, self._table, 0
        for row in range(bisect_left(table.texts, beginning), len(table.texts)):
            if not table.texts[row].startswith(beginning):
                break
            if (table.firsts[row], table.seconds[row]) == (len(first), len(second)):
                longest = max(longest, len(table.texts[row]))
        return longest

    def of_word(self, surface: str) -> str:
        """The reading of a phrase that is one word; "" for none."""
        return self._readings.get(surface, "")

    def at(self, words: Sequence[PhraseWord], index: int, longest: int) -> tuple[int, str] | None:
        """Where the longest phrase ends (exclusive) that begins at ``index``, and its reading.

        ``longest`` is that of the word there and the next.
        """
        text = words[index].surface
        found = None
        stop = index + 1
        while len(text) < longest and stop < len(words) and (surface := words[stop].surface):
            inside = self._inflected(text, words[stop])
            if inside is not None:
                found = stop + 1, inside
            text += surface
            stop += 1
            reading = self._readings.get(text)
            if reading is None and stop < len(words) and is_kana(text[-1] + words[stop].surface[:1]):
                # 食べ|た ends a phrase where a word ends; 投合|し is no form of 投合う.
                reading = self._readings.get(text + INFLECTS)
            if reading is not None:
                found = stop, reading.partition(INFLECTS)[0]
        return found

    def _inflected(self, text: str, last: PhraseWord) -> str | None:
        """The reading of ``text`` and a word in which a phrase ends, the rest of it being kana."""
        surface, stem = last.surface, len(last.stem)
        for cut in range(len(surface) - 1, min(stem, len(surface) - 1) - 1, -1):
            reading = self._readings.get(text + surface[:cut] + INFLECTS)
            if reading is None or not is_kana(surface[cut:]):
                continue
            ending = katakana(surface[cut:])
            reading, _, last_kana = reading.partition(INFLECTS)
            if last_kana and ending[0] not in FORMS[last_kana]:
                continue
            if not reading.endswith(last.reading.removesuffix(ending) + ending[0]):
                return reading + ending
            # 向かっ is no form of 向う, whose ム カ would be said twice.
        return None


@lru_cache(maxsize=1 << 14)
def divided(surfaces: tuple[str, ...], readings: tuple[str, ...], whole: str) -> tuple[str, ...] | None:
    """The readings of words that a phrase's reading ``whole`` gives, at its BORDERs if it has one between any two.

    None where a word that takes a reading would be left without one.

    >>> divided(("劇作", "家"), ("ゲキサク", "カ"), "ゲキサッ/カ")
    ('ゲキサッ', 'カ')
    >>> divided(("大", "太鼓"), ("ダイ", "タイコ"), "オオダイコ")
    ('オオ', 'ダイコ')
    """
    parts = tuple(whole.split(BORDER))
    if len(parts) == len(surfaces) and all(
        part == katakana(surface) for surface, part in zip(surfaces, parts, strict=True) if is_kana(surface)
    ):
        return parts
    return nearest(surfaces, tuple((own,) for own in readings), whole.replace(BORDER, ""))


def nearest(surfaces: Sequence[str], readings: Sequence[Sequence[str]], whole: str) -> tuple[str, ...] | None:
    """``whole`` cut into the readings of words, as near as can be to those that each may have.

    None where a word that takes a reading would be left without one.

    >>> nearest(("劇作", "家"), (("ゲキサク",), ("イエ", "カ")), "ゲキサッカ")
    ('ゲキサッ', 'カ')
    """
    size = len(whole)
    none = float("inf")
    # Of the words so far, for every end in ``whole``: the least cost, and (negated) where the last of them begins.
    rows: list[list[tuple[float, int]]] = [[(0.0, 0)] + [(none, 0)] * size]
    for surface, usual in zip(surfaces, readings, strict=True):
        least = 1 if takes_reading(surface) else 0
        rows.append(
            [
                min(
                    (
                        (rows[-1][start][0] + _cost(surface, usual, whole[start:end]), -start)
                        for start in range(end - least + 1)
                        if rows[-1][start][0] < none
                    ),
                    default=(none, 0),
                )
                for end in range(size + 1)
            ]
        )
    if rows[-1][size][0] == none:
        return None
    parts = []
    end = size
    for row in reversed(rows[1:]):
        start = -row[end][1]
        parts.append(whole[start:end])
        end = start
    return tuple(reversed(parts))


def _cost(surface: str, usual: Sequence[str], part: str) -> int:
    if is_kana(surface):
        return 0 if part == katakana(surface) else _MOST
    inside = _INSIDE if part[:1] in NEVER_FIRST else 0
    return inside + min(_distance(own, part) for own in usual)


@lru_cache(maxsize=1 << 16)
def _distance(one: str, other: str) -> int:
    row = [column * _GAP for column in range(len(other) + 1)]
    for line, kana in enumerate(one, 1):
        previous, row[0] = row[0], line * _GAP
        for column, against in enumerate(other, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + _GAP, row[column - 1] + _GAP, previous + _difference(kana, against)),
            )
    return row[-1]


def _difference(kana: str, against: str) -> int:
    if kana == against:
        return 0
    return _ALIKE if kana.translate(_SOUND) == against.translate(_SOUND) else _OTHER
