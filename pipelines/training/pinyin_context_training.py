"""Training the context model: multinomial logistic regression over hashed features, and how right a reader is.

One polyphone of a sentence is marked, so one softmax over its readings per sentence. All sentences are taken at
once (Adam, Kingma and Ba 2015, with falling steps and an L2 penalty): nothing is drawn by chance but the folds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context import ContextPinyin, Occurrences, Polyphones, occurrences, spread
from hanmill.pipelines.annotate.pinyin.context_features import PHRASE_LENGTHS, WINDOW, reading_slots
from hanmill.pipelines.annotate.pinyin.context_model import MAX_READINGS, ContextModel
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.text.characters import CODE_POINTS, WHITE_SPACE
from hanmill.pipelines.training.marked_polyphones import MarkedSentence, MarkedTextError

STEPS = 120
STEP_SIZE = 0.1
PENALTY = 0.3
#: Weights are kept in this part of one, and clipped at ±127 of them.
UNIT = 1 / 64
#: So often a character outside of words is learnt beside its words.
MOST_OUTSIDE = 60
SENTENCE_WEIGHT = 3
_SEED = 2024
_MEAN, _SQUARE = 0.9, 0.99


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Of ``sentences``, how many polyphones pypinyin, each character's commonest reading, and the model have right.

    The last two were trained on the other folds; a character these do not hold is read by pypinyin.
    """

    sentences: int
    pypinyin: int
    commonest: int
    context: int


def train(
    sentences: Sequence[MarkedSentence],
    dictionary: PinyinAnnotator,
    made_from: Mapping[str, Any],
    words: Sequence[MarkedSentence] = (),
) -> ContextModel:
    """A model of all sentences; ``made_from`` is kept in it as it is.

    With ``words``, marked characters of words of a dictionary, it learns these too, beside SENTENCE_WEIGHT times the
    sentences, and the same characters outside of words: else their readings in words would speak for those outside too.

    Readings that pypinyin's dictionaries do not know cannot be stored in a corpus, and are passed over. Raises
    MarkedTextError where nothing is left.
    """
    if not words:
        return _train(sentences, dictionary, made_from)
    first = ContextPinyin(_train(sentences, dictionary, made_from), dictionary)
    outside = _outside_words(sentences, first, dictionary, {word.character for word in words})
    return _train([*sentences] * SENTENCE_WEIGHT + [*words, *outside], dictionary, made_from)


def _train(
    sentences: Sequence[MarkedSentence], dictionary: PinyinAnnotator, made_from: Mapping[str, Any]
) -> ContextModel:
    known = set(dictionary.syllables) - {""}
    usable = [sentence for sentence in sentences if sentence.reading in known]
    if not usable:
        raise MarkedTextError(f"{len(sentences):,} marked sentences: none with a reading that pypinyin knows")
    codes, places = _spread(usable)
    found = dictionary.read(codes)
    answers = [dictionary.syllables[answer] for answer in found.syllables[places].tolist()]
    readings = _readings(usable, answers)
    polyphones = Polyphones.of(readings, dictionary.syllables)
    gold = np.array([readings[one.character].index(one.reading) for one in usable], dtype=np.int64)
    slots, weights, agreement = _fit(occurrences(codes, places, polyphones, found), polyphones.counts, gold)
    whole = np.clip(np.rint(weights / UNIT), -127, 127).astype(np.int8)
    return ContextModel(
        readings,
        slots[whole != 0],
        whole[whole != 0],
        tuple(int(weight) for weight in np.rint(agreement / UNIT)),
        made_from,
    )


