"""How a model learns a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hanmill.trainer.configs.bounds import at_least
from hanmill.trainer.configs.stage import StageConfig

Metric = Literal["f1", "accuracy", "macro_f1", "spearman", "pearson", "exact", "bleu"]


@dataclass(frozen=True, slots=True)
class FitConfig:
    """Learning from labelled examples in shuffled batches of ``batch``.

    The rate falls by the factor ``decay`` after each epoch, or, with ``schedule: linear``, climbs over the share
    ``warmup`` of all steps and then falls to zero. The epoch with the best ``metric`` on the development set is kept;
    after ``patience`` epochs without a better one training ends. ``f1`` counts chunks as conlleval does, ``accuracy``
    tokens or examples.
    """

    epochs: int
    patience: int
    batch: int = 20
    learning_rate: float = 0.001
    decay: float = 0.9
    metric: Metric = "f1"
    seed: int = 1
    schedule: Literal["epoch", "linear"] = "epoch"
    warmup: float = 0.0
    weight_decay: float = 0.0
    clip: float = 0.0

    def __post_init__(self) -> None:
        at_least(self, 1, "epochs", "patience", "batch")
        at_least(self, 0, "learning_rate", "weight_decay", "clip")
        if not 0 < self.decay <= 1:
            raise ValueError("decay above 0 and at most 1")
        if not 0 <= self.warmup < 1:
            raise ValueError("warmup from 0 up to, but not, 1: a share of all steps")

    def stage(self, name: str, steps: int) -> StageConfig:
        """So many steps whose rate climbs over the warm-up and falls to zero at the last."""
        warmup = min(round(self.warmup * steps), steps - 1)
        return StageConfig(name, steps, self.learning_rate, warmup, "linear", weight_decay=self.weight_decay, eps=1e-8)
