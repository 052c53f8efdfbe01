"""Packed inputs: nothing lost, nothing twice, nothing across a boundary, little padding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.trainer.data.documents import Sentences
from hanmill.trainer.data.packing import FRAME, best_fit, pack_sentences


def sentences_of(lengths: list[int], document: list[int] | None = None) -> Sentences:
    document = document or [0] * len(lengths)
    return Sentences(np.array(lengths, np.int64), np.array(document, np.int64), np.zeros(max(document) + 1, np.int64))


@given(st.lists(st.integers(1, 30), max_size=60), st.integers(30, 40))
def test_best_fit_fills_and_never_spills(costs: list[int], window: int) -> None:
    row, rows = best_fit(np.array(costs, np.int64), window)
    filled = np.bincount(row, costs, minlength=rows)
    assert set(row.tolist()) == set(range(rows))
    assert (filled <= window).all()
    # Any two rows hold more than one: else the later one would not have been opened.
    assert all(a + b > window for i, a in enumerate(filled) for b in filled[i + 1 :])


def test_best_fit_takes_the_least_space_that_is_enough() -> None:
    row, rows = best_fit(np.array([3, 7, 6, 4, 10, 2]), 10)
    assert rows == 4
    assert row.tolist() == [1, 1, 2, 2, 0, 3]


def test_share_of_single_inputs() -> None:
    count = 60000
    segments = pack_sentences(sentences_of([10] * count), 52, 0.1, np.random.default_rng(3))
    singles = int((segments.length == 10).sum())
    # Packed inputs hold five sentences, single ones one.
    assert singles / len(segments.length) == pytest.approx(0.1, abs=0.01)
    assert segments.length.sum() == count * 10


def test_an_input_holds_as_many_sentences_of_its_document_as_fit() -> None:
    segments = pack_sentences(sentences_of([5, 6, 8, 3, 4], [0, 0, 0, 1, 1]), 18, 0.0, np.random.default_rng(1))
    found = sorted(zip(segments.start.tolist(), segments.length.tolist(), strict=True))
    assert found == [(0, 11), (11, 8), (19, 7)]
    assert segments.rows == 3


def test_a_sentence_longer_than_the_window_is_cut() -> None:
    segments = pack_sentences(sentences_of([25, 0, 3]), 12, 0.0, np.random.default_rng(1))
    assert sorted(zip(segments.start.tolist(), segments.length.tolist(), strict=True)) == [(0, 10), (10, 10), (20, 8)]


def test_without_sentences_no_row() -> None:
    assert pack_sentences(sentences_of([0]), 12, 0.5, np.random.default_rng(1)).rows == 0


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 2)), max_size=40), st.integers(3, 40), st.floats(0, 1))
def test_every_character_in_one_segment_of_one_row(steps: list[tuple[int, int]], window: int, single: float) -> None:
    document = np.cumsum([step for _, step in steps]).tolist()
    sentences = sentences_of([length for length, _ in steps], document or None) if steps else sentences_of([0])
    segments = pack_sentences(sentences, window, single, np.random.default_rng(0))
    covered = [np.arange(s, s + n) for s, n in zip(segments.start, segments.length, strict=True)]
    assert sorted(np.concatenate(covered).tolist() if covered else []) == list(range(int(sentences.lengths.sum())))
    owner = np.repeat(sentences.document, sentences.lengths)
    assert all(len(np.unique(owner[characters])) == 1 for characters in covered)
    # Rows rise, and none is empty: rows are laid out one after another.
    assert np.unique(segments.row).tolist() == list(range(segments.rows))
    assert (np.diff(segments.row) >= 0).all()
    assert (np.bincount(segments.row, segments.length + FRAME, minlength=segments.rows) <= window).all()


def test_rows_of_many_documents_are_nearly_full() -> None:
    draw = np.random.default_rng(5)
    lengths = draw.integers(5, 60, 4000)
    document = np.repeat(np.arange(800), 5)
    sentences = Sentences(lengths, document, np.zeros(800, np.int64))
    segments = pack_sentences(sentences, 512, 0.1, np.random.default_rng(1))
    tokens = int((segments.length + FRAME).sum())
    assert tokens / (segments.rows * 512) > 0.99
