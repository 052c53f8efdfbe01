"""Training the context model: multinomial logistic regression over hashed features, and how right a reader is.

One polyphone of a sentence is marked, so one softmax over its readings per sentence. All sentences are taken at
once (Adam, Kingma and Ba 2015, with falling steps and an L2 penalty): nothing is drawn by chance but the folds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context import ContextPinyin, Occurrences, Polyphones, occurrences
from hanmill.pipelines.annotate.pinyin.context_features import reading_slots
from hanmill.pipelines.annotate.pinyin.context_model import MAX_READINGS, ContextModel
from hanmill.pipelines.annotate.pinyin.neural_reader import neural_reader
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import TextReader, text_starts
from hanmill.pipelines.annotate.pinyin.word_readings import KINDS
from hanmill.pipelines.training.marked_polyphones import MarkedSentence, MarkedTextError

STEPS = 120
STEP_SIZE = 0.1
PENALTY = 0.3
#: Weights are kept in this part of one, and clipped at ±127 of them.
UNIT = 1 / 64
#: A sentence marked by hand counts as much as so many of the others.
SENTENCE_WEIGHT = 8
_SEED = 2024
_MEAN, _SQUARE = 0.9, 0.99


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Of ``sentences``, how many polyphones are right by pypinyin, each character's commonest reading, and ``context``.

    The last two were trained on the other folds; a character these do not hold is read by pypinyin.
    """

    sentences: int
    pypinyin: int
    commonest: int
    context: int


def train(
    sentences: Sequence[MarkedSentence],
    reader: TextReader,
    made_from: Mapping[str, Any],
    beside: Sequence[MarkedSentence] = (),
) -> ContextModel:
    """A model of all sentences; ``made_from`` is kept in it as it is.

    ``beside`` are others that count SENTENCE_WEIGHT times less: words of a dictionary, what another reader read.
    Readings that pypinyin's dictionaries do not know cannot be stored in a corpus, and are passed over. Raises
    MarkedTextError where nothing is left.
    """
    known = set(reader.dictionary.syllables) - {""}
    usable = [sentence for sentence in (*sentences, *beside) if sentence.reading in known]
    if not usable:
        raise MarkedTextError(f"{len(sentences):,} marked sentences: none with a reading that pypinyin knows")
    by_hand = sum(sentence.reading in known for sentence in sentences)
    weights = np.ones(len(usable))
    weights[:by_hand] = SENTENCE_WEIGHT if beside else 1
    texts = [sentence.text for sentence in usable]
    read = reader.read(texts)
    places = text_starts(texts) + np.array([sentence.place for sentence in usable], dtype=np.int64)
    answers = [reader.dictionary.syllables[answer] for answer in read.found.syllables[places].tolist()]
    characters = [chr(code) for code in read.codepoints[places].tolist()]
    readings = _readings([(c, one.reading) for c, one in zip(characters, usable, strict=True)], answers)
    polyphones = Polyphones.of(readings, reader.dictionary.syllables)
    gold = np.array([readings[c].index(one.reading) for c, one in zip(characters, usable, strict=True)])
    slots, learnt, agreement = _fit(occurrences(read, places, polyphones), polyphones.counts, gold, weights)
    whole = np.clip(np.rint(learnt / UNIT), -127, 127).astype(np.int8)
    return ContextModel(
        readings,
        slots[whole != 0],
        whole[whole != 0],
        tuple(int(weight) for weight in np.rint(agreement / UNIT)),
        made_from,
    )


def right(annotator: PinyinAnnotator | ContextPinyin, sentences: Sequence[MarkedSentence]) -> NDArray[np.bool_]:
    """bool [n]: whether the marked polyphone of each sentence is read as its label says."""
    ids = annotator.annotate([sentence.text for sentence in sentences])
    visible = [len("".join(sentence.text.split())) for sentence in sentences]
    starts = np.cumsum([0, *visible])[:-1]
    places = starts + np.array([len("".join(one.text[: one.place].split())) for one in sentences], dtype=np.int64)
    read = [annotator.syllables[answer] for answer in ids[places].tolist()]
    return np.array([found == one.reading for found, one in zip(read, sentences, strict=True)], dtype=bool)


