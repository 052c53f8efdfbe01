"""Readings of texts by their words: a phrase of the dictionary counts only where it agrees with the words cut.

pypinyin finds 目的 in 项目的 and 都会 in 我们都会, for it does not know where words end. Here a phrase is a word, a
part of one, or several whole words and at least three characters long: 都 and 会 side by side are not 都会.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.phrases import END_OF_RUN, PinyinAnnotator, matches, phrase_automaton

#: Kinds of evidence: none; a phrase inside a word (of 2, of more characters); a word of one character; a word of the
#: dictionary (of 2, 3, more characters); several words that are a phrase together (of 3, of more characters).
KINDS = 9
NONE, INSIDE, ALONE, WHOLE, SEVERAL = 0, 1, 3, 4, 7
_SHORTEST_OF_SEVERAL = 3
#: Their tones follow the next syllable's, whatever the words are (一个人 yi2); pypinyin's phrases say so.
_SANDHI = "一不"


@dataclass(frozen=True, slots=True)
class WordReadings:
    """The dictionary's answer for n code points, and what it comes from.

    ``syllables`` uint16 [n]; ``before`` and ``after`` uint8 [n]: how many characters of its phrase stand before and
    after a character, both 0 outside phrases; ``kinds`` int64 [n], below KINDS; ``sure`` bool [n], whether no model
    need be asked.
    """

    syllables: NDArray[np.uint16]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    kinds: NDArray[np.int64]
    sure: NDArray[np.bool_]


class WordDictionary:
    """pypinyin's phrases and ``words`` (word to syllables, which come first), read by the words of texts.

    ``uncertain`` words have several readings: what the dictionary says of them is no more than of a part of a word.
    Of those that are ``sure`` it says all.
    """

    def __init__(
        self,
        dictionary: PinyinAnnotator,
        words: Mapping[str, tuple[str, ...]],
        uncertain: Collection[str] = (),
        sure: Collection[str] = (),
    ) -> None:
        """Raises KeyError for a syllable that pypinyin's dictionaries do not know."""
        self._dictionary = dictionary
        ids = {syllable: index for index, syllable in enumerate(dictionary.syllables)}
        spelled = dictionary.spelled() | {word: tuple(ids[one] for one in each) for word, each in words.items()}
        self._lengths = np.array([len(each) for each in spelled.values()], dtype=np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._readings = np.array([one for each in spelled.values() for one in each], dtype=np.uint16)
        self._certain = np.array([word not in uncertain for word in spelled])
        self._sure = np.array([word in sure for word in spelled])
        self._automaton = phrase_automaton(list(spelled))

    def read(self, codepoints: NDArray[np.uint32], ends: NDArray[np.bool_]) -> WordReadings:
        """Reads code points in simplified form; ``ends`` bool [n]: whether a word ends with a character."""
        begins = np.concatenate(([True], ends[:-1]))
        words = np.cumsum(begins)
        found = WordReadings(
            self._dictionary.default(codepoints),
            np.zeros(len(codepoints), dtype=np.uint8),
            np.zeros(len(codepoints), dtype=np.uint8),
            np.where(begins & ends, ALONE, NONE),
            np.zeros(len(codepoints), dtype=bool),
        )
        self._read_words(codepoints, words, begins & ends, found)
        self._read_several(codepoints, words, begins, ends, found)
        return found

    def _read_words(
        self, codepoints: NDArray[np.uint32], words: NDArray[np.int64], alone: NDArray[np.bool_], found: WordReadings
    ) -> None:
        """Phrases that are words or stand in one."""
        size = len(codepoints)
        apart = np.arange(size) + words
        haystack = np.full(size + int(words[-1]) + 1, ord(END_OF_RUN), dtype=np.uint32)
        haystack[apart] = self._dictionary.masked(codepoints)
        phrases, places = matches(self._automaton, haystack)
        lengths = self._lengths[phrases]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        # Where a word stands among words kept apart, its number says how far it was moved.
        moved = np.zeros(len(haystack), dtype=np.int64)
        moved[apart] = words
        firsts = places - moved[places]
        where = np.repeat(firsts, lengths) + within
        found.syllables[where] = self._readings[np.repeat(self._starts[phrases], lengths) + within]
        found.before[where] = within
        found.after[where] = np.repeat(lengths - 1, lengths) - within
        # The character before and after the phrase belong to other words: the phrase is the whole word.
        padded = np.concatenate(([0], words, [0]))
        whole = (padded[firsts] != words[firsts]) & (padded[firsts + lengths + 1] != words[firsts])
        found.sure[where] = np.repeat(whole & self._sure[phrases], lengths)
        whole &= self._certain[phrases]
        # A longer phrase is itself wherever it stands: names and verse are often cut wrong (山重水复疑/无/路).
        itself = whole | (lengths > _SHORTEST_OF_SEVERAL)
        kinds = np.where(itself, WHOLE + np.clip(lengths - 2, 0, 2), INSIDE + np.clip(lengths - 2, 0, 1))
        found.kinds[where] = np.repeat(np.where(lengths > 1, kinds, ALONE), lengths)

    def _read_several(
        self,
        codepoints: NDArray[np.uint32],
        words: NDArray[np.int64],
        begins: NDArray[np.bool_],
        ends: NDArray[np.bool_],
        found: WordReadings,
    ) -> None:
        """pypinyin's own phrases that are several words, and its 一 and 不 whatever the words."""
        plain = self._dictionary.read(codepoints)
        sandhi = (codepoints == ord(_SANDHI[0])) | (codepoints == ord(_SANDHI[1]))
        found.syllables[sandhi] = plain.syllables[sandhi]
        inside = np.flatnonzero(plain.before + plain.after + 1 >= _SHORTEST_OF_SEVERAL)
        before, after = plain.before[inside], plain.after[inside]
        first, last = inside - before, inside + after
        # Longer ones are hardly ever found by chance.
        agree = (begins[first] & ends[last]) | (before + after + 1 > _SHORTEST_OF_SEVERAL)
        several = (words[first] != words[last]) & agree
        inside, before, after = inside[several], before[several], after[several]
        found.syllables[inside] = plain.syllables[inside]
        found.before[inside] = before
        found.after[inside] = after
        found.kinds[inside] = SEVERAL + (before + after + 1 > _SHORTEST_OF_SEVERAL)
