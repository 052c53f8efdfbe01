"""What went wrong below the trainer, in its own words, and which rank says so."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import torch
import torch.distributed as dist

from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import Interrupted, OutOfMemory, RankLost, TrainerError

#: Seconds in which the rank that caused a failure may name it before those that lost it speak.
_PATIENCE = 5.0


def explain(error: BaseException, advice: str, process: Process) -> TrainerError | None:
    """One line for a device out of memory or a rank that is gone; None for anything else.

    ``advice`` says how large a step is by the configuration, and which setting makes it smaller.
    """
    reason = " ".join(str(error).split())[:200]
    rank = f"rank {process.rank} of {process.world}"
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in reason:
        return OutOfMemory(f"{rank}: a step does not fit the memory of {process.device}: {advice} ({reason})")
    if isinstance(error, dist.DistError) or "gloo" in reason or "Connection closed by peer" in reason:
        return RankLost(f"{rank}: another rank ended or cannot be reached ({reason})")
    return None


def speaks_first(error: Exception) -> bool:
    """Whether no other rank of the job has named an error yet, so that a job ends with one line.

    Asks the store that ``torchrun`` keeps; true where there is none. A rank that lost another waits for that one. A
    signal stops all ranks together, and the first one speaks.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return True
    if isinstance(error, Interrupted):
        return os.environ["RANK"] == "0"
    if isinstance(error, RankLost):
        time.sleep(_PATIENCE)
    try:
        place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        store = dist.TCPStore(*place, is_master=False, timeout=timedelta(seconds=_PATIENCE))
        return store.add(f"hanmill/error/{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}", 1) == 1
    except (KeyError, ValueError, RuntimeError):
        return True
