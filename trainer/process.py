"""This process among its fellows: rank, world and device, from the environment that ``torchrun`` sets."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType

import torch
import torch.distributed as dist


@dataclass(frozen=True, slots=True)
class Process(AbstractContextManager["Process"]):
    """One rank. As a context it joins the process group, if there is more than one rank, and leaves it."""

    rank: int
    world: int
    device: torch.device

    @classmethod
    def from_environment(cls) -> Process:
        """Rank 0 of 1 without ``torchrun``; a GPU of its own where there is one, else the CPU."""
        rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if torch.cuda.is_available():
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(device)
        else:
            device = torch.device("cpu")
        return cls(rank, world, device)

    def __enter__(self) -> Process:
        if self.world > 1:
            # The first rank may still be hashing the corpus when the others arrive.
            backend = "cpu:gloo,cuda:nccl" if self.device.type == "cuda" else "gloo"
            dist.init_process_group(backend, rank=self.rank, world_size=self.world, timeout=timedelta(hours=2))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.world > 1:
            dist.destroy_process_group()

    def sum(self, *values: float) -> list[float]:
        """Each value summed over all ranks, by way of the CPU: no GPU waits."""
        total = torch.tensor(values, dtype=torch.float64)
        if self.world > 1:
            dist.all_reduce(total)
        return total.tolist()

    def barrier(self) -> None:
        """Waits until every rank is here."""
        self.sum(0.0)
