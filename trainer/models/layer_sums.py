"""Layers of a frozen language model summed into one representation (Bao et al. 2019, section 2.4)."""

from __future__ import annotations

import torch
from torch import nn

#: Width of the network that weighs the layers, in the authors' code.
_WIDTH = 512


class SelfWeightedSum(nn.Module):
    """Weights of the layers from the token itself: tanh(W₂ · tanh(W₁ · h₀ ⊕ … ⊕ hₙ)), then softmax.

    With seven layers of 1,024: 3,674,119 parameters.
    """

    def __init__(self, layers: int, size: int) -> None:
        super().__init__()
        self.inner = nn.Linear(layers * size, _WIDTH)
        self.outer = nn.Linear(_WIDTH, layers)

    def forward(self, layers: torch.Tensor) -> torch.Tensor:
        """[…, layers, size] to […, size]."""
        weights = torch.tanh(self.outer(torch.tanh(self.inner(layers.flatten(-2))))).softmax(-1)
        return (weights[..., None] * layers).sum(-2)


class FullyWeightedSum(nn.Module):
    """One weight for each layer and unit, softmax over the layers."""

    def __init__(self, layers: int, size: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(layers, size))

    def forward(self, layers: torch.Tensor) -> torch.Tensor:
        """[…, layers, size] to […, size]."""
        return (self.weights.softmax(0) * layers).sum(-2)
