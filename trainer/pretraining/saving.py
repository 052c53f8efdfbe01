"""The checkpoints of a run on several ranks: each writes its share, one is made of them once all are there."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import torch

from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.distributed.agreement import agree
from hanmill.trainer.distributed.parallel import is_sharded
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.model_spec import PretrainingConfig, PretrainingSpec
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints
from hanmill.trainer.runs.shares import EVERYTHING, Part, Share


def part_of(spec: PretrainingSpec[Any, Any], config: PretrainingConfig, corpus: Corpus, process: Process) -> Part:
    """What a rank reads of a checkpoint: all of it, or its rows of what is sharded, which tables are not."""
    if not is_sharded(process, config.loop):
        return EVERYTHING
    with torch.device("meta"):
        model = spec.build(config, spec.sizes(config, corpus))
    return Part(Share(process.rank, process.world), frozenset(dict(model.named_buffers())))


class Saving:
    """Every rank must call each method, but ``close``, at the same place. All of them raise CheckpointError."""

    def __init__(self, folder: Path, keep: int, process: Process) -> None:
        self._process = process
        (start,) = process.sum(float(secrets.randbits(48)) if process.rank == 0 else 0.0)
        self.checkpoints = Checkpoints(folder, keep, Share(process.rank, process.world), f"{int(start):x}")

    def newest(self, part: Part) -> tuple[Path, Checkpoint] | None:
        """The newest checkpoint that every rank found whole, each in its ``part``, or None.

        What earlier starts left unfinished goes.
        """
        if self._process.rank == 0:
            self.checkpoints.clear()
        return self.checkpoints.newest(part, self._hear)

    def _hear(self, path: Path | None, line: str) -> list[str]:
        agree(path, self._process)
        return self._process.tell(line)

    def save(self, checkpoint: Checkpoint, kind: str = "step") -> None:
        """Writes while training goes on. The tensors are of this rank, and may change once this returns."""
        self.finish()
        self.checkpoints.save_behind(checkpoint, kind)

    def finish(self) -> None:
        """Returns on every rank when all that was begun is on the disk."""
        self.checkpoints.wait_for_share()
        # A rank that is gone is met here, and not by waiting for its share.
        self._process.barrier()
        self.checkpoints.wait()
        self._process.barrier()

    def close(self) -> None:
        """Gives up what other ranks, which ended, have not written."""
        self.checkpoints.close()
