"""What a pretraining run does beside learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hanmill.trainer.configs.bounds import above, at_least
from hanmill.trainer.configs.scored_task import ScoredTaskConfig


@dataclass(frozen=True, slots=True)
class SpikeConfig:
    """What a step is, whose gradient is far from those before it, and what is done with it.

    A spike is a gradient norm (before clipping) above ``factor`` times the running mean of those of earlier steps,
    each counted ``1/memory``, or one that is not finite. The rule begins with the stage's step ``after``. ``skip``
    leaves the update out. ``rollback`` goes back to the newest checkpoint of the stage and on with the batches
    behind the spike (Chowdhery et al. 2022, section 5.1), at most ``rollbacks`` times from one checkpoint.
    """

    action: Literal["none", "skip", "rollback"] = "none"
    factor: float = 5.0
    memory: int = 100
    after: int = 100
    rollbacks: int = 3

    def __post_init__(self) -> None:
        above(self, 1, "factor")
        at_least(self, 1, "memory", "after", "rollbacks")


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """What the loop does beside learning. Intervals in optimiser steps; ``peak_tflops`` zero means by device.

    ``parallel`` says whether each rank holds the whole model (``ddp``) or a share of it, of its gradients and of the
    optimiser's state (``fsdp``). ``tasks`` are learnt from the encoder as it is while the run goes on, and scored.
    ``best`` names what the weights of ``checkpoints/best-…`` are best in, within the last stage: ``perplexity``, the
    lowest, or a measure of one of the tasks (``segmentation.f1``), the highest; or ``none``. ``recompute`` keeps no
    activations inside layers and computes them again in the backward pass: less memory, a third more work.
    ``trackers`` are sent every number of the log; TensorBoard is where it is installed.
    """

    seed: int = 1
    parallel: Literal["ddp", "fsdp"] = "ddp"
    bf16: bool = False
    compile: bool = False
    log_every: int = 50
    evaluate_every: int = 1000
    checkpoint_every: int = 1000
    keep_checkpoints: int = 2
    best: str = "perplexity"
    peak_tflops: float = 0.0
    recompute: bool = False
    spikes: SpikeConfig = SpikeConfig()
    tasks: tuple[ScoredTaskConfig, ...] = ()
    trackers: tuple[Literal["tensorboard", "wandb", "mlflow"], ...] = ()

    def __post_init__(self) -> None:
        at_least(self, 1, "log_every", "evaluate_every", "checkpoint_every", "keep_checkpoints")
        at_least(self, 0, "peak_tflops")
        if len(set(self.trackers)) < len(self.trackers):
            raise ValueError("trackers, each once")
        titles = [task.title for task in self.tasks]
        if len(set(titles)) < len(titles):
            raise ValueError(f"tasks each with a name of its own, found {', '.join(titles)}")
        known = ["none", "perplexity", *(measure for task in self.tasks for measure in task.measures)]
        if self.best not in known:
            more = "" if self.tasks else ", or a measure of one of tasks, of which there are none"
            raise ValueError(f"best (found {self.best}) one of {', '.join(known)}{more}")
