"""Pinyin in context for whole batches, equal to pypinyin's syllable by syllable.

pypinyin (0.55) cuts a run of Han characters by strict forward maximum matching over its phrase dictionary; a
character outside any phrase takes the first reading of its own entry. Leftmost-longest multi-pattern matching
finds the same phrases, with one exception: where the whole rest of a run is the beginning of a phrase and holds
none at its own start, pypinyin reads the rest character by character, phrases inside it included. Those
beginnings are few; each is entered as a pattern that ends with the end of the run, and so takes precedence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray
from pypinyin import Style
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.converter import UltimateConverter

from hanmill.pipelines.annotate.pinyin.han_characters import han_characters
from hanmill.pipelines.annotate.words import Words
from hanmill.pipelines.text.characters import CODE_POINTS, WHITE_SPACE, code_points

#: Stands for everything that is not Han: phrases never reach across it.
END_OF_RUN = "\n"


@dataclass(frozen=True, slots=True)
class PhraseReadings:
    """pypinyin's answer for n code points, and the phrases it comes from.

    ``syllables`` uint16 [n]; ``before`` and ``after`` uint8 [n]: how many characters of its phrase stand before and
    after a character, both 0 outside phrases.
    """

    syllables: NDArray[np.uint16]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]


class PinyinAnnotator:
    """One syllable id per character, by pypinyin's dictionaries. Built once per process (about a second)."""

    #: ``syllables[0]`` is "" (no reading); the rest in ascending order, tone last (5 neutral), ü as ``v``.
    syllables: tuple[str, ...]

    def __init__(self) -> None:
        numbered = _numbered_tones()
        self.syllables = ("", *sorted(set(numbered.values())))
        ids = {syllable: index for index, syllable in enumerate(self.syllables)}

        self._single = np.zeros(CODE_POINTS, dtype=np.uint16)
        is_han = han_characters()
        of_reading = {reading: ids[syllable] for reading, syllable in numbered.items()}
        firsts = [of_reading[readings.split(",", 1)[0]] for readings in PINYIN_DICT.values()]
        self._single[list(PINYIN_DICT)] = firsts
        self._single[~is_han] = 0
        han = np.flatnonzero(is_han)
        self._masked = np.full(CODE_POINTS, ord(END_OF_RUN), dtype="<u4")
        self._masked[han] = han

        phrases = list(PHRASES_DICT)
        self._whole = len(phrases)
        spelled = [[of_reading[reading[0]] for reading in readings] for readings in PHRASES_DICT.values()]
        for beginning in _unfinished_phrases(phrases):
            phrases.append(beginning + END_OF_RUN)
            spelled.append([int(self._single[ord(character)]) for character in beginning] + [0])
        self._lengths = np.array([len(syllables) for syllables in spelled], dtype=np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._readings = np.fromiter(chain.from_iterable(spelled), dtype=np.uint16)
        self._automaton = phrase_automaton(phrases)

    def default(self, codepoints: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """uint16, one per code point: the reading of the character on its own."""
        return self._single[codepoints]

    def annotate(self, texts: Sequence[str], words: Sequence[Words] | None = None) -> NDArray[np.uint16]:
        """uint16: the syllable ids of the characters of all texts in order, white space left out.

        0 where a character is not Han or has no reading (pypinyin gives 鿉 the invented ``鿉5``). ``words`` change
        nothing: pypinyin knows none.
        """
        codes = code_points(END_OF_RUN.join([*texts, ""]))
        result = self._single[codes]
        phrases, places, within = self._matches(codes)
        result[places + within] = self._readings[self._starts[phrases] + within]
        return result[~WHITE_SPACE[codes]]

    def read(self, codepoints: NDArray[np.uint32]) -> PhraseReadings:
        """The same for code points, white space kept, with the phrases."""
        phrases, places, within = self._matches(codepoints)
        found = PhraseReadings(
            self._single[codepoints],
            np.zeros(len(codepoints), dtype=np.uint8),
            np.zeros(len(codepoints), dtype=np.uint8),
        )
        found.syllables[places + within] = self._readings[self._starts[phrases] + within]
        # The beginning of a phrase that breaks off is read character by character: no phrase.
        whole = phrases < self._whole
        phrases, places, within = phrases[whole], places[whole], within[whole]
        found.before[places + within] = within
        found.after[places + within] = self._lengths[phrases] - 1 - within
        return found

    def spelled(self) -> dict[str, tuple[int, ...]]:
        """pypinyin's phrases and the ids of their syllables."""
        bounds = zip(self._starts[: self._whole].tolist(), self._lengths[: self._whole].tolist(), strict=True)
        readings = self._readings.tolist()
        return {
            phrase: tuple(readings[start : start + length])
            for phrase, (start, length) in zip(PHRASES_DICT, bounds, strict=True)
        }

    def masked(self, codepoints: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The code points with everything that is not Han as END_OF_RUN."""
        return self._masked[codepoints]

    def _matches(self, codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """For every character of a match: its pattern, where the match begins, the character's place in it."""
        phrases, places = matches(self._automaton, self._masked[codes])
        lengths = self._lengths[phrases]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return np.repeat(phrases, lengths), np.repeat(places, lengths), within


def _numbered_tones() -> dict[str, str]:
    """Every reading of the dictionaries as written there (``zhōng``) to its numbered form (``zhong1``)."""
    marked = {reading[0] for phrase in PHRASES_DICT.values() for reading in phrase}
    marked.update(readings.split(",")[0] for readings in PINYIN_DICT.values())
    converter = UltimateConverter(neutral_tone_with_five=True)
    return {reading: converter.convert_style("", reading, style=Style.TONE3, strict=True) for reading in marked}


def _unfinished_phrases(phrases: Sequence[str]) -> Iterator[str]:
    """Proper beginnings of phrases that begin with no whole phrase and yet hold one further on."""
    whole = frozenset(phrases)
    alone: set[str] = set()
    for phrase in phrases:
        for end in range(1, len(phrase)):
            beginning = phrase[:end]
            if beginning in whole:
                break
            alone.add(beginning)
    return (
        beginning
        for beginning in sorted(alone)
        if any(beginning[start:end] in whole for start, end in combinations(range(1, len(beginning) + 1), 2))
    )


def matches(
    automaton: ahocorasick_rs.AhoCorasick, codepoints: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The leftmost, longest patterns among code points: their numbers, and where each begins."""
    haystack = codepoints.tobytes().decode("utf-32-le")
    found = np.array(automaton.find_matches_as_indexes(haystack), dtype=np.int64).reshape(-1, 3)
    return found[:, 0], found[:, 1]


def phrase_automaton(patterns: Sequence[str]) -> ahocorasick_rs.AhoCorasick:
    """Finds the leftmost, longest of the patterns."""
    return ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