def cross_validate(
    sentences: Sequence[MarkedSentence],
    reader: TextReader,
    folds: int,
    beside: Sequence[MarkedSentence] = (),
) -> CrossValidation:
    """Every sentence read by a model of the other folds and of those ``beside``, which are not counted.

    Equal texts are in one fold. Raises ValueError for few.
    """
    texts = sorted({sentence.text for sentence in sentences})
    if not 2 <= folds <= len(texts):
        raise ValueError(f"folds: {folds}; expected from 2 up to the {len(texts):,} different sentences")
    drawn = np.random.default_rng(_SEED).permutation(len(texts)) % folds
    fold_of = dict(zip(texts, drawn.tolist(), strict=True))
    commonest = context = 0
    for fold in range(folds):
        rest = [sentence for sentence in sentences if fold_of[sentence.text] != fold]
        held_out = [sentence for sentence in sentences if fold_of[sentence.text] == fold]
        context += int(right(ContextPinyin(train(rest, reader, {}, beside), reader, neural_reader()), held_out).sum())
        most = {
            character: counts.most_common(1)[0][0]
            for character, counts in _counts([(one.character, one.reading) for one in rest]).items()
        }
        seen = np.array([one.character in most for one in held_out])
        same = np.array([most.get(one.character) == one.reading for one in held_out])
        commonest += int(np.where(seen, same, right(reader.dictionary, held_out)).sum())
    return CrossValidation(len(sentences), int(right(reader.dictionary, sentences).sum()), commonest, context)


def _counts(marked: Sequence[tuple[str, str]]) -> dict[str, Counter[str]]:
    """Characters in order, each with its readings, those equally common in order too."""
    counts: dict[str, Counter[str]] = {}
    for character, reading in sorted(marked):
        counts.setdefault(character, Counter())[reading] += 1
    return counts


def _readings(marked: Sequence[tuple[str, str]], answers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A character's readings: those it is marked with, the commonest first, then the dictionary's for it there."""
    counts = _counts(marked)
    for character, answer in sorted({(c, answer) for (c, _), answer in zip(marked, answers, strict=True)}):
        counts[character][answer] += 0
    return {
        character: tuple(reading for reading, _ in readings.most_common(MAX_READINGS) if reading)
        for character, readings in counts.items()
    }


def _fit(
    found: Occurrences, counts: NDArray[np.int64], gold: NDArray[np.int64], importance: NDArray[np.float64]
) -> tuple[NDArray[np.uint32], NDArray[np.float64], NDArray[np.float64]]:
    """Slots (ascending) and their weights, and the weights of agreement with the dictionary by kind of evidence.

    ``gold`` int64 [k] is the number of the right reading of each occurrence, ``importance`` [k] what it counts.
    """
    sizes = counts[found.rows]
    several = np.flatnonzero(sizes > 1)
    sizes = sizes[several]
    starts = np.cumsum(sizes) - sizes
    choices = np.repeat(several, sizes)
    reading = np.arange(len(choices)) - np.repeat(starts, sizes)
    slots, columns = np.unique(
        reading_slots(found.hashes[choices], reading.astype(np.uint32)[:, None]), return_inverse=True
    )
    columns = columns.reshape(len(choices), found.hashes.shape[1]).astype(np.int32)
    # Agreement is one more column of every choice: of the answer's kind, or of none (the last, never learnt).
    agrees = found.answers[choices] == reading
    agreement = len(slots) + np.where(agrees, found.kinds[choices], KINDS)
    columns = np.concatenate([columns, agreement[:, None].astype(np.int32)], axis=1)
    target = (gold[choices] == reading).astype(np.float64)

    size = len(slots) + KINDS + 1
    weights, mean, square, slope = (np.zeros(size) for _ in range(4))
    # Places in order of their columns: adding up runs is several times faster than adding here and there.
    order = np.argsort(columns.ravel(), kind="stable")
    of_choice = (order // columns.shape[1]).astype(np.int32)
    present, runs = np.unique(columns.ravel()[order], return_index=True)
    for step in range(1, STEPS + 1) if len(several) else ():
        scores = weights.astype(np.float32)[columns].sum(axis=1).astype(np.float64)
        chances = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        chances /= np.repeat(np.add.reduceat(chances, starts), sizes)
        error = (chances - target) * importance[choices]
        slope[present] = np.add.reduceat(error[of_choice], runs)
        slope += PENALTY * weights
        slope[-1] = 0
        mean = _MEAN * mean + (1 - _MEAN) * slope
        square = _SQUARE * square + (1 - _SQUARE) * slope * slope
        change = mean / (1 - _MEAN**step) / (np.sqrt(square / (1 - _SQUARE**step)) + 1e-8)
        weights -= STEP_SIZE * (1 - (step - 1) / STEPS) * change
        slope[:] = 0
    return slots.astype(np.uint32), weights[: len(slots)], weights[len(slots) : -1]
