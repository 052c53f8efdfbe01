"""This process among its fellows: rank, world and device, from the environment that ``torchrun`` sets."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist

from hanmill.trainer.errors import Interrupted

#: A rank that says nothing for so long is lost.
_LOST = timedelta(minutes=30)
_PATIENCE = timedelta(hours=6)
_PLACE = "hanmill/place"


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
            backend = "cpu:gloo,cuda:nccl" if self.device.type == "cuda" else "gloo"
            dist.init_process_group(
                backend, store=_meeting_place(self.rank), rank=self.rank, world_size=self.world, timeout=_LOST
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After an error the group is left as it is: taking it down waits for ranks that may wait for this one.
        if self.world > 1 and (kind is None or issubclass(kind, Interrupted)):
            dist.destroy_process_group()

    def first(self, action: Callable[[], object], patience: Patience) -> None:
        """The first rank does something that may take hours; the others wait for it."""
        if self.rank == 0:
            action()
        patience.wait()

    def sum(self, *values: float) -> list[float]:
        """Each value summed over all ranks, by way of the CPU: no GPU waits."""
        total = torch.tensor(values, dtype=torch.float64)
        if self.world > 1:
            dist.all_reduce(total)
        values_of_all: list[float] = total.tolist()
        return values_of_all

    def sum_later(self, *values: float) -> Callable[[], list[float]]:
        """As ``sum``, which begins now; what is returned waits for it. Every rank must call it, too."""
        total = torch.tensor(values, dtype=torch.float64)
        work = dist.all_reduce(total, async_op=True) if self.world > 1 else None

        def wait() -> list[float]:
            if work is not None:
                work.wait()
            sums: list[float] = total.tolist()
            return sums

        return wait

    def add(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The arrays of all ranks, of one shape, added up, by way of the CPU."""
        if self.world == 1:
            return counts
        total = torch.from_numpy(counts.copy())
        dist.all_reduce(total)
        return total.numpy()

    def tell(self, text: str) -> list[str]:
        """What each rank tells the others, the first thousand characters of it. Every rank must call."""
        codes = np.zeros((self.world, 1000), np.int64)
        own = [ord(character) for character in text[:1000]]
        codes[self.rank, : len(own)] = own
        return ["".join(map(chr, row[row > 0])) for row in self.add(codes)]

    def barrier(self) -> None:
        """Waits until every rank is here."""
        self.sum(0.0)


class Patience:
    """Lets ranks wait for hours, where others have much to do. Every rank must make one, inside the process's context.

    Made once: a group of ranks that is given up early breaks off those that are still leaving it.
    """

    def __init__(self, process: Process) -> None:
        self._group = dist.new_group(backend="gloo", timeout=_PATIENCE) if process.world > 1 else None

    def wait(self) -> None:
        """Returns when every rank is here."""
        if self._group is not None:
            dist.barrier(cast(dist.ProcessGroup, self._group))


def _meeting_place(rank: int) -> dist.Store:
    """A store of this start alone, kept by the first rank.

    ``torchrun`` keeps one for all restarts, in which ranks would find the addresses of processes that are gone, so
    it only says where the new one is. Raises dist.DistError where the first rank is not found in time.
    """
    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return dist.TCPStore(host, port, is_master=rank == 0, wait_for_workers=False, timeout=_LOST)
    launcher = dist.TCPStore(host, port, is_master=False, timeout=_LOST)
    if rank == 0:
        own = dist.TCPStore(host, 0, is_master=True, wait_for_workers=False, timeout=_LOST)
        launcher.set(_PLACE, str(own.port))
        return own
    deadline = time.monotonic() + _LOST.total_seconds()
    while True:
        try:
            place = dist.TCPStore(host, int(launcher.get(_PLACE)), is_master=False, timeout=timedelta(seconds=5))
        except dist.DistError:
            # The place of an earlier start: the first rank has not said the new one yet.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
            continue
        place.set_timeout(_LOST)
        return place
