"""From files to Japanese phrases and a reading model: what ``hanmill readings train --lang ja`` does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hanmill.pipelines.annotate.japanese.kana import is_kana
from hanmill.pipelines.annotate.japanese.phrase_readings import Phrase
from hanmill.pipelines.annotate.japanese.reading_model import ReadingModel
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.training.japanese_dictionaries import read_jmdict, read_kanji
from hanmill.pipelines.training.japanese_marked_text import (
    JapaneseTextError,
    ReadText,
    lines_of,
    read_annotated,
    read_contexts,
)
from hanmill.pipelines.training.japanese_occurrences import Occurrence, occurrences
from hanmill.pipelines.training.japanese_phrases import (
    MORE_FRAMES,
    Dictionary,
    dictionary_phrases,
    harmful_surfaces,
    name_phrases,
    phrases_by_hand,
    without,
)
from hanmill.pipelines.training.japanese_readings_training import ReadingScore, cross_validate, train, words_told
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.recipe import SegmentRecipe

#: Of a context that was written for its reading, and of a word that another program reads as the dictionary does:
#: where the dictionary has one reading everywhere, that says little.
CONTEXT, TAUGHT, TAUGHT_ALWAYS = 2.0, 0.5, 0.1
#: Taught occurrences of one word.
MOST_TAUGHT = 300
_SEED = 20261128


@dataclass(frozen=True, slots=True)
class ReadingFiles:
    """Annotated corpora, contexts and text read by another program (see ``japanese_marked_text``).

    ``taught`` is cut into short words, ``judged`` into long ones: it speaks for and against names.
    """

    annotated: Sequence[Path]
    contexts: Sequence[Path] = ()
    taught: Sequence[Path] = ()
    judged: Sequence[Path] = ()

    def made_from(self, *others: Path) -> dict[str, Any]:
        """The hashes of all files."""
        paths = (*self.annotated, *self.contexts, *self.taught, *self.judged, *others)
        return {"files": {path.name: file_sha256(path) for path in paths}}


def make_phrases(files: ReadingFiles, jmdict: Path, names: Path | None) -> dict[str, Phrase]:
    """Phrases of JMdict and, where it says nothing, of names, without those that the texts speak against.

    Raises DictionaryFileError and JapaneseTextError.
    """
    bare = _segmenter(ReadingModel({}, {}), {})
    dictionary = Dictionary(read_jmdict(jmdict), read_kanji(jmdict))
    others = ((name, reading) for name, reading in _read_names(names)) if names else ()
    named = {name: reading for name, reading in others if name not in dictionary.headwords}
    of_names = name_phrases(bare, named, dictionary)
    judged = (text for path in files.judged for text in read_annotated(path))
    phrases = without(of_names, harmful_surfaces(bare, of_names, judged)) | dictionary_phrases(bare, dictionary)
    annotated = (text for path in files.annotated for text in read_annotated(path))
    return without(phrases, harmful_surfaces(bare, phrases, annotated)) | phrases_by_hand(bare, dictionary)


def with_more_phrases(phrases: Mapping[str, Phrase], model: ReadingModel, jmdict: Path) -> dict[str, Phrase]:
    """``phrases`` and the headwords of JMdict that are read wrong only because of them and of the model.

    農作物 is right as 農作 and 物 alone read; 第一人者 holds the phrase 一人者.
    """
    bare, whole = _segmenter(ReadingModel({}, {}), {}), _segmenter(model, phrases)
    dictionary = Dictionary(read_jmdict(jmdict), read_kanji(jmdict))
    right_alone = {
        headword: readings
        for headword, readings in dictionary.headwords.items()
        if "".join(bare.analysed(headword)[1]) in {each.reading for each in readings if not each.old}
    }
    return dictionary_phrases(whole, replace(dictionary, headwords=right_alone), MORE_FRAMES) | dict(phrases)


def make_model(files: ReadingFiles, phrases: Mapping[str, Phrase], folds: int) -> tuple[ReadingModel, ReadingScore]:
    """A model of all files, and how right one is on folds of the annotated corpora. Raises JapaneseTextError."""
    segmenter = _segmenter(ReadingModel({}, {}), phrases)
    found = [one for path in files.annotated for one in occurrences(segmenter, read_annotated(path))]
    beside = [one for path in files.contexts for one in occurrences(segmenter, read_contexts(path), CONTEXT)]
    words = words_told([*found, *beside])
    written = {one.key for one in beside}
    beside += _agreed(segmenter, [text for path in files.taught for text in read_annotated(path)], words, written)
    score = cross_validate([one for one in found if one.key in words], beside, folds)
    return train([*found, *beside], replace(files, judged=()).made_from()), score


def _segmenter(model: ReadingModel, phrases: Mapping[str, Phrase]) -> JapaneseSegmenter:
    return JapaneseSegmenter(SegmentRecipe(glue=False), model, phrases)


def _agreed(
    segmenter: JapaneseSegmenter, texts: Sequence[ReadText], words: frozenset[str], written: set[str]
) -> Iterator[Occurrence]:
    """Occurrences of ``words`` that the texts read as the dictionary does; of each some, drawn by chance."""
    by_key: dict[str, list[Occurrence]] = defaultdict(list)
    for one in occurrences(segmenter, texts):
        if one.key in words and one.reading == one.dictionary:
            by_key[one.key].append(one)
    for key, each in sorted(by_key.items()):
        always = key in written and len({one.dictionary for one in each}) == 1
        for index in np.random.default_rng(_SEED).permutation(len(each))[:MOST_TAUGHT].tolist():
            yield replace(each[index], weight=TAUGHT_ALWAYS if always else TAUGHT)


def _read_names(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in lines_of(path):
        if not line or line.startswith("#"):
            continue
        name, _, reading = line.partition("\t")
        if not name or not is_kana(reading):
            raise JapaneseTextError(f"{path}, line {number}: found {line[:60]!r}, expected a name, a tab, its katakana")
        yield name, reading
