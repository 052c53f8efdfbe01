"""The sample, its correction, and parity with the whole softmax."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from hanmill.trainer.data.candidates import draw_candidates
from hanmill.trainer.objectives.sampled_softmax import full_loss, log_expected_count, sampled_loss


@pytest.fixture
def problem() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(4)
    return torch.randn(7, 16), torch.randint(0, 60, (7,)), torch.randn(60, 16)


def test_full_loss_is_cross_entropy(problem: tuple) -> None:
    hidden, targets, weight = problem
    assert torch.allclose(full_loss(*problem), functional.cross_entropy(hidden @ weight.T, targets, reduction="sum"))
    assert float(full_loss(hidden[:0], targets[:0], weight)) == 0


def test_inclusion_follows_the_expected_count() -> None:
    draws = [draw_candidates(np.random.default_rng(seed), 300, 30) for seed in range(1500)]
    included = np.bincount(np.concatenate([ids for ids, _ in draws]), minlength=300) / len(draws)
    ranks = torch.arange(300)
    expected = np.mean([log_expected_count(ranks, 300, tries).exp().numpy() for _, tries in draws], axis=0)
    assert included == pytest.approx(expected, abs=0.045)
    assert included[0] > 0.95
    assert included[200:].mean() == pytest.approx(expected[200:].mean(), rel=0.05)


def test_all_candidates_give_the_whole_softmax(problem: tuple) -> None:
    hidden, targets, weight = problem
    whole = functional.cross_entropy(hidden @ weight.T, targets)
    nothing = torch.empty(0, dtype=torch.int64)
    assert torch.allclose(sampled_loss(hidden, targets, weight, nothing, 0), whole)
    # After endless draws every id is expected once, so that a sample of all is the whole softmax too.
    assert torch.allclose(sampled_loss(hidden, targets, weight, torch.arange(60), 10**9), whole, atol=1e-5)


def test_gradient_is_near_that_of_the_whole_softmax(problem: tuple) -> None:
    hidden, targets, weight = problem
    hidden = (hidden * 0.3).requires_grad_()
    (whole,) = torch.autograd.grad(functional.cross_entropy(hidden @ weight.T, targets), hidden)

    def sampled(size: int) -> torch.Tensor:
        total = torch.zeros_like(hidden)
        for seed in range(150):
            ids, tries = draw_candidates(np.random.default_rng(seed), 60, size)
            loss = sampled_loss(hidden, targets, weight, torch.from_numpy(ids), tries)
            total += torch.autograd.grad(loss, hidden)[0] / 150
        return total

    errors = [float((sampled(size) - whole).norm() / whole.norm()) for size in (10, 30, 50)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.1


def test_a_candidate_that_is_the_target_does_not_count(problem: tuple) -> None:
    hidden, targets, weight = problem
    others = torch.tensor([n for n in range(60) if n != int(targets[0])][:20])
    with_target = torch.cat((others, targets[:1]))
    one, other = (sampled_loss(hidden[:1], targets[:1], weight, ids, 100) for ids in (others, with_target))
    assert torch.equal(one, other)
