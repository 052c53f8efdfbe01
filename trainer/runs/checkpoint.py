"""Checkpoints: one file each, complete or absent, written while training goes on, read without running code.

``torch.distributed.checkpoint`` is not used: its metadata is a pickle that is read without restriction. A file holds
the state as one process would have it, so it continues on any number of ranks, replicated or sharded.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint

_VERSION = 1
#: Settings that may change between a run's beginning and its continuation; all others decide what is computed.
_FREE = frozenset({"loop.log_every", "loop.evaluate_every", "loop.checkpoint_every", "loop.keep_checkpoints"}) | {
    "loop.peak_tflops",
    "loop.compile",
    "loop.parallel",
    "data.workers",
    "data.micro_batch",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. ``step`` counts the updates of this stage; ``epoch`` and ``batch`` name the next batch.

    ``loss`` and ``targets`` are sums since the last line of the log.
    """

    stage: int = 0
    step: int = 0
    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    targets: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file holds. ``optimizer`` is empty once the last stage is done."""

    model: str
    config: dict[str, Any]
    corpus: str
    progress: Progress
    weights: dict[str, torch.Tensor]
    optimizer: dict[str, Any]

    def check(self, path: Path, model: str, config: object, corpus: str) -> None:
        """Raises CheckpointError unless it continues this model, configuration and corpus."""
        if self.model != model:
            raise CheckpointError(f"{path}: checkpoint of {self.model}, asked to train {model}")
        found, wanted = _flat(self.config), _flat(to_mapping(config))
        for key in sorted(found.keys() | wanted.keys()):
            if key not in _FREE and found.get(key) != wanted.get(key):
                raise CheckpointError(f"{path}: {key} of the checkpoint: {found.get(key)}; asked: {wanted.get(key)}")
        if self.corpus != corpus:
            raise CheckpointError(f"{path}: manifest hash of its corpus: {self.corpus}; of the one given: {corpus}")


class Checkpoints:
    """The checkpoints of one run, newest kept."""

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder, self._keep = folder, keep
        self._writer = ThreadPoolExecutor(1, "checkpoint")
        self._written: Future[Path] | None = None
        #: What ``newest`` passed over, a line each.
        self.damaged: list[str] = []

    def paths(self) -> list[Path]:
        """Finished files, oldest first; unfinished ones have another suffix."""
        return sorted(self._folder.glob("step-*.pt"))

    def newest(self) -> tuple[Path, Checkpoint] | None:
        """The newest checkpoint that is whole, or None where there are none.

        Raises CheckpointError where none is whole, or where the newest is whole and cannot be used.
        """
        first: DamagedCheckpoint | None = None
        for path in reversed(self.paths()):
            try:
                return path, load_checkpoint(path)
            except DamagedCheckpoint as error:
                self.damaged.append(str(error))
                first = first or error
        if first:
            raise first
        return None

    def save(self, checkpoint: Checkpoint) -> Path:
        """Writes beside, flushes to the disk, renames: a killed process leaves the old files as they were.

        Raises CheckpointError where the file cannot be written.
        """
        progress = checkpoint.progress
        path = self._folder / f"step-{progress.stage:02d}-{progress.step:09d}.pt"
        unfinished = path.with_suffix(".unfinished")
        content = {"version": _VERSION} | {
            name: getattr(checkpoint, name) for name in ("model", "config", "corpus", "weights", "optimizer")
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                torch.save(content | {"progress": asdict(progress)}, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except (OSError, RuntimeError) as error:
            raise CheckpointError(f"{path}: cannot be written: {' '.join(str(error).split())[:200]}") from error
        for old in self.paths()[: -self._keep]:
            old.unlink()
        return path

    def save_behind(self, checkpoint: Checkpoint) -> None:
        """As ``save``, in a thread; nothing of the checkpoint may change any more.

        Waits for the one before, and raises what went wrong with it.
        """
        self.wait()
        self._written = self._writer.submit(self.save, checkpoint)

    def wait(self) -> None:
        """Returns when the last ``save_behind`` is on the disk; raises what went wrong with it."""
        written, self._written = self._written, None
        if written:
            written.result()


def newest_checkpoint(run: Path) -> tuple[Path, Checkpoint]:
    """The newest whole checkpoint of a run. Raises CheckpointError where it has none."""
    found = Checkpoints(run / "checkpoints", 1).newest()
    if found is None:
        raise CheckpointError(f"{run}: found no checkpoint, expected a run of `hanmill train`")
    return found


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads tensors and plain values only, tensors on demand so that ranks of a machine share one copy.

    Raises DamagedCheckpoint or CheckpointError naming the file.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedCheckpoint(f"{path}: found a damaged or foreign file, expected a checkpoint ({reason})") from error
    version = content.pop("version", None) if isinstance(content, dict) else None
    if version != _VERSION:
        raise CheckpointError(f"{path}: version of the checkpoint: {version}; of this program: {_VERSION}")
    try:
        return Checkpoint(**content | {"progress": Progress(**content["progress"])})
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: lacks or misspells a field: {error}") from error


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    items: Iterable[tuple[str, Any]]
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = ((str(index), item) for index, item in enumerate(value))
    else:
        return {key: value}
    flat: dict[str, Any] = {}
    for name, item in items:
        flat |= _flat(item, f"{key}.{name}" if key else str(name))
    return flat
