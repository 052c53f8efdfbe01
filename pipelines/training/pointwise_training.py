"""Training the pointwise segmenter: logistic regression over hashed features, one decision per place.

Steps follow AdaGrad (Duchi, Hazan and Singer 2011) over small batches of sentences in an order drawn from a fixed seed,
so that the same text gives the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.chinese.pointwise import dictionary_cut
from hanmill.pipelines.annotate.chinese.pointwise_features import APART, VOTES, place_count, votes
from hanmill.pipelines.annotate.chinese.pointwise_model import CHECK_SHIFT, ROWS, PointwiseModel
from hanmill.pipelines.text.characters import WHITE_SPACE

STEP_SIZE = 0.3
BATCH_CHARACTERS = 1500
#: Features seen less often say nothing about other text.
LEAST_COUNT = 2
#: Weights are kept in this part of one, and clipped at ±127 of them; smaller ones than LEAST_WEIGHT are dropped.
UNIT = 1 / 16
LEAST_WEIGHT = 0.2
_SEED = 2011
_FIRST_SQUARE = 0.01
_SMALLEST_ERROR = 1e-3


@dataclass(frozen=True, slots=True)
class _Batch:
    """``votes``: hashes, or numbers of features, with their places; ``truth`` float32 [places], 1 at word ends.

    ``asked`` int64 [k] are the places to be learnt: after characters that are not white space.
    """

    votes: list[tuple[NDArray[Any], Sequence[slice | NDArray[np.int64]]]]
    truth: NDArray[np.float32]
    asked: NDArray[np.int64]


def train(sentences: Sequence[Sequence[str]], epochs: int, made_from: Mapping[str, Any]) -> PointwiseModel:
    """A model of sentences cut into words, in simplified characters; ``made_from`` is kept in it as it is.

    Raises ValueError where there is no sentence.
    """
    if not sentences:
        raise ValueError("sentences: found none")
    draw = np.random.default_rng(_SEED)
    order = draw.permutation(len(sentences)).tolist()
    sizes = np.cumsum([sum(map(len, sentences[index])) for index in order]) // BATCH_CHARACTERS
    bounds = [0, *(np.flatnonzero(np.diff(sizes)) + 1).tolist(), len(order)]
    batches = [_batch([sentences[index] for index in order[start:end]]) for start, end in pairwise(bounds)]
    features = _features(batches)
    numbered = [_numbered(batch, features) for batch in batches]
    weights = np.zeros((len(features) + 1, VOTES), dtype=np.float32)
    squares = np.full_like(weights, _FIRST_SQUARE)
    for _ in range(epochs):
        for number in draw.permutation(len(numbered)).tolist():
            _learn(numbered[number], weights, squares)
    return _model(features, weights[:-1], made_from)


def _batch(sentences: Sequence[Sequence[str]]) -> _Batch:
    codes, word_ends = dictionary_cut(["".join(words) for words in sentences])
    truth = np.zeros(place_count(codes), dtype=np.float32)
    start = APART
    for words in sentences:
        ends = start + np.cumsum([len(word) for word in words])
        truth[ends - 1] = 1
        start = int(ends[-1]) + APART
    found = [(one.hashes, one.places) for one in votes(codes, word_ends)]
    return _Batch(found, truth, np.flatnonzero(~WHITE_SPACE[codes]))


def _features(batches: Sequence[_Batch]) -> NDArray[np.uint32]:
    """Hashes, ascending, of the features seen often enough; of those with the same row the commonest."""
    hashes, counts = np.unique(
        np.concatenate([hashes for batch in batches for hashes, _ in batch.votes]), return_counts=True
    )
    often = counts >= LEAST_COUNT
    hashes, counts = hashes[often], counts[often]
    commonest_first = np.argsort(-counts, kind="stable")
    _, first = np.unique(hashes[commonest_first] & np.uint32(ROWS - 1), return_index=True)
    return np.sort(hashes[commonest_first[first]])


def _numbered(batch: _Batch, features: NDArray[np.uint32]) -> _Batch:
    """The batch with the numbers of features in place of hashes, ``len(features)`` for all that are none."""
    numbered: list[tuple[NDArray[Any], Sequence[slice | NDArray[np.int64]]]] = []
    for hashes, places in batch.votes:
        numbers = np.searchsorted(features, hashes)
        known = features[np.minimum(numbers, len(features) - 1)] == hashes if len(features) else False
        numbered.append((np.where(known, numbers, len(features)).astype(np.int32), places))
    return _Batch(numbered, batch.truth, batch.asked)


def _learn(batch: _Batch, weights: NDArray[np.float32], squares: NDArray[np.float32]) -> None:
    """One step on one batch, in place; the last row of ``weights`` is never changed."""
    scores = np.zeros(len(batch.truth), dtype=np.float32)
    for numbers, places in batch.votes:
        rows = weights[numbers]
        for vote, where in enumerate(places):
            scores[where] += rows[:, vote]
    errors = np.zeros_like(scores)
    errors[batch.asked] = 1 / (1 + np.exp(-scores[batch.asked])) - batch.truth[batch.asked]
    errors[np.abs(errors) < _SMALLEST_ERROR] = 0
    for numbers, places in batch.votes:
        slopes = np.stack([errors[where] for where in places], axis=1)
        touched = np.flatnonzero((numbers < len(weights) - 1) & slopes.any(axis=1))
        changed, index = np.unique(numbers[touched], return_inverse=True)
        for vote in range(len(places)):
            slope = np.bincount(index, slopes[touched, vote], len(changed)).astype(np.float32)
            squares[changed, vote] += slope * slope
            weights[changed, vote] -= STEP_SIZE * slope / np.sqrt(squares[changed, vote])


def _model(features: NDArray[np.uint32], weights: NDArray[np.float32], made_from: Mapping[str, Any]) -> PointwiseModel:
    whole = np.clip(np.rint(np.where(np.abs(weights) < LEAST_WEIGHT, 0, weights) / UNIT), -127, 127).astype(np.int8)
    kept = whole.any(axis=1)
    rows = features[kept] & np.uint32(ROWS - 1)
    order = np.argsort(rows)
    checks = (features[kept] >> np.uint32(CHECK_SHIFT)).astype(np.uint8)
    return PointwiseModel(rows[order], checks[order], whole[kept][order], made_from)
