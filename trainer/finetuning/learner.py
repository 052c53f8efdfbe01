"""What the fine-tuning loop asks of what it trains: everything that differs from one task to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from torch import nn

from hanmill.trainer.configs.fit import FitConfig


class LearnerBatch(NamedTuple):
    """``inputs`` go into the model, after ``to(device)``; what is minimised is a mean over ``targets``, what is logged
    one over ``counted``; ``tokens`` were read.
    """

    inputs: Any
    targets: int
    counted: int
    tokens: int


class Learner(Protocol):
    """A model and its examples.

    ``model`` gives the summed loss of a batch; ``learnt`` is the part of it that learns and is saved. ``layers`` are
    the kinds of modules that are compiled one by one.
    """

    @property
    def name(self) -> str:
        """Goes into checkpoints: what the run is of."""
        ...

    @property
    def config(self) -> Any:
        """A dataclass with everything that decides what is computed."""
        ...

    @property
    def fit(self) -> FitConfig:
        """How it learns."""
        ...

    @property
    def model(self) -> nn.Module:
        """The whole."""
        ...

    @property
    def learnt(self) -> nn.Module:
        """The part that is saved."""
        ...

    def begin(self, run: Path) -> None:
        """Writes what a run needs beside its checkpoints; called by the first rank before the first step."""
        ...

    def optimizer(self, steps: int) -> torch.optim.Optimizer:
        """A fresh optimiser, for a training of ``steps`` updates at most."""
        ...

    def rate(self, step: int, steps: int, epoch: int) -> float:
        """Learning rate of the update number ``step``, from 1, in ``epoch``, from 0."""
        ...

    def batches(self, epoch: int) -> list[list[int]]:
        """Places of the examples of each global batch, a function of (seed, epoch)."""
        ...

    def batch(self, places: list[int]) -> LearnerBatch:
        """These examples."""
        ...

    def evaluate(self, device: torch.device) -> dict[str, float]:
        """Measures on the development set, the one that chooses the best among them."""
        ...
