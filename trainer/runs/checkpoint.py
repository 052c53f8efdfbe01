"""Checkpoints of a run: complete or absent, checked when they are read, written while training goes on.

A checkpoint holds the state as one process would have it, so it continues on any number of ranks, replicated or
sharded.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.typed_mapping import SettingError, from_mapping, to_mapping
from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint
from hanmill.trainer.runs.checkpoint_folder import INDEX, read_folder, write_folder

#: Settings that may change between a run's beginning and its continuation; all others decide what is computed.
_FREE = frozenset(
    {
        "loop.log_every",
        "loop.evaluate_every",
        "loop.checkpoint_every",
        "loop.keep_checkpoints",
        "loop.best",
        "loop.peak_tflops",
        "loop.compile",
        "loop.parallel",
        "loop.recompute",
        "data.workers",
        "data.micro_batch",
    }
)
_FREE_LISTS = re.compile(r"stages\.\d+\.(phases\.\d+\.)?shape\.micro_batch|loop\.trackers\.\d+")
_LENGTH = re.compile(r"stages\.(\d+)\.(steps|decay)")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. ``step`` counts the updates of this stage; ``epoch`` and ``batch`` name the next batch.

    ``loss`` and ``targets`` are sums since the last line of the log; ``best`` is the lowest validation loss of this
    stage, or the best score on a task's development set, None before the first.
    ``typical_norm`` is the running mean of this stage's gradient norms, where a rule about spikes asks for it.
    """

    stage: int = 0
    step: int = 0
    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    targets: int = 0
    best: float | None = None
    typical_norm: float | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a folder holds. ``optimizer`` is empty where training cannot go on from it."""

    model: str
    config: dict[str, Any]
    corpus: str
    progress: Progress
    weights: dict[str, torch.Tensor]
    optimizer: dict[str, Any]

    def check(self, path: Path, model: str, config: object, corpus: str) -> dict[str, tuple[Any, Any]]:
        """Settings that differ and may, with both values.

        Raises CheckpointError unless it continues this model, configuration and corpus. A run may be made longer, or
        its rate begin to fall: ``steps`` of a stage that it has not left may be any number it has not passed, and
        ``decay`` any at all.
        """
        if self.model != model:
            raise CheckpointError(f"{path}: checkpoint of {self.model}, asked to train {model}")
        found, wanted = _flat(_with_defaults(type(config), self.config)), _flat(to_mapping(config))
        changed = {}
        for key in sorted(found.keys() | wanted.keys()):
            if found.get(key) == wanted.get(key):
                continue
            if key not in _FREE and not _FREE_LISTS.fullmatch(key) and not self._may_differ(key, wanted.get(key), path):
                raise CheckpointError(f"{path}: {key} of the checkpoint: {found.get(key)}; asked: {wanted.get(key)}")
            changed[key] = found.get(key), wanted.get(key)
        if self.corpus != corpus:
            raise CheckpointError(f"{path}: manifest hash of its corpus: {self.corpus}; of the one given: {corpus}")
        return changed

    def _may_differ(self, key: str, wanted: Any, path: Path) -> bool:
        match = _LENGTH.fullmatch(key)
        if match is None or wanted is None or int(match[1]) < self.progress.stage:
            return False
        if key.endswith("steps") and int(match[1]) == self.progress.stage and wanted < self.progress.step:
            raise CheckpointError(f"{path}: {key} asked: {wanted}; steps already made: {self.progress.step}")
        return True


class Checkpoints:
    """The checkpoints of one run, newest kept."""

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder, self._keep = folder, keep
        self._writer = ThreadPoolExecutor(1, "checkpoint")
        self._written: Future[Path] | None = None
        # Known to be whole: read, or written, by this process.
        self._whole: set[Path] = set()
        #: What ``newest`` passed over, a line each.
        self.damaged: list[str] = []

    def paths(self, kind: str = "step") -> list[Path]:
        """Finished folders, oldest first; unfinished ones have a suffix."""
        return sorted(path for path in self._folder.glob(f"{kind}-*") if path.suffix == "" and path.is_dir())

    def newest(self) -> tuple[Path, Checkpoint] | None:
        """The newest checkpoint that is whole, or None where there are none.

        Says in ``damaged`` what was passed over. Raises CheckpointError where none is whole, or where the newest is
        whole and cannot be used, or was written before checkpoints had digests.
        """
        first: DamagedCheckpoint | None = None
        for path in reversed(self.paths()):
            try:
                found = load_checkpoint(path)
            except DamagedCheckpoint as error:
                self.damaged.append(str(error))
                first = first or error
                continue
            self._whole.add(path)
            return path, found
        if first:
            raise first
        if old := sorted(self._folder.glob("step-*.pt")):
            raise CheckpointError(
                f"{old[-1]}: found a checkpoint of an earlier version, without digests; expected a folder with "
                f"{INDEX}: begin a new run in another folder"
            )
        return None

    def save(self, checkpoint: Checkpoint, kind: str = "step") -> Path:
        """Writes ``KIND-STAGE-STEP``; a killed process leaves the old ones as they were.

        Keeps the newest ones of kind ``step`` and one of any other. Raises CheckpointError where it cannot be written.
        """
        progress = checkpoint.progress
        path = self._folder / f"{kind}-{progress.stage:02d}-{progress.step:09d}"
        # What stands there and is not known to be whole was passed over as damaged.
        if path not in self._whole or not path.exists():
            values = {name: getattr(checkpoint, name) for name in ("model", "config", "corpus")}
            groups = {"weights": checkpoint.weights, "optimizer": checkpoint.optimizer}
            write_folder(path, path.name, values | {"progress": asdict(progress)}, groups)
            self._whole.add(path)
        paths = self.paths(kind)
        here = paths.index(path)
        # Later ones were passed over as damaged, or lead away from where the run now stands.
        for other in paths[: max(0, here + 1 - (self._keep if kind == "step" else 1))] + paths[here + 1 :]:
            shutil.rmtree(other)
        return path

    def save_behind(self, checkpoint: Checkpoint, kind: str = "step") -> None:
        """As ``save``, in a thread; nothing of the checkpoint may change any more.

        Waits for the one before, and raises what went wrong with it.
        """
        self.wait()
        self._written = self._writer.submit(self.save, checkpoint, kind)

    def wait(self) -> None:
        """Returns when the last ``save_behind`` is on the disk; raises what went wrong with it."""
        written, self._written = self._written, None
        if written:
            written.result()


def newest_checkpoint(run: Path) -> tuple[Path, Checkpoint]:
    """The newest checkpoint of a run, or ``run`` itself where it is a checkpoint's folder.

    Raises CheckpointError where there is none, or where the newest is damaged: an older one must be asked for by name.
    """
    if (run / INDEX).is_file():
        return run, load_checkpoint(run)
    checkpoints = Checkpoints(run / "checkpoints", 1)
    found = checkpoints.newest()
    if found is None:
        raise CheckpointError(f"{run}: found no checkpoint, expected a run of `hanmill train`")
    if checkpoints.damaged:
        raise DamagedCheckpoint(f"{checkpoints.damaged[0]}; an older one is whole, name it to take it: {found[0]}")
    return found


def best_checkpoint(run: Path) -> tuple[Path, Checkpoint]:
    """The best checkpoint of a run, or ``run`` itself where it is a checkpoint's folder. Raises CheckpointError."""
    if (run / INDEX).is_file():
        return run, load_checkpoint(run)
    paths = Checkpoints(run / "checkpoints", 1).paths("best")
    if not paths:
        raise CheckpointError(f"{run}: found no best checkpoint, expected a run that was scored on a development set")
    return paths[-1], load_checkpoint(paths[-1])


def run_folder(path: Path) -> Path:
    """The run of a checkpoint's folder; a run is its own."""
    return path.resolve().parents[1] if (path / INDEX).is_file() else path


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a folder, every byte checked. Raises DamagedCheckpoint or CheckpointError naming the file."""
    values, groups = read_folder(path)
    try:
        return Checkpoint(**values | groups | {"progress": Progress(**values["progress"])})
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: lacks or misspells a field: {error}") from error


def _with_defaults(kind: type, value: dict[str, Any]) -> Any:
    """A configuration with the settings that came after it, which by default change nothing."""
    try:
        return to_mapping(from_mapping(kind, value))
    except SettingError:
        return value


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
