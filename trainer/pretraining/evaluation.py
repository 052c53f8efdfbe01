"""The loss on a corpus's validation shards, beside what a unigram model of the corpus pays there."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import nn

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.batch_source import BatchSource, HeldOut
from hanmill.trainer.distributed.parallel import in_step
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.objectives.objective import Objective


class Validation(NamedTuple):
    """``loss`` and ``unigram`` in nats a target, ``targets`` of all ranks."""

    loss: float
    unigram: float
    targets: int

    @property
    def perplexity(self) -> float:
        """The largest number that there is where it is larger."""
        return math.exp(min(self.loss, 700))


@torch.no_grad()
def validate(
    model: nn.Module, objective: Objective[Any], source: BatchSource[Any], stage: StageConfig, epoch: int,
    process: Process, bf16: bool,
) -> Validation | None:  # fmt: skip
    """Every rank must call; None where there are no targets. The model is left in evaluation."""
    model.eval()
    nats = unigram = targets = 0.0
    for held_out, counts in in_step(
        process, source.validation(stage, epoch), lambda: HeldOut(source.spare(stage), 0.0)
    ):
        with torch.autocast(process.device.type, torch.bfloat16, enabled=bf16):
            found = objective.validation_loss(model, held_out.batch.to(process.device))
        if counts:
            nats, unigram, targets = nats + found.nats, unigram + held_out.unigram, targets + found.targets
    nats, unigram, total = process.sum(nats, unigram, targets)
    return Validation(nats / total, unigram / total, int(total)) if total else None
