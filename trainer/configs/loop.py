"""What a pretraining run does beside learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """What the loop does beside learning. Intervals in optimiser steps; ``peak_tflops`` zero means by device.

    ``parallel`` says whether each rank holds the whole model (``ddp``) or a share of it, of its gradients and of the
    optimiser's state (``fsdp``). ``best`` names what the weights of ``checkpoints/best-…`` are lowest in, within the
    last stage.
    """

    seed: int = 1
    parallel: Literal["ddp", "fsdp"] = "ddp"
    bf16: bool = False
    compile: bool = False
    log_every: int = 50
    evaluate_every: int = 1000
    checkpoint_every: int = 1000
    keep_checkpoints: int = 2
    best: Literal["none", "perplexity"] = "perplexity"
    peak_tflops: float = 0.0

    def __post_init__(self) -> None:
        for name in ("log_every", "evaluate_every", "checkpoint_every", "keep_checkpoints"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of at least 1")