def _outside_words(
    sentences: Sequence[MarkedSentence], model: ContextPinyin, dictionary: PinyinAnnotator, characters: Collection[str]
) -> Iterator[MarkedSentence]:
    """Characters of the sentences that are in no phrase of pypinyin's, as the model reads them."""
    texts = sorted({sentence.text for sentence in sentences})
    texts = [texts[index] for index in np.random.default_rng(_SEED).permutation(len(texts)).tolist()]
    codes = spread(texts)
    found = dictionary.read(codes)
    read = np.zeros_like(found.syllables)
    read[~WHITE_SPACE[codes]] = model.annotate(texts)
    wanted = np.zeros(CODE_POINTS, dtype=bool)
    wanted[list(map(ord, characters))] = True
    alone = wanted[codes] & (found.before + found.after == 0) & (read > 0)
    starts = _starts(texts)
    places = np.flatnonzero(alone)
    taken: Counter[int] = Counter()
    for place, index in zip(places.tolist(), (np.searchsorted(starts, places, "right") - 1).tolist(), strict=True):
        taken[codes[place]] += 1
        if taken[codes[place]] <= MOST_OUTSIDE:
            yield MarkedSentence(texts[index], place - int(starts[index]), dictionary.syllables[read[place]])


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
    dictionary: PinyinAnnotator,
    folds: int,
    words: Sequence[MarkedSentence] = (),
) -> CrossValidation:
    """Every sentence read by a model of the other folds and of ``words``, which are not counted.

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
        context += int(right(ContextPinyin(train(rest, dictionary, {}, words), dictionary), held_out).sum())
        most = {character: counts.most_common(1)[0][0] for character, counts in _counts(rest).items()}
        seen = np.array([one.character in most for one in held_out])
        same = np.array([most.get(one.character) == one.reading for one in held_out])
        commonest += int(np.where(seen, same, right(dictionary, held_out)).sum())
    return CrossValidation(len(sentences), int(right(dictionary, sentences).sum()), commonest, context)


def _counts(sentences: Sequence[MarkedSentence]) -> dict[str, Counter[str]]:
    """Characters in order, each with its readings, those equally common in order too."""
    counts: dict[str, Counter[str]] = {}
    for character, reading in sorted((sentence.character, sentence.reading) for sentence in sentences):
        counts.setdefault(character, Counter())[reading] += 1
    return counts


def _readings(sentences: Sequence[MarkedSentence], answers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A character's readings: those of its labels, the commonest first, then what pypinyin gave for it there."""
    counts = _counts(sentences)
    for character, answer in sorted({(one.character, answer) for one, answer in zip(sentences, answers, strict=True)}):
        counts[character][answer] += 0
    return {
        character: tuple(reading for reading, _ in readings.most_common(MAX_READINGS) if reading)
        for character, readings in counts.items()
    }


def _spread(sentences: Sequence[MarkedSentence]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Code points of the sentences' texts, and where the marked characters are among them."""
    texts = [sentence.text for sentence in sentences]
    within = np.array([sentence.place for sentence in sentences], dtype=np.int64)
    return spread(texts), _starts(texts) + within


def _starts(texts: Sequence[str]) -> NDArray[np.int64]:
    """Where each text begins among the code points of ``spread``."""
    lengths = np.array([len(text) + WINDOW for text in texts], dtype=np.int64)
    starts: NDArray[np.int64] = WINDOW + np.cumsum(lengths) - lengths
    return starts


def _fit(
    found: Occurrences, counts: NDArray[np.int64], gold: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.float64], NDArray[np.float64]]:
    """Slots (ascending) and their weights, and the weights of agreement with pypinyin by length of phrase.

    ``gold`` int64 [k] is the number of the right reading of each occurrence.
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
    columns = columns.reshape(len(choices), found.hashes.shape[1])
    # Agreement is one more column of every choice: of the phrase's length, or of none (the last, never learnt).
    agrees = found.answers[choices] == reading
    agreement = len(slots) + np.where(agrees, found.lengths[choices], PHRASE_LENGTHS)
    columns = np.concatenate([columns, agreement[:, None]], axis=1)
    target = (gold[choices] == reading).astype(np.float64)

    size = len(slots) + PHRASE_LENGTHS + 1
    weights, mean, square = np.zeros(size), np.zeros(size), np.zeros(size)
    features = columns.shape[1]
    for step in range(1, STEPS + 1) if len(several) else ():
        scores = weights[columns].sum(axis=1)
        chances = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        chances /= np.repeat(np.add.reduceat(chances, starts), sizes)
        error = np.repeat(chances - target, features)
        slope = np.bincount(columns.ravel(), error, minlength=size) + PENALTY * weights
        slope[-1] = 0
        mean = _MEAN * mean + (1 - _MEAN) * slope
        square = _SQUARE * square + (1 - _SQUARE) * slope * slope
        change = mean / (1 - _MEAN**step) / (np.sqrt(square / (1 - _SQUARE**step)) + 1e-8)
        weights -= STEP_SIZE * (1 - (step - 1) / STEPS) * change
    return slots.astype(np.uint32), weights[: len(slots)], weights[len(slots) : -1]
