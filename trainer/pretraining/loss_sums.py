"""Losses and gradient norms on the device, added up over ranks only when something is written of them."""

from __future__ import annotations

import torch

from hanmill.trainer.distributed.process import Process


class LossSums:
    """Sums since ``take`` was last called: reading them would make each step wait for the GPU."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._loss = torch.zeros((), dtype=torch.float64, device=process.device)
        self._norm = torch.zeros((), device=process.device)

    def add(self, losses: torch.Tensor, norm: torch.Tensor) -> None:
        """A step's sum of losses on this rank, and the norm of its gradient."""
        self._loss += losses
        self._norm += norm

    def clear(self) -> None:
        """Forgets what was added."""
        self._loss.zero_()
        self._norm.zero_()

    def take(self) -> tuple[float, float]:
        """The losses of all ranks and this one's norms, which are those of all; then 0. Every rank must call."""
        (loss,) = self._process.sum(float(self._loss))
        norm = float(self._norm)
        self.clear()
        return loss, norm
