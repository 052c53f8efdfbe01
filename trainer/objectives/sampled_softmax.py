"""Softmax over a sample of a large vocabulary (Jean et al. 2015), log-uniform over frequency ranks."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

#: Rows of scores computed at a time where the whole vocabulary is scored.
_CHUNK = 512


def log_expected_count(ids: torch.Tensor, vocabulary: int, tries: int) -> torch.Tensor:
    """Logarithm of the chance that an id is among the candidates after ``tries`` draws, float32 of ids' shape."""
    ranks = ids.double()
    chance = torch.log((ranks + 2) / (ranks + 1)) / np.log(vocabulary + 1)
    return torch.log(-torch.expm1(tries * torch.log1p(-chance))).float()


def sampled_loss(
    hidden: torch.Tensor, targets: torch.Tensor, weight: torch.Tensor, candidates: torch.Tensor, tries: int
) -> torch.Tensor:
    """Mean nats of ``targets`` [n] given ``hidden`` [n, size], among each target and the candidates [sample].

    Scores are lessened by the logarithm of the expected count, so that the gradient is that of the whole softmax
    on average; a candidate equal to the target is taken out. 0 where there are no targets.
    """
    count = max(1, len(targets))
    if not len(candidates):
        return full_loss(hidden, targets, weight) / count
    vocabulary = len(weight)
    right = (hidden * functional.embedding(targets, weight)).sum(1).float()
    right = right - log_expected_count(targets, vocabulary, tries)
    others = functional.linear(hidden, functional.embedding(candidates, weight)).float()
    others = others - log_expected_count(candidates, vocabulary, tries)
    others = others.masked_fill(targets[:, None] == candidates, float("-inf"))
    scores = torch.cat((right[:, None], others), dim=1)
    return (scores.logsumexp(1) - right).sum() / count


def full_loss(hidden: torch.Tensor, targets: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Nats of ``targets`` [n] given ``hidden`` [n, size], over the whole vocabulary [vocabulary, size], summed."""
    total = hidden.new_zeros((), dtype=torch.float32) + 0.0 * hidden.sum().float()
    for start in range(0, len(targets), _CHUNK):
        scores = functional.linear(hidden[start : start + _CHUNK], weight).float()
        total = total + functional.cross_entropy(scores, targets[start : start + _CHUNK], reduction="sum")
    return total
