"""Words by a linear model: a boundary wherever the votes of what is around it sum to more than 0.

Weights are integers: the answer is the same on every machine, and in every batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import rjieba
from numpy.typing import NDArray

from hanmill.pipelines.annotate.chinese.border_rules import apply_rules
from hanmill.pipelines.annotate.chinese.pointwise_features import APART, VOTES, place_count, votes
from hanmill.pipelines.annotate.chinese.pointwise_model import CHECK_SHIFT, ROWS, PointwiseModel
from hanmill.pipelines.text.characters import WHITE_SPACE, code_points

#: Characters taken at once: few enough that arrays stay in the processor's cache.
_BATCH_CHARACTERS = 1 << 14
_APART = "\n" * APART


class PointwiseCutter:
    """The words of texts without NUL and lone surrogates, in simplified characters. Built once per process."""

    def __init__(self, model: PointwiseModel) -> None:
        table = np.zeros((ROWS, VOTES + 1), dtype=np.int8)
        table[model.rows, :VOTES] = model.weights
        table[model.rows, VOTES] = model.checks.view(np.int8)
        #: A row is one word of memory: seven weights and the check.
        self._table = table.view(np.uint64).ravel()

    def cut(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """The words of each text, white space left out."""
        for batch in _batches(texts):
            codes, word_ends = dictionary_cut(batch)
            is_space = WHITE_SPACE[codes]
            is_end = self._scores(codes, word_ends)[: len(codes)] > 0
            joined = _joined(batch)
            apply_rules(joined, codes, word_ends, is_end)
            is_end &= ~is_space
            is_end[:-1] |= is_space[1:] & ~is_space[:-1]
            # Of a word, the first character is the first that is no white space after the end of the one before.
            ends = np.flatnonzero(is_end) + 1
            visible = np.flatnonzero(~is_space)
            begins = visible[np.searchsorted(visible, np.append(0, ends[:-1]))] if len(ends) else ends
            lengths = np.array([len(text) + APART for text in batch])
            starts = APART + np.cumsum(lengths) - lengths
            words = [joined[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
            bounds = np.searchsorted(begins, np.append(starts, starts[-1] + lengths[-1])).tolist()
            yield from (words[start:end] for start, end in pairwise(bounds))

    def _scores(self, codepoints: NDArray[np.uint32], word_ends: NDArray[np.int64]) -> NDArray[np.int16]:
        scores = np.zeros(place_count(codepoints), dtype=np.int16)
        for one in votes(codepoints, word_ends):
            rows = self._table[one.hashes & np.uint32(ROWS - 1)]
            columns = rows.view(np.int8).reshape(-1, VOTES + 1)
            rows *= columns[:, VOTES].view(np.uint8) == one.hashes >> np.uint32(CHECK_SHIFT)
            for number, places in enumerate(one.places):
                scores[places] += columns[:, number]
        return scores


def dictionary_cut(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The code points of texts kept APART, and the last characters of rjieba's words in them, ascending."""
    joined = _joined(texts)
    words = rjieba.cut(joined)
    return code_points(joined), np.cumsum(np.fromiter(map(len, words), np.int64, len(words))) - 1


def _joined(texts: Sequence[str]) -> str:
    return _APART + "".join(text + _APART for text in texts)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    sizes = np.cumsum([len(text) for text in texts]) // _BATCH_CHARACTERS
    bounds = [0, *(np.flatnonzero(np.diff(sizes)) + 1).tolist(), len(texts)]
    return (texts[start:end] for start, end in pairwise(bounds) if start < end)
