"""Phrases whose reading is not that of their words: 傍若無人 ボウジャクブジン, 浅草寺 センソウジ, 被害を被る.

They are found in the text and count where they begin and end with a word; a phrase that inflects (``性に合う``) ends
inside one whose rest is kana.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, MatchKind

from pipelines.annotate.japanese.kana import is_kana, takes_reading
from pipelines.annotate.japanese.reading_corrections import NUMBER
from pipelines.annotate.japanese.romaji import katakana
from pipelines.annotate.japanese.unidic import Word

#: What a phrase ends with that goes on with an inflection.
INFLECTS = "~"
#: A word's kana in the place of others that sound like them and of others, and kana left over or missing.
_ALIKE, _OTHER, _GAP = 1, 4, 3
_SOUND = str.maketrans(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポックキチ",
    "カキクケコサシスセソタツツテトハヒフヘホハヒフヘホツツツツ",
)
#: A word in kana that would be read otherwise than it is written.
_MOST = 1000


class PhraseReadings:
    """Finds phrases among the words of a line. Built once per process."""

    def __init__(self, readings: Mapping[str, str]) -> None:
        """``readings`` maps phrases to katakana; those that end with INFLECTS go on with kana."""
        self._phrases = [phrase.removesuffix(INFLECTS) for phrase in readings]
        self._inflects = [phrase.endswith(INFLECTS) for phrase in readings]
        self._readings = list(readings.values())
        self._automaton = AhoCorasick(self._phrases, matchkind=MatchKind.Standard)

    def find(self, line: str, words: Sequence[Word]) -> list[tuple[int, int, str]]:
        """First word, last word (exclusive) and reading of phrases in a line, none within another.

        ``words`` are the line's, white space left out.
        """
        found = self._automaton.find_matches_as_indexes(line, overlapping=True)
        return self._placed(line, words, found) if found else []

    def _placed(
        self, line: str, words: Sequence[Word], found: list[tuple[int, int, int]]
    ) -> list[tuple[int, int, str]]:
        ends = list(accumulate(len(word.surface) for word in words))
        starts = {0: 0, **{end: index for index, end in enumerate(ends, 1)}}
        placed: list[tuple[int, int, str]] = []
        last = 0
        for number, start, stop in sorted(found, key=lambda match: (match[1], -match[2])):
            spaces = line.count(" ", 0, start)
            first, end = starts.get(start - spaces), stop - spaces
            if first is None or first < last or (first and words[first - 1].kind == NUMBER):
                continue
            after = starts.get(end)
            reading = self._readings[number]
            if self._inflects[number] and after is not None:
                # 食べ|た ends a phrase where a word ends; 投合|し is no form of 投合う.
                if not is_kana(line[stop - 1 : stop + 1]):
                    continue
            elif self._inflects[number]:
                after = bisect_right(ends, end) + 1
                rest = words[after - 1].surface[end - ends[after - 1] :]
                if not is_kana(rest):
                    continue
                reading += katakana(rest)
            elif after is None:
                continue
            placed.append((first, after, reading))
            last = after
        return placed


@lru_cache(maxsize=1 << 14)
def divided(surfaces: tuple[str, ...], readings: tuple[str, ...], whole: str) -> tuple[str, ...] | None:
    """``whole`` cut into the readings of words, as near as can be to what each would read alone.

    None where a word that takes a reading would be left without one.

    >>> divided(("劇作", "家"), ("ゲキサク", "カ"), "ゲキサッカ")
    ('ゲキサッ', 'カ')
    """
    count, size = len(surfaces), len(whole)
    none = float("inf")
    # best[k][e]: the least cost of the first k words for whole[:e], and where the last of them begins.
    best: list[list[tuple[float, int]]] = [[(0.0, 0)] + [(none, 0)] * size]
    for surface, own in zip(surfaces, readings, strict=True):
        least = 1 if takes_reading(surface) else 0
        row: list[tuple[float, int]] = []
        for end in range(size + 1):
            row.append(
                min(
                    (
                        (best[-1][start][0] + _cost(surface, own, whole[start:end]), -start)
                        for start in range(end - least + 1)
                        if best[-1][start][0] < none
                    ),
                    default=(none, 0),
                )
            )
        best.append(row)
    if best[count][size][0] == none:
        return None
    parts = []
    end = size
    for row in reversed(best[1:]):
        start = -row[end][1]
        parts.append(whole[start:end])
        end = start
    return tuple(reversed(parts))


def _cost(surface: str, own: str, part: str) -> int:
    return _distance(own, part) if own == part or not is_kana(surface) else _MOST


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
