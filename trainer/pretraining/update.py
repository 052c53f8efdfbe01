"""The passes of one update: what a rank computes of a global batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from hanmill.trainer.data.batch_source import Batch
from hanmill.trainer.distributed.parallel import local_gradients
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.objectives.objective import Objective


def backward(
    replica: nn.Module, objective: Objective[Any], micro_batches: Sequence[Batch], targets: float, process: Process,
    bf16: bool,
) -> torch.Tensor:  # fmt: skip
    """Gradients of the mean loss over the ``targets`` of the whole global batch, however it is split.

    Returns this rank's sum of losses, on the device. Ranks average their gradients with the last micro-batch.
    """
    replica.train()
    losses = torch.zeros((), dtype=torch.float64, device=process.device)
    for number, batch in enumerate(micro_batches, 1):
        with local_gradients(replica, number < len(micro_batches)):
            with torch.autocast(process.device.type, torch.bfloat16, enabled=bf16):
                loss = objective.loss_sum(replica, batch.to(process.device))
            # Gradients are averaged over ranks; the loss is a sum over them.
            (loss * process.world / max(1.0, targets)).backward()  # type: ignore[no-untyped-call]
        losses += loss.detach()
    return losses


def settle_buckets(replica: nn.Module, objective: Objective[Any], batch: Batch, process: Process, bf16: bool) -> None:
    """A pass whose gradients are thrown away.

    DistributedDataParallel puts gradients into other buckets after its first, and where a gradient lies decides in
    which order ranks add it up: a run that is continued would differ from one that was not by a rounding.
    """
    backward(replica, objective, [batch], 1.0, process, bf16)
    for parameter in replica.parameters():
        parameter.grad = None
