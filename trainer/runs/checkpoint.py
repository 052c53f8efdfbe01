"""Checkpoints of a run: complete or absent, checked when they are read, written while training goes on.

Every rank writes a share, and reads the whole state as one process would have it, or the rows of a share of its own
cutting; so a checkpoint continues on any number of ranks, replicated or sharded.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.typed_mapping import SettingError, from_mapping, to_mapping
from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint
from hanmill.trainer.runs.checkpoint_folder import (
    INDEX,
    commit,
    missing_share,
    read_folder,
    remove,
    structure,
    write_share,
)
from hanmill.trainer.runs.shares import EVERYTHING, WHOLE, Part, Share, own_rows

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
_FREE_LISTS = re.compile(r"stages\.\d+\.(phases\.\d+\.)?shape\.micro_batch|loop\.trackers\.\d+|loop\.tasks\.\d+\..*")
_NAME = re.compile(r"[a-z]+-\d{2,}-\d{9,}")
_LENGTH = re.compile(r"stages\.(\d+)\.(steps|decay)")

#: Seconds between two looks for the shares of other ranks, and until one that was written is missing.
_LOOK, _LATEST = 0.02, 120.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. ``step`` counts the updates of this stage; ``epoch`` and ``batch`` name the next batch.

    ``loss`` and ``targets`` are sums since the last line of the log; ``best`` is the lowest validation loss of this
    stage, or the best score on a development set where a task's chooses, None before the first.
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
    """What a folder holds, or a part of its tensors' rows. ``optimizer`` is empty where training cannot go on."""

    model: str
    config: dict[str, Any]
    corpus: str
    progress: Progress
    weights: dict[str, torch.Tensor]
    optimizer: dict[str, Any]

    def check(
        self, path: Path, model: str, config: object, corpus: str, data: str = "manifest hash of its corpus"
    ) -> dict[str, tuple[Any, Any]]:
        """Settings that differ and may, with both values. ``data`` says what ``corpus`` is.

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
            raise CheckpointError(f"{path}: {data}: {self.corpus}; of what is given: {corpus}")
        return changed

    def _may_differ(self, key: str, wanted: Any, path: Path) -> bool:
        match = _LENGTH.fullmatch(key)
        if match is None or wanted is None or int(match[1]) < self.progress.stage:
            return False
        if key.endswith("steps") and int(match[1]) == self.progress.stage and wanted < self.progress.step:
            raise CheckpointError(f"{path}: {key} asked: {wanted}; steps already made: {self.progress.step}")
        return True


class Checkpoints:
    """The checkpoints of one run, newest kept; this process writes ``share`` of each.

    ``start``, the same on all ranks, tells this start of the run from others, whose ranks may still be writing.
    """

    def __init__(self, folder: Path, keep: int, share: Share = WHOLE, start: str = "") -> None:
        self._folder, self._keep, self._share, self._start = folder, keep, share, start
        self._writer = ThreadPoolExecutor(1, "checkpoint")
        self._written: Future[None] | None = None
        self._committed: Future[None] | None = None
        self._path_begun = folder
        # Every process has written its share of the last one; nobody waits for it any more.
        self._all_written, self._closed = threading.Event(), threading.Event()
        # Known to be whole: read, or written, by this process.
        self._whole: set[Path] = set()
        #: What ``newest`` passed over, a line each.
        self.damaged: list[str] = []

    def paths(self, kind: str = "step") -> list[Path]:
        """Finished folders, oldest first; unfinished ones, and what others put beside them, have other names."""
        found = (path for path in self._folder.glob(f"{kind}-*") if path.is_dir())
        return sorted(path for path in found if _NAME.fullmatch(path.name))

    def newest(
        self, part: Part = EVERYTHING, hear: Callable[[Path | None, str], list[str]] = lambda path, line: [line]
    ) -> tuple[Path, Checkpoint] | None:
        """The newest checkpoint that is whole, or None where there are none.

        Of its tensors the rows that ``part`` says are read; ``hear``, which is given each place and what this process
        found wrong with it (or nothing), says what all processes found. Says in ``damaged`` what was passed over.
        Raises CheckpointError where none is whole, or where the newest is whole and cannot be used, or was written
        before checkpoints had digests.
        """
        first = ""
        for path in reversed(self.paths()):
            found, wrong = None, ""
            try:
                found = load_checkpoint(path, part)
            except DamagedCheckpoint as error:
                wrong = str(error)
            lines = [line for line in hear(path, wrong) if line]
            if found is not None and not lines:
                self._whole.add(path)
                return path, found
            self.damaged += dict.fromkeys(lines)
            first = first or lines[0]
        hear(None, "")
        if first:
            raise DamagedCheckpoint(first)
        if old := sorted(self._folder.glob("step-*.pt")):
            raise CheckpointError(
                f"{old[-1]}: found a checkpoint of an earlier version, without digests; expected a folder with "
                f"{INDEX}: begin a new run in another folder"
            )
        return None

    def clear(self) -> None:
        """Removes what earlier starts left unfinished."""
        for path in self._folder.glob("*.unfinished"):
            shutil.rmtree(path, ignore_errors=True)

    def save(self, checkpoint: Checkpoint, kind: str = "step") -> Path:
        """Writes ``KIND-STAGE-STEP``; a killed process leaves the old ones as they were. For a process alone.

        Keeps the newest ones of kind ``step`` and one of any other. Raises CheckpointError where it cannot be written.
        """
        self.save_behind(checkpoint, kind)
        self.wait()
        return self._path(checkpoint, kind)

    def save_behind(self, checkpoint: Checkpoint, kind: str = "step") -> None:
        """Copies this process's share and writes it in a thread; that of share 0 commits once all are there.

        Waits for the one before, and raises what went wrong with it.
        """
        self.wait()
        path = self._path(checkpoint, kind)
        # What stands there and is not known to be whole was passed over as damaged.
        if path in self._whole:
            if self._share.number == 0:
                self._prune(path, kind)
            return
        values = {name: getattr(checkpoint, name) for name in ("model", "config", "corpus")}
        values["progress"] = asdict(checkpoint.progress)
        states = {"weights": checkpoint.weights, "optimizer": checkpoint.optimizer}
        groups = {name: own_rows(state, self._share) for name, state in states.items()}
        structures = {name: structure(group) for name, group in groups.items()}
        aside = path.with_name(".".join(part for part in (path.name, self._start, "unfinished") if part))
        self._path_begun, self._all_written = path, threading.Event()
        self._written = self._writer.submit(write_share, aside, self._share, groups)
        if self._share.number == 0:
            self._committed = self._writer.submit(self._commit, self._written, aside, path, kind, values, structures)
        self._whole.add(path)

    def wait_for_share(self) -> None:
        """Returns when this process's share is on the disk; raises what went wrong with it, once."""
        written, self._written = self._written, None
        self._result(written)

    def wait(self) -> None:
        """Returns when the last checkpoint is on the disk; every process has written its share of it, and all call."""
        self._all_written.set()
        self.wait_for_share()
        committed, self._committed = self._committed, None
        self._result(committed)

    def close(self) -> None:
        """Returns when nothing is written any more. A checkpoint is given up if shares of other processes lack."""
        self._closed.set()
        self._writer.shutdown()

    def _result(self, future: Future[None] | None) -> None:
        try:
            if future is not None:
                future.result()
        except Exception:
            self._whole.discard(self._path_begun)
            self._committed = None
            raise

    def _commit(
        self, written: Future[None], aside: Path, path: Path, kind: str, values: dict[str, Any],
        structures: dict[str, Any],
    ) -> None:  # fmt: skip
        written.result()
        world, late = self._share.world, 0.0
        while missing := missing_share(aside, world):
            if self._closed.wait(_LOOK):
                return
            # A file system between machines may show late what is there.
            late += _LOOK if self._all_written.is_set() else 0
            if late > _LATEST:
                raise CheckpointError(
                    f"{missing}: not found {_LATEST:g} s after it was written, expected one file system for all ranks"
                )
        commit(aside, path, world, values, structures)
        self._prune(path, kind)

    def _prune(self, path: Path, kind: str) -> None:
        paths = self.paths(kind)
        if path not in paths:
            return
        here = paths.index(path)
        # Later ones were passed over as damaged, or lead away from where the run now stands.
        for other in paths[: max(0, here + 1 - (self._keep if kind == "step" else 1))] + paths[here + 1 :]:
            remove(other)

    def _path(self, checkpoint: Checkpoint, kind: str) -> Path:
        return self._folder / f"{kind}-{checkpoint.progress.stage:02d}-{checkpoint.progress.step:09d}"


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


def load_checkpoint(path: Path, part: Part = EVERYTHING) -> Checkpoint:
    """Reads a folder, every byte of ``part`` checked. Raises DamagedCheckpoint or CheckpointError naming the file."""
    values, groups = read_folder(path, part)
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
