"""The three alignments against their formulas written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from hanmill.trainer.objectives.alignment import AlignmentConfig, align, average_linkage, identical_distance

NO_PAIRS = [torch.empty((0, 2), dtype=torch.int64)]


@pytest.fixture
def states() -> tuple[list, list, list]:
    """Two languages of 5 and 4 tokens, two layers of 3 units a direction, and embeddings."""
    torch.manual_seed(3)
    onwards, backwards = ([[torch.randn(size, 3) + size for _ in range(2)] for size in (5, 4)] for _ in range(2))
    return onwards, backwards, [torch.randn(6, 3), torch.randn(7, 3)]


def linkage(one: np.ndarray, other: np.ndarray) -> float:
    def mean(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.mean([[np.linalg.norm(x - y) for y in b] for x in a]))

    return 2 * mean(one, other) - mean(one, one) - mean(other, other)


def both(states: tuple, layer: int, language: int) -> np.ndarray:
    return np.concatenate([part[language][layer].numpy() for part in states[:2]], axis=1)


def test_average_linkage(states: tuple) -> None:
    config = AlignmentConfig(linkage_weight=0.5)
    joined = sum(linkage(both(states, layer, 0), both(states, layer, 1)) for layer in range(2))
    assert float(align(config, *states, NO_PAIRS)) == pytest.approx(0.5 * joined, rel=1e-3)
    apart = sum(linkage(p[0][layer].numpy(), p[1][layer].numpy()) for p in states[:2] for layer in range(2))
    assert float(align(replace(config, form="code"), *states, NO_PAIRS)) == pytest.approx(0.5 * apart, rel=1e-3)


def test_equal_sets_are_aligned_and_languages_are_alike() -> None:
    torch.manual_seed(1)
    one, other = torch.randn(8, 5), torch.randn(6, 5) + 2
    assert float(average_linkage(one, one)) == pytest.approx(0, abs=1e-5)
    assert float(average_linkage(one, other)) == pytest.approx(float(average_linkage(other, one)), rel=1e-6)
    assert float(average_linkage(one, other)) > 1


@pytest.mark.parametrize("spread", ["variance", "deviation"])
def test_mean_and_variance(states: tuple, spread: str) -> None:
    config = AlignmentConfig("mean_variance", spread=spread)
    root = np.sqrt if spread == "deviation" else np.asarray

    def paper(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.linalg.norm(a - b) / (np.abs(a).sum() + np.abs(b).sum()))

    def code(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        return float(np.linalg.norm((a - b) / c))

    wanted = 0.0
    for layer in range(2):
        one, other = both(states, layer, 0), both(states, layer, 1)
        wanted += 0.1 * paper(one.mean(0), other.mean(0)) + 0.01 * paper(root(one.var(0)), root(other.var(0)))
    assert float(align(config, *states, NO_PAIRS)) == pytest.approx(wanted, rel=1e-4)
    wanted = 0.0
    for part in states[:2]:
        for layer in range(2):
            one, other = part[0][layer].numpy(), part[1][layer].numpy()
            wanted += 0.1 * code(one.mean(0), other.mean(0), np.abs(one).mean(0) + np.abs(other).mean(0))
            spreads = root(one.var(0)), root(other.var(0))
            wanted += 0.01 * code(*spreads, spreads[0] + spreads[1])
    assert float(align(replace(config, form="code"), *states, NO_PAIRS)) == pytest.approx(wanted, rel=1e-4)


def test_identical_strings(states: tuple) -> None:
    one, other = states[2]
    ids = torch.tensor([[2, 3], [5, 6], [4, 2]])
    wanted = np.mean([np.linalg.norm((one[a] - other[b]).numpy()) for a, b in ids.tolist()])
    assert float(identical_distance(one, other, ids)) == pytest.approx(float(wanted), rel=1e-5)
    assert float(align(AlignmentConfig("identical"), *states, [ids])) == pytest.approx(100 * float(wanted), rel=1e-5)
    assert float(identical_distance(one, other, NO_PAIRS[0])) == 0


def test_pairs_of_three_languages_are_added_or_averaged(states: tuple) -> None:
    onwards, backwards, words = ([*part, part[0]] for part in states)
    config = AlignmentConfig()
    two = float(align(config, *states, NO_PAIRS))
    assert float(align(config, onwards, backwards, words, NO_PAIRS * 3)) == pytest.approx(2 * two, rel=1e-4)
    code = replace(config, form="code")
    two = float(align(code, *states, NO_PAIRS))
    assert float(align(code, onwards, backwards, words, NO_PAIRS * 3)) == pytest.approx(2 / 3 * two, rel=1e-4)


@pytest.mark.parametrize("method", ["average_linkage", "mean_variance", "identical", "all"])
def test_gradients_are_finite_where_languages_are_equal_or_empty(method: str) -> None:
    config = AlignmentConfig(method)  # type: ignore[arg-type]
    for size in (4, 0):
        states = torch.ones(size, 3, requires_grad=True)
        words = torch.ones(5, 3, requires_grad=True)
        loss = align(config, [[states], [states]], [[states], [states]], [words, words], [torch.tensor([[2, 2]])])
        (loss + 0 * words.sum() + 0 * states.sum()).backward()
        assert torch.isfinite(states.grad).all()
        assert torch.isfinite(words.grad).all()


def test_all_three_are_added(states: tuple) -> None:
    ids = [torch.tensor([[2, 3], [5, 6], [4, 2]])]
    for form in ("paper", "code"):
        parts = [AlignmentConfig(name, form) for name in ("average_linkage", "mean_variance", "identical")]
        wanted = sum(float(align(config, *states, ids)) for config in parts)
        assert float(align(AlignmentConfig("all", form), *states, ids)) == pytest.approx(wanted, rel=1e-5)


def test_none(states: tuple) -> None:
    assert float(align(AlignmentConfig("none"), *states, NO_PAIRS)) == 0
