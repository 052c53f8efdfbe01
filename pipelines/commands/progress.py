"""Progress of a stage of local processes, from the shards that exist."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from tqdm import tqdm

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.task_list import unfinished
from hanmill.pipelines.corpus.shards import ShardError, read_footer
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.location import ObjectPath, location

_POLL_SECONDS = 0.5
#: Every look at an object store is paid for.
_STORE_POLL_SECONDS = 15.0
#: A log has a line after so many seconds at first, and then ever later ones, at most so many apart.
_FIRST_LINE, _LONGEST_PAUSE = 10.0, 120.0


@dataclass(frozen=True, slots=True)
class ProgressForm:
    """``log`` is ``text`` or ``json``; every shard is named where ``verbose``, nothing is said if ``quiet``."""

    log: str = "text"
    verbose: bool = False
    quiet: bool = False


@dataclass(slots=True)
class StageProgress:
    """How far a stage is. ``weights`` are by task: bytes or records of its split, or one each.

    ``is_input`` says that it goes by input; ``before`` is the weight that was there when the stage began. Records, kept
    and characters are of the shards that were finished since.
    """

    stage: str
    shards: int
    weight: int
    is_input: bool = False
    before: int = 0
    done_shards: int = 0
    done_weight: int = 0
    records: int = 0
    kept: int = 0
    characters: int = 0
    elapsed: float = 0.0

    @classmethod
    def of(cls, stage: str, tasks: Sequence[Task], left: Sequence[Task]) -> StageProgress:
        """At the beginning of a stage of which ``left`` is still to do."""
        whole, waiting = sum(map(weight, tasks)), sum(map(weight, left))
        done = len(tasks) - len(left)
        is_input = any(task.split for task in tasks)
        return cls(stage, len(tasks), whole, is_input, whole - waiting, done, whole - waiting)

    def finish(self, task: Task) -> None:
        """Takes in a task whose shards are there, with what their footers say."""
        self.done_shards += 1
        self.done_weight += weight(task)
        writes = dict(task.writes)
        with suppress(OSError, ShardError, KeyError):
            if "documents" in writes:
                account = read_footer(location(writes["documents"]))["accounting"]
                self.records += account["read"]
                self.kept += account["kept"]
            elif "train" in writes:
                for part in ("train", "validation"):
                    self.characters += read_footer(location(writes[part]))["measures"].get("characters", 0)

    @property
    def seconds_left(self) -> float | None:
        """By the weight done since the beginning; None before anything is."""
        done = self.done_weight - self.before
        return self.elapsed * (self.weight - self.done_weight) / done if done > 0 else None

    def as_dict(self) -> dict[str, Any]:
        """For a log that programs read."""
        left = self.seconds_left
        return {
            "stage": self.stage,
            "shards": self.shards,
            "shards_done": self.done_shards,
            "share": round(self.done_weight / self.weight, 4) if self.weight else 1.0,
            "records": self.records,
            "kept": self.kept,
            "characters": self.characters,
            "seconds": round(self.elapsed, 1),
            "seconds_left": None if left is None else round(left),
        }

    def said(self) -> str:
        """What is known beside the number of shards."""
        parts = []
        pace = max(self.elapsed, 1e-9)
        if self.records:
            lost = self.records - self.kept
            parts += [f"{self.records / pace:,.0f} records/s", f"{lost:,} of {self.records:,} dropped or failed"]
        if self.characters:
            parts.append(f"{self.characters / pace:,.0f} characters/s")
        return ", ".join(parts)

    def line(self) -> str:
        """A line of a log."""
        share = self.done_weight / self.weight if self.weight else 1.0
        parts = [f"{self.done_shards:,} of {self.shards:,} shards", f"{share:.0%} of the input" * self.is_input]
        if (left := self.seconds_left) is not None and self.done_shards < self.shards:
            parts.append(f"{duration(left)} left")
        return f"{self.stage}: " + ", ".join(filter(None, [*parts, self.said()]))


def weight(task: Task) -> int:
    """How much a task is of its stage: the size of its split in its own unit, one where it has none."""
    return max(1, task.split.end - task.split.start) if task.split else 1


def duration(seconds: float) -> str:
    """Seconds as a person says them.

    >>> duration(42), duration(600), duration(9000)
    ('42 s', '10 min', '2 h 30 min')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def progress_in(form: ProgressForm) -> Callable[[str, Sequence[Task]], AbstractContextManager[None]]:
    """What a build calls around each stage: a bar on a terminal, lines now and then otherwise, on stderr."""

    @contextmanager
    def show(stage: str, tasks: Sequence[Task]) -> Iterator[None]:
        left = unfinished(tasks)
        progress = StageProgress.of(stage, tasks, left)
        if form.quiet:
            teller: _Teller = _Teller(form)
        elif sys.stderr.isatty() and form.log == "text":
            teller = _Bar(form, progress)
        else:
            teller = _Log(form, sys.stderr)
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(progress, left, teller, ended), daemon=True)
        teller.begin(progress)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
            teller.end(progress)

    return show


