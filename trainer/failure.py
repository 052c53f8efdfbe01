"""What went wrong below the trainer, in its own words, and which rank says so."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import torch
import torch.distributed as dist

from trainer.config import DataConfig, MLMADataConfig
from trainer.errors import Interrupted, OutOfMemory, RankLost, TrainerError
from trainer.process import Process

#: Seconds in which the rank that caused a failure may name it before those that lost it speak.
_PATIENCE = 5.0


def explain(error: BaseException, data: DataConfig | MLMADataConfig, process: Process) -> TrainerError | None:
    """One line for a device out of memory or a rank that is gone; None for anything else."""
    reason = " ".join(str(error).split())[:200]
    rank = f"rank {process.rank} of {process.world}"
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in reason:
        if isinstance(data, MLMADataConfig):
            advice = (
                f"data.tokens {data.tokens:,} a language does not fit the memory of {process.device}; make it smaller"
            )
            return OutOfMemory(f"{rank}: a step of {advice} in a new run ({reason})")
        return OutOfMemory(
            f"{rank}: a step of data.micro_batch {data.micro_batch} rows of {data.window} tokens does not fit the "
            f"memory of {process.device}; a smaller data.micro_batch gives the same result and continues the run "
            f"({reason})"
        )
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
