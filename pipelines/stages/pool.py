"""Local processes: the same jobs without an engine, on all cores, surviving a killed worker."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from pipelines.jobs.job import Job, Task

#: A task that was under way when a worker died is tried this often before the build gives up.
ATTEMPTS = 3

_run: Callable[[Task], None] | None = None


class WorkerDiedError(RuntimeError):
    """A worker process was killed again and again on the same split."""


def run_tasks(job: Job, tasks: Sequence[Task], workers: int) -> None:
    """Runs a job on every task in ``workers`` processes.

    Each process opens the job once. When a process dies (out of memory, killed), the tasks that were under way are
    tried again; one that is under way at ATTEMPTS deaths raises WorkerDiedError naming its split. An
    exception in a task is raised here.
    """
    deaths: dict[str, int] = {}
    left = list(tasks)
    while left:
        left = [task for task in left if not task.is_done]
        suspects = [task for task in left if task.key in deaths]
        # A task that was under way at a death runs alone, so that the next death names the guilty one.
        batch, width = (suspects[:1], 1) if suspects else (left, workers)
        for task in _run_until_death(job, batch, width):
            deaths[task.key] = deaths.get(task.key, 0) + 1
            if deaths[task.key] == ATTEMPTS:
                raise WorkerDiedError(f"{job.name}: {ATTEMPTS} workers died on {task.label}")


def _run_until_death(job: Job, tasks: Sequence[Task], workers: int) -> list[Task]:
    """Runs tasks until all are done or a worker dies; then returns those that were under way."""
    queue = list(reversed(tasks))
    running: dict[Future[None], Task] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, max(1, len(tasks))), context, _open_job, (job,)) as pool:
        try:
            while queue or running:
                while queue and len(running) < workers:
                    task = queue.pop()
                    running[pool.submit(_run_task, task)] = task
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    future.result()
                    del running[future]
        except BrokenProcessPool:
            return list(running.values())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return []


def _open_job(job: Job) -> None:
    global _run  # noqa: PLW0603 - one job per worker process, opened by the pool's initializer
    _run = job.open()


def _run_task(task: Task) -> None:
    if _run is None:
        raise RuntimeError("task given to a worker that has not opened its job")
    _run(task)