@dataclass
class _Teller:
    """Tells nothing."""

    form: ProgressForm

    def begin(self, progress: StageProgress) -> None:
        """At the start of a stage."""

    def shard(self, task: Task) -> None:
        """When a task is done."""

    def tick(self, progress: StageProgress) -> None:
        """Every now and then."""

    def end(self, progress: StageProgress) -> None:
        """At the end of a stage, reached or not."""


@dataclass
class _Bar(_Teller):
    progress: StageProgress
    bar: Any = field(init=False)

    def begin(self, progress: StageProgress) -> None:
        # The bar runs by weight, so that its time to go is that of the input; the shards stand behind it.
        layout = "{desc}: {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}{postfix}]"
        self.bar = tqdm(total=progress.weight, initial=progress.before, desc=progress.stage, bar_format=layout)
        self.tick(progress)

    def shard(self, task: Task) -> None:
        if self.form.verbose:
            self.bar.write(f"{self.progress.stage}: {printable(task.label)}", file=sys.stderr)

    def tick(self, progress: StageProgress) -> None:
        shards = f"{progress.done_shards:,}/{progress.shards:,} shards"
        self.bar.set_postfix_str(", ".join(filter(None, (shards, progress.said()))), refresh=False)
        self.bar.n = progress.done_weight
        self.bar.refresh()

    def end(self, progress: StageProgress) -> None:
        self.tick(progress)
        self.bar.close()


@dataclass
class _Log(_Teller):
    stream: TextIO
    next_line: float = _FIRST_LINE

    def begin(self, progress: StageProgress) -> None:
        said = f"{progress.stage}: {progress.shards:,} shards, {progress.done_shards:,} there already"
        self._write("begin", said, progress)

    def shard(self, task: Task) -> None:
        if self.form.verbose and self.form.log == "text":
            print(f"done: {printable(task.label)}", file=self.stream, flush=True)
        elif self.form.verbose:
            self._json({"event": "shard", "label": task.label})

    def tick(self, progress: StageProgress) -> None:
        if progress.elapsed >= self.next_line:
            self.next_line = progress.elapsed + min(_LONGEST_PAUSE, self.next_line)
            self._write("progress", progress.line(), progress)

    def end(self, progress: StageProgress) -> None:
        is_done = progress.done_shards == progress.shards
        said = f"{progress.stage}: done in {duration(progress.elapsed)}" if is_done else progress.line()
        more = progress.said() if is_done else ""
        self._write("done" if is_done else "stopped", ", ".join(filter(None, (said, more))), progress)

    def _write(self, event: str, said: str, progress: StageProgress) -> None:
        if self.form.log == "json":
            self._json({"event": event, **progress.as_dict()})
        else:
            print(said, file=self.stream, flush=True)

    def _json(self, entry: dict[str, Any]) -> None:
        print(json.dumps({"time": round(time.time(), 3), **entry}), file=self.stream, flush=True)


def _watch(progress: StageProgress, left: Sequence[Task], teller: _Teller, ended: threading.Event) -> None:
    in_store = any(isinstance(location(path), ObjectPath) for task in left[:1] for _, path in task.writes)
    seconds = _STORE_POLL_SECONDS if in_store else _POLL_SECONDS
    start, waiting = time.monotonic(), left
    while True:
        last = ended.wait(seconds)
        progress.elapsed = time.monotonic() - start
        looked = time.monotonic()
        still = unfinished(waiting)
        # Of very many shards looking takes long: no more than a twentieth of the time goes there.
        seconds = max(seconds, 20 * (time.monotonic() - looked))
        open_keys = {task.key for task in still}
        for task in waiting:
            if task.key not in open_keys:
                progress.finish(task)
                teller.shard(task)
        waiting = still
        if last:
            return
        teller.tick(progress)
