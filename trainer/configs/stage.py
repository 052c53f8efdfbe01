"""A stage of pretraining: its steps and its optimiser."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Literal

from hanmill.trainer.configs.bounds import above, at_least, below_one


@dataclass(frozen=True, slots=True)
class Shape:
    """What a stage, or a part of it, reads otherwise than ``data`` and ``masking`` say; None leaves it as it is.

    ``window``, ``global_batch`` and ``micro_batch`` stand for ``data``'s, ``mask_rate`` for ``masking.rate``.
    """

    window: int | None = None
    global_batch: int | None = None
    micro_batch: int | None = None
    mask_rate: float | None = None

    def __post_init__(self) -> None:
        at_least(
            self, 1, *(name for name in ("window", "global_batch", "micro_batch") if getattr(self, name) is not None)
        )
        if self.mask_rate is not None and not 0 < self.mask_rate < 1:
            raise ValueError("mask_rate between 0 and 1")

    def over(self, other: Shape) -> Shape:
        """This one, and the other's values where this one has none."""
        return Shape(*(getattr(other if getattr(self, f.name) is None else self, f.name) for f in fields(Shape)))


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a stage, from ``start`` updates on, until a later one says otherwise; the optimiser goes on.

    Where the window or the batch changes an epoch begins; where the mask rate alone does, the data goes on too.
    """

    start: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class StageConfig:
    """One optimiser's life: a fresh Adam with decoupled weight decay and its own learning-rate curve.

    The rate climbs linearly over ``warmup`` steps. Then it falls with the inverse square root of the step, or
    linearly or along a cosine until ``steps``, or stays (``constant``), or stays and falls linearly over the last
    ``decay`` steps (``stable_decay``). ``optimizer`` is AdamW (Loshchilov and Hutter 2019), StableAdamW (Wortsman
    et al. 2023), or Muon (Jordan et al. 2024) with ``muon_momentum`` for the matrices inside layers, AdamW for all
    else. What falls until ``steps`` ends at ``floor`` times the peak. ``shape`` says what the stage reads otherwise
    than the rest of the configuration, ``phases`` what changes while it goes on: BERT's last tenth of long rows,
    say.
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
    optimizer: Literal["adamw", "stable_adamw", "muon"] = "adamw"
    muon_momentum: float = 0.95
    shape: Shape = Shape()
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        at_least(self, 1, "steps")
        at_least(self, 0, "weight_decay", "learning_rate")
        above(self, 0, "eps", "clip")
        below_one(self, "beta1", "beta2", "muon_momentum")
        ends = self.schedule in ("linear", "cosine", "stable_decay")
        if self.warmup < 0 or (ends and self.warmup >= self.steps):
            raise ValueError(f"warmup of at least 0 and, for a schedule that ends ({self.schedule}), below steps")
        falls = self.schedule == "stable_decay"
        if (self.decay > 0) != falls or (falls and self.decay > self.steps - self.warmup):
            raise ValueError("decay from 1 to steps - warmup for the schedule stable_decay, 0 for any other")
        if not 0 <= self.floor < 1 or (self.floor and not ends):
            raise ValueError("floor from 0 to below 1, and 0 for a schedule that does not end")
        if any(one.start >= other.start for one, other in pairwise((Phase(0, Shape()), *self.phases))):
            raise ValueError("phases whose starts rise from above 0")

    def at(self, step: int) -> StageConfig:
        """The stage as it is after ``step`` updates: its ``shape`` alone says what is read, without phases."""
        shape = self.shape
        for phase in self.phases:
            if phase.start <= step:
                shape = phase.shape.over(shape)
        return replace(self, shape=shape, phases=())

    def changes_after(self, step: int) -> int:
        """The first step above ``step`` at which a phase begins, or ``steps``."""
        return min((phase.start for phase in self.phases if phase.start > step), default=self.steps)
