"""What a pretraining loop asks of an objective."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeVar

import torch
from torch import nn

B = TypeVar("B", contravariant=True)


class ValidationLoss(NamedTuple):
    """Of one validation batch: nats over all its targets, and how many these are."""

    nats: float
    targets: int


class Objective(Protocol[B]):
    """A loss."""

    def loss_sum(self, replica: nn.Module, batch: B) -> torch.Tensor:
        """What is minimised, scalar, summed over the targets of the batch."""
        ...

    def validation_loss(self, model: nn.Module, batch: B) -> ValidationLoss:
        """What the model pays on one validation batch."""
        ...
