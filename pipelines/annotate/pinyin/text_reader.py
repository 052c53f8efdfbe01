"""Texts as the context model sees them: simplified, cut into words, read by the dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.pinyin.context_features import WINDOW
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator, matches, phrase_automaton
from hanmill.pipelines.annotate.pinyin.word_readings import WordDictionary, WordReadings
from hanmill.pipelines.annotate.words import Segmenter, Words, native_text
from hanmill.pipelines.text.characters import WHITE_SPACE, code_points
from hanmill.pipelines.text.simplified_form import SimplifiedForm
from hanmill.pipelines.text.tsv import read_tsv
from hanmill.schemas.recipe import SegmentRecipe

_APART = "\n" * WINDOW
#: The last one that has a word is right.
_TABLES = ("cedict_words.tsv", "words.tsv")
_UNCERTAIN = "uncertain_words.tsv"
_SURNAMES, _TITLES = "surnames.tsv", "titles.tsv"


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """The n code points of texts in simplified form, so far apart that none is another's context.

    ``codepoints`` uint32 [n]; ``ends`` bool [n], whether a word ends with a character; ``found`` the dictionary's
    answer.
    """

    codepoints: NDArray[np.uint32]
    ends: NDArray[np.bool_]
    found: WordReadings


class TextReader:
    """Reads texts by the words that a segmenter cuts. Built once per process."""

    def __init__(self, dictionary: PinyinAnnotator, segmenter: Segmenter | None = None) -> None:
        """Without a segmenter texts that come without words are cut by the program's own, built when first needed."""
        self.dictionary = dictionary
        self._segmenter = segmenter
        names = addressed_names(dictionary)
        by_hand = [*(word for word, _ in read_tsv(__package__, _TABLES[-1], 2)), *names]
        words = {**names, **word_readings()}
        self._words = WordDictionary(dictionary, words, uncertain_words(), frozenset(by_hand))
        self._simplify = SimplifiedForm()
        joined = [word for word in by_hand if len(word) > 1]
        self._joined = phrase_automaton(joined)
        self._joined_lengths = np.array([len(word) for word in joined], dtype=np.int64)

    def read(self, texts: Sequence[str], words: Sequence[Words] | None = None) -> ReadTexts:
        """Reads texts; ``words`` are theirs by the same segmenter, cut here where they are not given."""
        cut = self._cut(texts) if words is None else words
        written = [native_text(text) for text in texts]
        codes = self._read_forms(spread(written), spread(self._simplify.each(written)))
        ends = _word_ends(codes, cut)
        self._join(codes, ends)
        return ReadTexts(codes, ends, self._words.read(codes, ends))

    def _join(self, codepoints: NDArray[np.uint32], ends: NDArray[np.bool_]) -> None:
        """Makes one word of several that the table put right by hand has as one (睡 着)."""
        words, firsts = matches(self._joined, codepoints)
        lasts = firsts + self._joined_lengths[words] - 1
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            if ends[first - 1] and ends[last]:
                ends[first:last] = False

    def _cut(self, texts: Sequence[str]) -> list[Words]:
        if self._segmenter is None:
            self._segmenter = ChineseSegmenter(SegmentRecipe())
        return self._segmenter.segment(texts)

    def _read_forms(self, written: NDArray[np.uint32], simplified: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Simplified, but where pypinyin reads only one of the two (煇, whose simplified form is too rare)."""
        changed = np.flatnonzero(written != simplified)
        read = self.dictionary.default(written[changed]), self.dictionary.default(simplified[changed])
        kept = changed[(read[0] == 0) | (read[1] == 0)]
        forms = simplified.copy()
        forms[kept] = written[kept]
        return forms


def spread(texts: Sequence[str]) -> NDArray[np.uint32]:
    """uint32: the code points of all texts, so far apart that none is another's context."""
    return code_points(_APART + "".join(text + _APART for text in texts))


def text_starts(texts: Sequence[str]) -> NDArray[np.int64]:
    """int64: where each text begins among the code points of ``spread``."""
    lengths = np.array([len(text) + WINDOW for text in texts], dtype=np.int64)
    starts: NDArray[np.int64] = WINDOW + np.cumsum(lengths) - lengths
    return starts


def word_readings() -> Mapping[str, tuple[str, ...]]:
    """Words that pypinyin's phrases lack or read otherwise, and their syllables (``pian2 yi2``)."""
    rows = (row for table in _TABLES for row in read_tsv(__package__, table, 2))
    return {word: tuple(syllables.split(" ")) for word, syllables in rows}


def uncertain_words() -> frozenset[str]:
    """Words of which the dictionary gives one of several readings (穿着)."""
    return frozenset(word for (word,) in read_tsv(__package__, _UNCERTAIN, 1))


def addressed_names(dictionary: PinyinAnnotator) -> Mapping[str, tuple[str, ...]]:
    """Surnames with a title after or 姓 before them (单老师, 姓解) and their syllables."""
    known = word_readings()
    plain = {
        title: (known.get(title) or [dictionary.syllables[number] for number in dictionary.annotate([title])], kind)
        for title, kind in read_tsv(__package__, _TITLES, 2)
    }
    found: dict[str, tuple[str, ...]] = {}
    for surname, reading, kind in read_tsv(__package__, _SURNAMES, 3):
        syllables = tuple(reading.split(" "))
        found["姓" + surname] = ("xing4", *syllables)
        for title, (after, of_kind) in plain.items():
            if kind in ("all", of_kind):
                found[surname + title] = (*syllables, *after)
    return found


def _word_ends(codepoints: NDArray[np.uint32], words: Sequence[Words]) -> NDArray[np.bool_]:
    white = WHITE_SPACE[codepoints]
    ends = white.copy()
    ends[:-1] |= white[1:]
    lengths = np.concatenate([one.lengths for one in words]) if words else np.zeros(0, dtype=np.int64)
    ends[np.flatnonzero(~white)[np.cumsum(lengths) - 1]] = True
    return ends
