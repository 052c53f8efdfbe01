"""Progress of a stage, from the shards that exist: the same on every engine."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

from pipelines.jobs.job import Task

_POLL_SECONDS = 0.5


@contextmanager
def show_progress(stage: str, tasks: Sequence[Task]) -> Iterator[None]:
    """A bar on a terminal, a line at the start and at the end otherwise, on stderr."""
    before = sum(task.is_done for task in tasks)
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
    waiting = [task for task in tasks if not task.is_done]
    while True:
        last = ended.wait(_POLL_SECONDS)
        left = [task for task in waiting if not task.is_done]
        bar.update(len(waiting) - len(left))
        waiting = left
        if last:
            return
