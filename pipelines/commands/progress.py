"""Progress of a stage, from the shards that exist: the same on every engine."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

from hanmill.pipelines.build.job import Task, unfinished
from hanmill.schemas.location import ObjectPath, location

_POLL_SECONDS = 0.5
#: Every look at an object store is paid for.
_STORE_POLL_SECONDS = 15.0


@contextmanager
def show_progress(stage: str, tasks: Sequence[Task]) -> Iterator[None]:
    """A bar on a terminal, a line at the start and at the end otherwise, on stderr."""
    before = len(tasks) - len(unfinished(tasks))
    if not sys.stderr.isatty():
        print(f"{stage}: {len(tasks)} shards, {before} there already", file=sys.stderr)
        yield
        print(f"{stage}: done", file=sys.stderr)
        return
    with tqdm(total=len(tasks), initial=before, desc=stage, unit="shard") as bar:
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(tasks, bar, ended), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()


def _watch(tasks: Sequence[Task], bar: tqdm[None], ended: threading.Event) -> None:
    waiting = unfinished(tasks)
    in_store = any(isinstance(location(path), ObjectPath) for task in tasks[:1] for _, path in task.writes)
    seconds = _STORE_POLL_SECONDS if in_store else _POLL_SECONDS
    while True:
        last = ended.wait(seconds)
        left = unfinished(waiting)
        bar.update(len(waiting) - len(left))
        waiting = left
        if last:
            return
