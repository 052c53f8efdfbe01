"""How a tagger learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FitConfig:
    """Learning from tagged sentences with Adam, in shuffled batches of ``batch`` sentences.

    The rate falls by the factor ``decay`` after each epoch. The epoch with the best ``metric`` on the development
    set is kept; after ``patience`` epochs without a better one training ends. ``f1`` counts chunks as conlleval
    does, ``accuracy`` tokens.
    """

    epochs: int
    patience: int
    batch: int = 20
    learning_rate: float = 0.001
    decay: float = 0.9
    metric: Literal["f1", "accuracy"] = "f1"
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of at least 1")
        if not 0 < self.decay <= 1:
            raise ValueError("decay above 0 and at most 1")
