"""Training of the Japanese reading model: for every word a multinomial logistic regression over its features."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.japanese.reading_features import FIRST_KANA, TEMPLATES, Feature
from hanmill.pipelines.annotate.japanese.reading_model import ReadingModel, WordWeights
from hanmill.pipelines.training.japanese_occurrences import Occurrence

#: Weights of a feature that differ by less decide nothing and are left out.
SMALLEST = 5
#: Chosen by cross-validation on the annotated corpus.
STEPS, STEP_SIZE, PENALTY = 80, 0.2, 0.3
#: What speaks for the dictionary's reading before anything is learnt.
TRUST = 2.0
#: For a reading that no ending with this first kana was seen with: 抱え is カカ and エ, and never ダ and エ.
NEVER = -100.0
#: A reading other than the dictionary's must be seen so often (contexts that were written for it count fully).
SEEN = 2
#: Words that the dictionary reads right more often than that, and the model by less than that share better, are left
#: to the dictionary.
OFTEN_RIGHT, LEAST_GAIN = 0.9, 0.01
_FOLDS = 3
#: Words that have two readings and no right one.
EITHER = frozenset({"日本", "所"})
_MEAN, _SQUARE = 0.9, 0.99
_UNIT = 100
_DICTIONARY = TEMPLATES.index("dictionary")
_SEED = 20261128


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """Words with several readings: how many, how many the dictionary and the model read right."""

    words: int
    dictionary: int
    model: int


def train(found: Sequence[Occurrence], made_from: Mapping[str, Any]) -> ReadingModel:
    """A model of the words that the dictionary sometimes reads wrong."""
    words = {}
    for key, each in _by_key(found).items():
        readings = _readings(each)
        if readings and _pays(each, readings):
            words[key] = WordWeights(readings, _fit(each, readings))
    return ReadingModel(words, made_from)


def _pays(found: Sequence[Occurrence], readings: tuple[str, ...]) -> bool:
    """Whether a word is worth its time: the dictionary is often wrong of it, or held-out folds are read better."""
    told = [one for one in found if one.weight >= 1]
    dictionary = sum(one.dictionary == one.reading for one in told)
    if dictionary < OFTEN_RIGHT * len(told):
        return True
    drawn = (np.random.default_rng(_SEED).permutation(len(found)) % _FOLDS).tolist()
    right = 0
    for fold in range(_FOLDS):
        rest = [one for one, place in zip(found, drawn, strict=True) if place != fold and one.reading in readings]
        word = WordWeights(readings, _fit(rest, readings) if rest else {})
        held_out = [one for one, place in zip(found, drawn, strict=True) if place == fold and one.weight >= 1]
        right += sum(chosen(word, one) == one.reading for one in held_out)
    return right - dictionary >= LEAST_GAIN * len(told)


def cross_validate(found: Sequence[Occurrence], beside: Sequence[Occurrence], folds: int) -> ReadingScore:
    """Every occurrence read by a model of the other folds and of ``beside``, which are not counted."""
    drawn = np.random.default_rng(_SEED).permutation(len(found)) % folds
    words = dictionary = right = 0
    for fold in range(folds):
        rest = [one for one, place in zip(found, drawn.tolist(), strict=True) if place != fold]
        model = train([*rest, *beside], {})
        for one, place in zip(found, drawn.tolist(), strict=True):
            if place == fold and one.key in model.words:
                words += 1
                dictionary += one.dictionary == one.reading
                right += chosen(model.words[one.key], one) == one.reading
    return ReadingScore(words, dictionary, right)


def chosen(word: WordWeights, occurrence: Occurrence) -> str:
    """The reading that a word's weights give an occurrence."""
    found = [word.weights[feature] for feature in occurrence.features if feature in word.weights]
    if not found:
        return occurrence.dictionary
    scores = [sum(each) for each in zip(*found, strict=True)]
    return word.readings[scores.index(max(scores))]


def words_told(found: Sequence[Occurrence]) -> frozenset[str]:
    """The words that the dictionary reads wrong often enough to learn them."""
    return frozenset(key for key, each in _by_key(found).items() if _readings(each))


def _by_key(found: Sequence[Occurrence]) -> Mapping[str, list[Occurrence]]:
    keys: dict[str, list[Occurrence]] = defaultdict(list)
    for one in found:
        keys[one.key].append(one)
    return {key: keys[key] for key in sorted(keys) if key not in EITHER}


def _readings(found: Collection[Occurrence]) -> tuple[str, ...]:
    """The readings a word may have, the commonest first; none where the dictionary is never wrong."""
    wrong: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for one in found:
        counts[one.reading] += 1
        counts[one.dictionary] += 0
        if one.reading != one.dictionary:
            wrong[one.reading] += SEEN if one.weight > 1 else 1
    if not any(count >= SEEN for count in wrong.values()):
        return ()
    dictionary = {one.dictionary for one in found}
    usable = [reading for reading, _ in counts.most_common() if reading in dictionary or wrong[reading] >= SEEN]
    return tuple(usable)


def _fit(found: Sequence[Occurrence], readings: tuple[str, ...]) -> dict[tuple[int, Feature], tuple[int, ...]]:
    numbers: dict[tuple[int, Feature], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    kept = [one for one in found if one.reading in readings]
    for row, one in enumerate(kept):
        for feature in one.features:
            rows.append(row)
            columns.append(numbers.setdefault(feature, len(numbers)))
    row_of, column_of = np.array(rows), np.array(columns)
    gold = np.array([readings.index(one.reading) for one in kept])
    target: NDArray[np.float64] = np.eye(len(readings))[gold]
    importance = np.array([one.weight for one in kept])[:, None]
    prior = np.zeros((len(numbers), len(readings)))
    for (template, value), number in numbers.items():
        if template == _DICTIONARY and value in readings:
            prior[number, readings.index(str(value))] = TRUST

    weights = prior.copy()
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        scores = _summed(weights[column_of], row_of, len(kept))
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        error = (chances - target) * importance
        slope = _summed(error[row_of], column_of, len(numbers)) + PENALTY * (weights - prior)
        mean = _MEAN * mean + (1 - _MEAN) * slope
        square = _SQUARE * square + (1 - _SQUARE) * slope * slope
        change = mean / (1 - _MEAN**step) / (np.sqrt(square / (1 - _SQUARE**step)) + 1e-8)
        weights -= STEP_SIZE * (1 - (step - 1) / STEPS) * change
    unseen = np.ones_like(weights, dtype=bool)
    unseen[column_of, gold[row_of]] = False
    first = np.array([template == FIRST_KANA and value != "" for template, value in numbers])
    weights[unseen & first[:, None]] = NEVER
    whole = np.clip(np.rint(weights * _UNIT), -(1 << 15) + 1, (1 << 15) - 1).astype(int)
    return {
        feature: tuple(whole[number].tolist())
        for feature, number in numbers.items()
        if np.ptp(whole[number]) > SMALLEST
    }


def _summed(values: NDArray[np.float64], places: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """[size, columns]: the rows of ``values`` added up at their places."""
    return np.stack([np.bincount(places, column, minlength=size) for column in values.T], axis=1)
