"""Whether all ranks would go on from the same place."""

from __future__ import annotations

from pathlib import Path

from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.runs.checkpoint import Checkpoint


def agree(found: tuple[Path, Checkpoint] | None, process: Process) -> None:
    """Raises CheckpointError unless all ranks go on from the same checkpoint."""
    stage, step = (found[1].progress.stage, found[1].progress.step) if found else (-1, -1)
    sums = process.sum(stage, step, stage**2, step**2)
    own = (stage, step, stage**2, step**2)
    if any(total != value * process.world for total, value in zip(sums, own, strict=True)):
        raise CheckpointError(
            f"rank {process.rank} of {process.world}: newest whole checkpoint: {found[0] if found else 'none'}; "
            "another rank found another"
        )
