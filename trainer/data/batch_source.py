"""What a pretraining loop asks of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

import torch

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.loader import BatchSequence


class Batch(Protocol):
    """One micro-batch."""

    def to(self, device: torch.device) -> Batch:
        """The same batch on a device."""
        ...


B = TypeVar("B", bound=Batch)


class BatchSizes(NamedTuple):
    """Of some micro-batches: ``targets`` that the loss is a mean over, ``tokens``, and ``cells`` with padding."""

    targets: int
    tokens: int
    cells: int


class HeldOut(NamedTuple, Generic[B]):
    """A validation batch, and what a unigram model of the corpus pays on its targets, in nats."""

    batch: B
    unigram: float


class BatchSource(Protocol[B]):
    """A corpus as one rank's batches."""

    def epoch(self, stage: StageConfig, epoch: int) -> BatchSequence[B]:
        """The batches of an epoch, a function of (seed, epoch) alone. Every rank must call: they plan it together."""
        ...

    def lanes(self, stage: StageConfig) -> int:
        """Stretches that an epoch is read from side by side; ranks beyond as many decode what others do."""
        ...

    def sizes(self, batches: list[B]) -> BatchSizes:
        """Of one rank's part of a global batch."""
        ...

    def validation(self, stage: StageConfig, epoch: int) -> Iterator[HeldOut[B]]:
        """This rank's share of the validation data, the same at every call; ``epoch`` is the one the run is in.

        Every rank must call.
        """
        ...

    def spare(self, stage: StageConfig) -> B:
        """A validation batch for a rank whose share is smaller than another's; ``validation`` was called before."""
        ...
