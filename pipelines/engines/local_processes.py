"""Local processes: the same jobs without an engine, on all cores, surviving a killed worker."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType

from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.build.task_list import unfinished
from hanmill.pipelines.build.times import Usage
from hanmill.pipelines.engines.idle_processes import IdleProcesses
from hanmill.schemas.errors import STOPPED, HanmillError

#: A task that was under way when a worker died is tried this often before the build gives up.
ATTEMPTS = 3
#: A worker that has a task and uses no processor time for this many seconds hangs, and is killed.
HANG_SECONDS = 600.0

#: What ``ru_maxrss`` counts in.
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024

_opened: tuple[Job, Callable[[Task], None]] | None = None


class WorkerDiedError(HanmillError, RuntimeError):
    """A worker process was killed, or hung, again and again on the same split."""

    exit_code = STOPPED


class TaskError(HanmillError, RuntimeError):
    """A task raised; the message names stage and split, the cause is what it raised."""

    exit_code = STOPPED


class WorkerPool:
    """``workers`` processes, started once when first needed and kept from stage to stage.

    Processes are spawned, not forked: native libraries and threads of the parent do not survive a fork.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._usage = Usage()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(kill=error is not None)

    def run(self, job: Job, tasks: Sequence[Task]) -> Usage:
        """Runs a job on every task and returns what those that came to their end have used.

        Each process opens the job once. When a process dies (out of memory, killed) or hangs, the tasks that were under
        way are tried again; one that is under way at ATTEMPTS deaths raises WorkerDiedError naming its split. An
        exception in a task is raised here as a TaskError.
        """
        deaths: dict[str, int] = {}
        self._usage = Usage()
        left = tasks
        while left := unfinished(left):
            suspects = [task for task in left if task.key in deaths] if deaths else []
            # A task that was under way at a death runs alone, so that the next death names the guilty one.
            batch, width = (suspects[:1], 1) if suspects else (left, self._workers)
            for task in self._run_until_death(job, batch, width):
                deaths[task.key] = deaths.get(task.key, 0) + 1
                if deaths[task.key] == ATTEMPTS:
                    raise WorkerDiedError(f"{job.name}: {ATTEMPTS} workers died or hung on {task.label}")
        return self._usage

    def _run_until_death(self, job: Job, tasks: Sequence[Task], width: int) -> list[Task]:
        """Runs tasks until all are done or a worker dies; then returns those that were under way."""
        queue, idle = iter(tasks), IdleProcesses(HANG_SECONDS)
        following = next(queue, None)
        running: dict[Future[Usage], Task] = {}
        pool = self._started()
        try:
            while following or running:
                while following and len(running) < width:
                    running[pool.submit(_run_task, job, following)] = following
                    following = next(queue, None)
                done = wait(running, HANG_SECONDS / 10, FIRST_COMPLETED).done
                self._kill_hanging(len(running) - len(done), idle)
                for future in done:
                    _raise_error_of(future, job, running[future])
                    self._usage += future.result()
                    del running[future]
        except BrokenProcessPool:
            self._stop(kill=True)
            return list(running.values())
        return []

    def _kill_hanging(self, busy: int, idle: IdleProcesses) -> None:
        """Kills idle processes where fewer than ``busy`` are at work: the pool then breaks as if they had died."""
        processes = dict(self._started()._processes)
        hanging = idle.among(processes)
        if busy > len(processes) - len(hanging):
            for pid in hanging:
                processes[pid].kill()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _prepare_worker)
        return self._pool

    def _stop(self, *, kill: bool) -> None:
        if self._pool is None:
            return
        # Shards are renamed when they are whole, so a worker may be killed at any moment.
        for process in list((self._pool._processes or {}).values()) if kill else ():
            process.kill()
        self._pool.shutdown(cancel_futures=True)
        self._pool = None


def _raise_error_of(future: Future[Usage], job: Job, task: Task) -> None:
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        raise error
    if isinstance(error, Exception):
        raise TaskError(f"{job.name}: {task.label}: {type(error).__name__}: {error}") from error


def _prepare_worker() -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """A worker whose parent was killed would wait for its next task for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_task(job: Job, task: Task) -> Usage:
    started = time.process_time()
    global _opened  # noqa: PLW0603 - one open job per worker process: the last stage's models make way
    if _opened is None or _opened[0] != job:
        _opened = None
        _opened = (job, job.open())
    _opened[1](task)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MEMORY_UNIT
    return Usage(time.process_time() - started, peak)
