"""Whether all ranks would go on from the same place."""

from __future__ import annotations

from pathlib import Path

from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CheckpointError


def agree(path: Path | None, process: Process) -> None:
    """Raises CheckpointError unless all ranks go on from the same checkpoint."""
    stage, step = map(int, path.name.split("-")[1:]) if path else (-1, -1)
    sums = process.sum(stage, step, stage**2, step**2)
    own = (stage, step, stage**2, step**2)
    if any(total != value * process.world for total, value in zip(sums, own, strict=True)):
        raise CheckpointError(
            f"rank {process.rank} of {process.world}: newest whole checkpoint: {path or 'none'}; another rank found "
            "another"
        )
