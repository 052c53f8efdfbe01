"""Pinyin by a linear model over each polyphone's neighbours, pypinyin's own answer among its features.

A character the model has not seen keeps pypinyin's answer, and so does one that stands in a phrase of pypinyin's
dictionary with a reading the model does not know. Where the model is unsure a second reader is asked too. Weights are
integers: the answer is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context_features import SLOTS, feature_slots, reading_slots
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL, ContextModel, ReadingsModelError, read_model
from hanmill.pipelines.annotate.pinyin.neural_reader import NeuralReader, neural_reader
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import ReadTexts, TextReader
from hanmill.pipelines.annotate.pinyin.word_readings import ALONE, NONE, WHOLE
from hanmill.pipelines.annotate.words import Segmenter, Words
from hanmill.pipelines.text.characters import CODE_POINTS, WHITE_SPACE
from hanmill.schemas.recipe import ReadingsRecipe

#: Where the dictionary has the whole word, the model must be so much surer of another reading (64 are e times the
#: odds).
_CERTAINTY = 640
#: These are words of their own nearly everywhere; of the few words they are in the dictionary knows more (目的, 为了,
#: 睡着).
_MOSTLY_ALONE = frozenset("的地得着了过都会和为还只")
_SURE = 1 << 14
#: Where the best reading leads the next by less, the second reader is asked (64 are e times the odds).
_UNSURE = 192


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
    where it is none of them; ``hashes`` uint32 [k, features]; ``kinds`` int64 [k] of what the answers come from;
    ``sure`` bool [k] where no weight speaks.
    """

    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    answers: NDArray[np.int64]
    hashes: NDArray[np.uint32]
    kinds: NDArray[np.int64]
    sure: NDArray[np.bool_]


def occurrences(read: ReadTexts, places: NDArray[np.int64], polyphones: Polyphones) -> Occurrences:
    """Features of the characters at ``places`` of texts, all of them in ``polyphones``."""
    rows = polyphones.number[read.codepoints[places]].astype(np.int64)
    # 0 stands in the table where a character has no more readings, and where the dictionary has none.
    syllables = polyphones.syllables[rows]
    same = (syllables == read.found.syllables[places, None]) & (syllables > 0)
    answers = np.where(same.any(axis=1), same.argmax(axis=1), -1)
    hashes = feature_slots(read.codepoints, places, answers, read.found, read.ends)
    return Occurrences(places, rows, answers, hashes, read.found.kinds[places], read.found.sure[places])


class ContextPinyin:
    """One syllable id per character, as PinyinAnnotator gives, by a context model. Built once per process."""

    syllables: tuple[str, ...]

    def __init__(self, model: ContextModel, reader: TextReader, second: NeuralReader | None = None) -> None:
        """Raises ReadingsModelError for a reading that the dictionary does not know."""
        self.syllables = reader.dictionary.syllables
        self._reader = reader
        try:
            self._polyphones = Polyphones.of(model.readings, self.syllables)
        except KeyError as error:
            raise ReadingsModelError(f"reading {error} of the model: not in pypinyin's dictionaries") from error
        self._weights = np.zeros(SLOTS, dtype=np.int8)
        self._weights[model.slots] = model.weights
        self._agreement = np.array(model.agreement, dtype=np.int32)
        alone = [character in _MOSTLY_ALONE for character in model.readings]
        self._certainty = np.where(alone, _SURE, _CERTAINTY).astype(np.int32)
        self._second = second
        names = np.array(self.syllables, dtype=object)[self._polyphones.syllables]
        known = second.readings if second else {}
        self._candidates = np.array([[known.get(name, -1) for name in each] for each in names], dtype=np.int64)
        self._asked = np.array([second is not None and character in second.asked for character in model.readings])

    def annotate(self, texts: Sequence[str], words: Sequence[Words] | None = None) -> NDArray[np.uint16]:
        """uint16: the syllable ids of the characters of all texts in order, white space left out; 0 for none.

        ``words`` are the texts' own, of the recipe's segmenter; without them they are cut here. Texts are read in their
        simplified form, which model and dictionary know best.
        """
        read = self._reader.read(texts, words)
        places = np.flatnonzero(self._polyphones.number[read.codepoints] >= 0)
        if len(places):
            self._decide(occurrences(read, places, self._polyphones), read)
        return read.found.syllables[~WHITE_SPACE[read.codepoints]]

    def _decide(self, polyphones: Occurrences, read: ReadTexts) -> None:
        """Puts the best reading of every occurrence in its place."""
        best = np.zeros(len(polyphones.places), dtype=np.int64)
        counts = self._polyphones.counts[polyphones.rows]
        several = np.flatnonzero(counts > 1)
        highest = np.zeros(len(best), dtype=np.int32)
        highest[several] = self._scores(polyphones, several, 0)
        lead = np.full(len(best), _SURE, dtype=np.int32)
        for reading in range(1, int(counts.max())):
            several = several[counts[several] > reading]
            scores = self._scores(polyphones, several, reading)
            ahead = scores - highest[several]
            better = ahead > 0
            lead[several] = np.where(better, ahead, np.minimum(lead[several], -ahead))
            best[several[better]] = reading
            highest[several[better]] = scores[better]
        # Nothing the model has seen speaks against a phrase whose reading it does not know.
        decided = (polyphones.answers >= 0) | (polyphones.kinds == NONE) | (polyphones.kinds == ALONE)
        decided &= ~polyphones.sure
        unsure = np.flatnonzero(decided & (lead < _UNSURE) & self._asked[polyphones.rows])
        if self._second and len(unsure):
            best[unsure] = self._of_both(polyphones, unsure, self._second, read.codepoints)
        chosen = self._polyphones.syllables[polyphones.rows[decided], best[decided]]
        read.found.syllables[polyphones.places[decided]] = chosen

    def _of_both(
        self, polyphones: Occurrences, which: NDArray[np.int64], second: NeuralReader, codepoints: NDArray[np.uint32]
    ) -> NDArray[np.int64]:
        """int64: the best readings by the scores of the model and of the second reader together."""
        rows = polyphones.rows[which]
        scores = second.scores(codepoints, polyphones.places[which], self._candidates[rows])
        for reading in range(scores.shape[1]):
            several = self._polyphones.counts[rows] > reading
            scores[several, reading] += self._scores(polyphones, which[several], reading)
            scores[~several, reading] = np.iinfo(np.int32).min
        best: NDArray[np.int64] = scores.argmax(axis=1)
        return best

    def _scores(self, polyphones: Occurrences, which: NDArray[np.int64], reading: int) -> NDArray[np.int32]:
        weights = self._weights[reading_slots(polyphones.hashes[which], reading)]
        kinds = polyphones.kinds[which]
        agreement = self._agreement[kinds] + np.where(kinds >= WHOLE, self._certainty[polyphones.rows[which]], 0)
        agreement = np.where(polyphones.answers[which] == reading, agreement, 0)
        scores: NDArray[np.int32] = weights.sum(axis=1, dtype=np.int32) + agreement.astype(np.int32)
        return scores


def pinyin_annotator(settings: ReadingsRecipe, segmenter: Segmenter | None = None) -> PinyinAnnotator | ContextPinyin:
    """The annotator a recipe asks for. Raises ReadingsModelError.

    ``segmenter`` is the recipe's for Chinese; without it texts given without their words are cut by the program's own.
    """
    if settings.chinese == "pypinyin":
        return PinyinAnnotator()
    path = Path(settings.chinese_model or SHIPPED_MODEL)
    return ContextPinyin(read_model(path), TextReader(PinyinAnnotator(), segmenter), neural_reader())
