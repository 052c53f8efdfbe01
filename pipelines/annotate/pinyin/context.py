"""Pinyin by a linear model over each polyphone's neighbours, pypinyin's own answer among its features.

A character the model has not seen keeps pypinyin's answer, and so does one that stands in a phrase of pypinyin's
dictionary with a reading the model does not know. Weights are integers: the answer is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context_features import (
    SLOTS,
    WINDOW,
    feature_slots,
    phrase_lengths,
    reading_slots,
)
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL, ContextModel, ReadingsModelError, read_model
from hanmill.pipelines.annotate.pinyin.phrases import PhraseReadings, PinyinAnnotator
from hanmill.pipelines.annotate.words import native_text
from hanmill.pipelines.text.character_conversion import CharacterConverter
from hanmill.pipelines.text.characters import CODE_POINTS, WHITE_SPACE, code_points
from hanmill.schemas.recipe import ReadingsRecipe

_APART = "\n" * WINDOW


@dataclass(frozen=True, slots=True)
class Polyphones:
    """The characters of a model and their readings as arrays; c characters with at most r readings each.

    ``number`` int16 [0x110000]: a code point's row, -1 for those outside the model. ``syllables`` uint16 [c, r]:
    syllable ids in the model's order, 0 after the last; ``counts`` int64 [c].
    """

    number: NDArray[np.int16]
    syllables: NDArray[np.uint16]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, readings: Mapping[str, Sequence[str]], syllables: Sequence[str]) -> Polyphones:
        """Raises KeyError for a reading that is not among ``syllables``."""
        ids = {syllable: index for index, syllable in enumerate(syllables) if syllable}
        number = np.full(CODE_POINTS, -1, dtype=np.int16)
        number[[ord(character) for character in readings]] = np.arange(len(readings), dtype=np.int16)
        counts = np.array([len(each) for each in readings.values()], dtype=np.int64)
        table = np.zeros((len(readings), counts.max(initial=1)), dtype=np.uint16)
        for row, each in enumerate(readings.values()):
            table[row, : len(each)] = [ids[reading] for reading in each]
        return cls(number, table, counts)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Places int64 [k] of a model's characters in a batch, and what decides between their readings.

    ``rows`` int64 [k] in Polyphones; ``answers`` int64 [k]: the number of pypinyin's answer among the readings, -1
    where it is none of them; ``hashes`` uint32 [k, features]; ``lengths`` int64 [k] of pypinyin's phrases.
    """

    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    answers: NDArray[np.int64]
    hashes: NDArray[np.uint32]
    lengths: NDArray[np.int64]


def spread(texts: Sequence[str]) -> NDArray[np.uint32]:
    """uint32: the code points of all texts, so far apart that none is another's context."""
    return code_points(_APART + "".join(text + _APART for text in texts))


def occurrences(
    codepoints: NDArray[np.uint32], places: NDArray[np.int64], polyphones: Polyphones, pypinyin: PhraseReadings
) -> Occurrences:
    """Features of the characters at ``places`` of ``spread`` texts, all of them in ``polyphones``."""
    rows = polyphones.number[codepoints[places]].astype(np.int64)
    # 0 stands in the table where a character has no more readings, and where pypinyin has none.
    same = (polyphones.syllables[rows] == pypinyin.syllables[places, None]) & (polyphones.syllables[rows] > 0)
    answers = np.where(same.any(axis=1), same.argmax(axis=1), -1)
    before, after = pypinyin.before[places], pypinyin.after[places]
    hashes = feature_slots(codepoints, places, answers, before, after)
    return Occurrences(places, rows, answers, hashes, phrase_lengths(before, after))


class ContextPinyin:
    """One syllable id per character, as PinyinAnnotator gives, by a context model. Built once per process."""

    syllables: tuple[str, ...]

    def __init__(self, model: ContextModel, dictionary: PinyinAnnotator) -> None:
        """Raises ReadingsModelError for a reading that the dictionary does not know."""
        self.syllables = dictionary.syllables
        self._dictionary = dictionary
        self._simplify = CharacterConverter("t2s")
        try:
            self._polyphones = Polyphones.of(model.readings, dictionary.syllables)
        except KeyError as error:
            raise ReadingsModelError(f"reading {error} of the model: not in pypinyin's dictionaries") from error
        self._weights = np.zeros(SLOTS, dtype=np.int8)
        self._weights[model.slots] = model.weights
        self._agreement = np.array(model.agreement, dtype=np.int32)

    def annotate(self, texts: Sequence[str]) -> NDArray[np.uint16]:
        """uint16: the syllable ids of the characters of all texts in order, white space left out; 0 for none.

        Texts are read in their simplified form, which model and dictionary know best; a character keeps its own where
        pypinyin reads only one of the two (煇, whose simplified form is too rare).
        """
        written = [native_text(text) for text in texts]
        codes = self._read_forms(spread(written), spread(self._simplify.each(written)))
        found = self._dictionary.read(codes)
        places = np.flatnonzero(self._polyphones.number[codes] >= 0)
        if len(places):
            self._decide(occurrences(codes, places, self._polyphones, found), found.syllables)
        return found.syllables[~WHITE_SPACE[codes]]

    def _read_forms(self, written: NDArray[np.uint32], simplified: NDArray[np.uint32]) -> NDArray[np.uint32]:
        changed = np.flatnonzero(written != simplified)
        read = self._dictionary.default(written[changed]), self._dictionary.default(simplified[changed])
        kept = changed[(read[0] == 0) | (read[1] == 0)]
        forms = simplified.copy()
        forms[kept] = written[kept]
        return forms

    def _decide(self, polyphones: Occurrences, syllables: NDArray[np.uint16]) -> None:
        """Puts the best reading of every occurrence in its place."""
        best = np.zeros(len(polyphones.places), dtype=np.int64)
        counts = self._polyphones.counts[polyphones.rows]
        several = np.flatnonzero(counts > 1)
        highest = self._scores(polyphones, several, 0)
        for reading in range(1, int(counts.max())):
            kept = counts[several] > reading
            several, highest = several[kept], highest[kept]
            scores = self._scores(polyphones, several, reading)
            better = scores > highest
            best[several[better]] = reading
            highest[better] = scores[better]
        # Nothing the model has seen speaks against a phrase whose reading it does not know.
        decided = (polyphones.answers >= 0) | (polyphones.lengths == 0)
        chosen = self._polyphones.syllables[polyphones.rows[decided], best[decided]]
        syllables[polyphones.places[decided]] = chosen

    def _scores(self, polyphones: Occurrences, which: NDArray[np.int64], reading: int) -> NDArray[np.int32]:
        weights = self._weights[reading_slots(polyphones.hashes[which], reading)]
        agreement = np.where(polyphones.answers[which] == reading, self._agreement[polyphones.lengths[which]], 0)
        scores: NDArray[np.int32] = weights.sum(axis=1, dtype=np.int32) + agreement.astype(np.int32)
        return scores


def pinyin_annotator(settings: ReadingsRecipe) -> PinyinAnnotator | ContextPinyin:
    """The annotator a recipe asks for. Raises ReadingsModelError."""
    if settings.chinese == "pypinyin":
        return PinyinAnnotator()
    path = Path(settings.chinese_model or SHIPPED_MODEL)
    return ContextPinyin(read_model(path), PinyinAnnotator())
