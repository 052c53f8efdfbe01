"""A stage of pretraining: its steps and its optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StageConfig:
    """One optimiser's life: a fresh Adam with decoupled weight decay and its own learning-rate curve.

    The rate climbs linearly over ``warmup`` steps, then falls with the inverse square root of the step or
    linearly to zero at ``steps``, or stays.
    """

    name: str
    steps: int
    learning_rate: float
    warmup: int
    schedule: Literal["inverse_sqrt", "linear", "constant"]
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-6
    weight_decay: float = 0.01
    decay_norms_and_biases: bool = False
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError("steps of at least 1")
        if self.warmup < 0 or (self.schedule == "linear" and self.warmup >= self.steps):
            raise ValueError("warmup of at least 0 and, for a linear schedule, below steps")
