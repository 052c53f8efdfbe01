"""What the loop asks of a kind of training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import nn
from torch.utils.data import Dataset

from trainer.config import StageConfig


class TrainingBatch(Protocol):
    """One micro-batch."""

    def to(self, device: torch.device) -> TrainingBatch:
        """The same batch on a device."""
        ...


class Measure(NamedTuple):
    """Of some micro-batches: ``targets`` that the loss is a mean over, ``tokens``, and ``cells`` with padding."""

    targets: int
    tokens: int
    cells: int


class Validation(NamedTuple):
    """Of one validation batch: sums over its ``targets`` of the loss and of the unigram baseline, in nats."""

    loss: float
    unigram: float
    targets: int


class TokenNames(Protocol):
    """What the ids of a model stand for."""

    def save(self, run: Path) -> None:
        """Writes it beside the run's checkpoints."""
        ...


B = TypeVar("B", bound=TrainingBatch)


class Task(Protocol[B]):
    """A model with its data and its objective. Every rank builds the same one."""

    model: nn.Module

    def begin(self, stage: StageConfig) -> None:
        """Prepares the weights for a stage that follows another."""
        ...

    def vocabulary(self) -> TokenNames:
        """What the ids stand for."""
        ...

    def epoch_batches(self, stage: StageConfig, epoch: int, rank: int, world: int) -> Dataset[list[B]]:
        """Item b is one rank's micro-batches of global batch b, a function of (seed, epoch, b) alone; has a length."""
        ...

    def measure(self, batches: list[B]) -> Measure:
        """Sizes of one rank's part of a global batch."""
        ...

    def loss_sum(self, replica: nn.Module, batch: B) -> torch.Tensor:
        """The objective, summed over the batch's targets."""
        ...

    def validation_batches(self, stage: StageConfig, epoch: int, rank: int, world: int) -> Iterator[B]:
        """One rank's share of the validation data, the same at every call."""
        ...

    def validate(self, model: nn.Module, batch: B) -> Validation:
        """What the model pays on one validation batch."""
        ...

    def flops_per_token(self) -> float:
        """Floating-point operations of forward and backward pass for one token."""
        ...


AnyTask = Task[Any]
