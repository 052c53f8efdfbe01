"""A stage of pretraining: its steps and its optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StageConfig:
    """One optimiser's life: a fresh Adam with decoupled weight decay and its own learning-rate curve.

    The rate climbs linearly over ``warmup`` steps. Then it falls with the inverse square root of the step, or linearly
    or along a cosine until ``steps``, or stays (``constant``), or stays and falls linearly over the last ``decay``
    steps (``stable_decay``). What falls until ``steps`` ends at ``floor`` times the peak.
    """

    name: str
    steps: int
    learning_rate: float
    warmup: int
    schedule: Literal["inverse_sqrt", "linear", "cosine", "constant", "stable_decay"]
    decay: int = 0
    floor: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-6
    weight_decay: float = 0.01
    decay_norms_and_biases: bool = False
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError("steps of at least 1")
        ends = self.schedule in ("linear", "cosine", "stable_decay")
        if self.warmup < 0 or (ends and self.warmup >= self.steps):
            raise ValueError(f"warmup of at least 0 and, for a schedule that ends ({self.schedule}), below steps")
        falls = self.schedule == "stable_decay"
        if (self.decay > 0) != falls or (falls and self.decay > self.steps - self.warmup):
            raise ValueError("decay from 1 to steps - warmup for the schedule stable_decay, 0 for any other")
        if not 0 <= self.floor < 1 or (self.floor and not ends):
            raise ValueError("floor from 0 to below 1, and 0 for a schedule that does not end")
