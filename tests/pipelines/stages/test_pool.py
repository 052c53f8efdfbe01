from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.jobs.job import Task
from pipelines.records import Split
from pipelines.stages.pool import ATTEMPTS, WorkerDiedError, run_tasks


@dataclass(frozen=True)
class WriteLabel:
    """Writes the task's label; dies on tasks named ``kill``, ``deaths`` times each; fails on ``raise``."""

    folder: str
    deaths: int
    name: str = "write"

    def open(self) -> Callable[[Task], None]:
        def run(task: Task) -> None:
            if task.label.startswith("raise"):
                raise ValueError(f"bad split {task.label}")
            if task.label.startswith("kill"):
                tries = Path(self.folder, f"{task.key}.tries")
                done = len(tries.read_text()) if tries.exists() else 0
                if done < self.deaths:
                    tries.write_text("x" * (done + 1))
                    os.kill(os.getpid(), signal.SIGKILL)
            Path(task.done).write_text(task.label)

        return run


def tasks(folder: Path, labels: list[str]) -> list[Task]:
    split = Split("wikipedia", "dump.xml", 0, 1, "whole")
    return [Task(f"{n:04}", str(folder / f"{n:04}.done"), label, split) for n, label in enumerate(labels)]


def test_every_task_is_done_on_two_workers(tmp_path: Path) -> None:
    work = tasks(tmp_path, [f"split {n}" for n in range(9)])
    run_tasks(WriteLabel(str(tmp_path), 0), work, 2)
    assert [Path(task.done).read_text() for task in work] == [task.label for task in work]


def test_a_killed_worker_costs_nothing_but_time(tmp_path: Path) -> None:
    work = tasks(tmp_path, ["a", "kill b", "c", "d"])
    run_tasks(WriteLabel(str(tmp_path), 1), work, 2)
    assert all(task.is_done for task in work)


def test_a_split_that_kills_every_worker_is_named(tmp_path: Path) -> None:
    work = tasks(tmp_path, ["a", "kill 第二"])
    with pytest.raises(WorkerDiedError, match=f"write: {ATTEMPTS} workers died on kill 第二"):
        run_tasks(WriteLabel(str(tmp_path), ATTEMPTS), work, 2)
    assert work[0].is_done


def test_an_exception_in_a_task_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bad split raise me"):
        run_tasks(WriteLabel(str(tmp_path), 0), tasks(tmp_path, ["raise me"]), 1)
