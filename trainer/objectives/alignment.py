"""Alignment of languages without any dictionary (Bao et al. 2019, section 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import torch

#: Below this a squared distance or a variance counts as this much, as in the authors' code.
_LEAST = 1e-6
#: The layers of one direction of one language, each [tokens, hidden].
Layers = list[torch.Tensor]


@dataclass(frozen=True, slots=True)
class AlignmentConfig:
    """Alignment of the languages' states (Bao et al. 2019, section 2.2).

    ``form`` ``paper``: forward and backward states are joined, norms divided by sums of L1 norms, pairs of
    languages added. ``code``: as the authors' program does, each direction apart, the difference divided element
    by element, a language's pairs averaged. ``spread``: ``variance`` as the paper says, or ``deviation``, its
    root, as their program has it. ``method`` ``all`` adds the three, each with its weights.
    """

    method: Literal["none", "identical", "mean_variance", "average_linkage", "all"] = "average_linkage"
    form: Literal["paper", "code"] = "paper"
    spread: Literal["variance", "deviation"] = "variance"
    linkage_weight: float = 1.0
    mean_weight: float = 0.1
    variance_weight: float = 0.01
    identical_weight: float = 100.0


def align(
    config: AlignmentConfig,
    onwards: list[Layers],
    backwards: list[Layers],
    embeddings: list[torch.Tensor],
    identical: list[torch.Tensor],
) -> torch.Tensor:
    """The alignment loss of a batch, scalar.

    ``onwards`` and ``backwards`` hold each language's layers, ``embeddings`` its words [vocabulary, hidden],
    ``identical`` the ids [n, 2] of words spelt alike for each pair of languages in the order of
    ``itertools.combinations``. In the form ``paper`` forward and backward states are joined and pairs of
    languages added; in the form ``code`` the directions are aligned apart, and a language's pairs averaged.
    """
    pairs = list(combinations(range(len(onwards)), 2))
    total = embeddings[0].new_zeros((), dtype=torch.float32)
    if config.method == "none" or not pairs:
        return total
    with torch.autocast(embeddings[0].device.type, enabled=False):
        for number, (first, second) in enumerate(pairs):
            if config.method in ("identical", "all"):
                distance = identical_distance(embeddings[first], embeddings[second], identical[number])
                total = total + config.identical_weight * distance
            if config.method == "identical":
                continue
            if config.form == "paper":
                streams = [(joined(onwards[first], backwards[first]), joined(onwards[second], backwards[second]))]
            else:
                streams = [(onwards[first], onwards[second]), (backwards[first], backwards[second])]
            for layers, others in streams:
                for one, other in zip(layers, others, strict=True):
                    total = total + _layer(config, one.float(), other.float())
    if config.form == "code":
        # Each language's pairs over the number of other languages, then the mean over languages.
        total = total / len(pairs)
    return total


def joined(onwards: Layers, backwards: Layers) -> Layers:
    """h = forward ⊕ backward of each layer, [tokens, 2 · hidden]."""
    return [torch.cat(pair, dim=1) for pair in zip(onwards, backwards, strict=True)]


def average_linkage(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """2·avl(X, Y) - avl(X, X) - avl(Y, Y) with Euclidean distances; X [n, size], Y [m, size].

    The zero diagonals of the last two count, as in the formula.
    """
    return 2 * _mean_distance(one, other) - _mean_distance(one, one) - _mean_distance(other, other)


def mean_distance_ratio(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """‖a - b‖ / (|a| + |b|) of two statistics [size], with L1 norms below (paper)."""
    return _norm(one - other) / (one.abs().sum() + other.abs().sum()).clamp(min=_LEAST)


def identical_distance(one: torch.Tensor, other: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Mean Euclidean distance of the embeddings of words spelt alike; ``ids`` int64 [n, 2], 0 where there are none."""
    if not len(ids):
        return one.new_zeros((), dtype=torch.float32)
    difference = one[ids[:, 0]].float() - other[ids[:, 1]].float()
    return difference.square().sum(1).clamp(min=_LEAST).sqrt().mean()


def _layer(config: AlignmentConfig, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    if config.method == "average_linkage":
        return config.linkage_weight * average_linkage(one, other)
    if config.method == "all":
        return _layer(replace(config, method="average_linkage"), one, other) + _layer(
            replace(config, method="mean_variance"), one, other
        )
    return config.mean_weight * _means(config, one, other) + config.variance_weight * _spreads(config, one, other)


def _means(config: AlignmentConfig, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    first, second = _mean(one), _mean(other)
    if config.form == "paper":
        return mean_distance_ratio(first, second)
    return _norm((first - second) / (_mean(one.abs()) + _mean(other.abs())).clamp(min=_LEAST))


def _spreads(config: AlignmentConfig, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    first, second = (_mean((states - _mean(states)).square()) for states in (one, other))
    if config.spread == "deviation":
        first, second = first.clamp(min=_LEAST).sqrt(), second.clamp(min=_LEAST).sqrt()
    if config.form == "paper":
        return mean_distance_ratio(first, second)
    return _norm((first - second) / (first + second).clamp(min=_LEAST))


def _mean(states: torch.Tensor) -> torch.Tensor:
    return states.sum(0) / max(1, len(states))


def _norm(vector: torch.Tensor) -> torch.Tensor:
    # The root's slope is endless at 0.
    return vector.square().sum().clamp(min=_LEAST**2).sqrt()


def _mean_distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    squares = one.square().sum(1)[:, None] + other.square().sum(1) - 2 * one @ other.T
    return squares.clamp(min=_LEAST).sqrt().sum() / max(1, squares.numel())
