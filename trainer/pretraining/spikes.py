"""Steps whose gradient is far from those before it."""

from __future__ import annotations

import math

from hanmill.trainer.configs.loop import SpikeConfig


def limit(config: SpikeConfig, typical: float | None, step: int) -> float:
    """The largest gradient norm of the stage's ``step``-th update (from 1) that is no spike.

    ``typical`` is the running mean before it, None where there is none. Endless until the rule begins.
    """
    return math.inf if step < config.after or typical is None else config.factor * typical


def is_spike(norm: float, limit: float) -> bool:
    """Also where the norm is no finite number."""
    return not math.isfinite(norm) or norm > limit


def running_mean(config: SpikeConfig, typical: float | None, norm: float) -> float:
    """After a step that was no spike."""
    return norm if typical is None else typical + (norm - typical) / config.memory
