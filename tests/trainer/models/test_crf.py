"""The CRF against all sequences written out."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
import torch

from hanmill.trainer.models.crf import CRF

TAGS = 3
LENGTHS = (4, 1, 3)


@pytest.fixture
def problem() -> tuple[CRF, torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(6)
    crf = CRF(TAGS)
    for scores in crf.parameters():
        torch.nn.init.normal_(scores, std=2.0)
    valid = torch.arange(4) < torch.tensor(LENGTHS)[:, None]
    return crf, torch.randn(3, 4, TAGS) * 2, torch.randint(0, TAGS, (3, 4)), valid


def total(crf: CRF, emissions: torch.Tensor, tags: tuple[int, ...]) -> torch.Tensor:
    score = crf.begin[tags[0]] + crf.end[tags[-1]] + sum(emissions[place, tag] for place, tag in enumerate(tags))
    return score + sum(crf.transitions[one, other] for one, other in pairwise(tags))


def test_equals_brute_force(problem: tuple) -> None:
    crf, emissions, tags, valid = problem
    losses = crf(emissions, tags, valid)
    decoded = crf.decode(emissions, valid)
    for row, length in enumerate(LENGTHS):
        every = {way: total(crf, emissions[row], way) for way in product(range(TAGS), repeat=length)}
        partition = torch.logsumexp(torch.stack(list(every.values())), 0)
        gold = every[tuple(tags[row, :length].tolist())]
        assert losses[row].item() == pytest.approx((partition - gold).item(), rel=1e-5)
        assert tuple(decoded[row]) == max(every, key=lambda way: every[way].item())


def test_gradient_is_that_of_the_marginals(problem: tuple) -> None:
    crf, emissions, _, valid = problem
    emissions.requires_grad_()
    crf.log_partition(emissions, valid).sum().backward()
    # The slope of log Z by an emission is the chance of its tag at its place.
    assert torch.allclose(emissions.grad.sum(2), valid.float(), atol=1e-5)


def test_padding_changes_nothing(problem: tuple) -> None:
    crf, emissions, tags, valid = problem
    other = emissions.clone()
    other[~valid] = 50.0
    assert torch.allclose(crf(emissions, tags, valid), crf(other, tags, valid))
    assert crf.decode(emissions, valid) == crf.decode(other, valid)
