from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.engines import local_processes as pool_module
from hanmill.pipelines.engines.local_processes import ATTEMPTS, TaskError, WorkerDiedError, WorkerPool
from hanmill.pipelines.sources.records import Split


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
            task.writing("label").write_text(f"{task.label} {os.getpid()}")

        return run


@dataclass(frozen=True)
class Sleep:
    """Writes its process id and sleeps for longer than any test runs."""

    name: str = "sleep"

    def open(self) -> Callable[[Task], None]:
        def run(task: Task) -> None:
            task.writing("label").with_suffix(".pid").write_text(str(os.getpid()))
            time.sleep(600)

        return run


def tasks(folder: Path, labels: list[str]) -> list[Task]:
    split = Split("wikipedia", "dump.xml", 0, 1, "whole")
    return [
        Task(f"{n:04}", label, (("label", str(folder / f"{n:04}.done")),), split=split)
        for n, label in enumerate(labels)
    ]


def run(job: WriteLabel, work: list[Task], workers: int) -> None:
    with WorkerPool(workers) as pool:
        pool.run(job, work)


def written(task: Task) -> tuple[str, int]:
    label, _, process = task.writing("label").read_text().rpartition(" ")
    return label, int(process)


@dataclass(frozen=True)
class HangOnce:
    """Sleeps for ever on a task named ``hang`` the first time."""

    folder: str
    name: str = "hang"

    def open(self) -> Callable[[Task], None]:
        def run(task: Task) -> None:
            tried = Path(self.folder, f"{task.key}.tried")
            if task.label == "hang" and not tried.exists():
                tried.touch()
                time.sleep(600)
            task.writing("label").write_text(task.label)

        return run


def test_a_worker_that_hangs_is_killed_and_its_task_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "HANG_SECONDS", 3.0)
    work = tasks(tmp_path, ["a", "hang", "b", "c"])
    with WorkerPool(2) as pool:
        pool.run(HangOnce(str(tmp_path)), work)
    assert [task.writing("label").read_text() for task in work] == [task.label for task in work]
    assert (tmp_path / "0001.tried").exists()


def test_every_task_is_done_on_two_workers(tmp_path: Path) -> None:
    work = tasks(tmp_path, [f"split {n}" for n in range(9)])
    run(WriteLabel(str(tmp_path), 0), work, 2)
    assert [written(task)[0] for task in work] == [task.label for task in work]


def test_a_killed_worker_costs_nothing_but_time(tmp_path: Path) -> None:
    work = tasks(tmp_path, ["a", "kill b", "c", "d"])
    run(WriteLabel(str(tmp_path), 1), work, 2)
    assert all(task.is_done for task in work)


def test_a_split_that_kills_every_worker_is_named(tmp_path: Path) -> None:
    work = tasks(tmp_path, ["a", "kill 第二"])
    with pytest.raises(WorkerDiedError, match=f"write: {ATTEMPTS} workers died or hung on kill 第二"):
        run(WriteLabel(str(tmp_path), ATTEMPTS), work, 2)
    assert work[0].is_done


def test_an_exception_in_a_task_names_stage_and_split(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="write: raise 第三: ValueError: bad split raise 第三"):
        run(WriteLabel(str(tmp_path), 0), tasks(tmp_path, ["raise 第三"]), 1)


def test_processes_are_kept_from_stage_to_stage(tmp_path: Path) -> None:
    first, second = tasks(tmp_path, ["一"]), tasks(tmp_path / "second", ["二"])
    (tmp_path / "second").mkdir()
    with WorkerPool(1) as pool:
        pool.run(WriteLabel(str(tmp_path), 0), first)
        pool.run(WriteLabel(str(tmp_path), 0, "another"), second)
    assert written(first[0])[1] == written(second[0])[1]


_PARENT = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from test_local_processes import Sleep, tasks
from hanmill.pipelines.engines.local_processes import WorkerPool
if __name__ == "__main__":
    with WorkerPool(2) as pool:
        pool.run(Sleep(), tasks(Path(sys.argv[3]), ["a", "b"]))
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path, repository: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    arguments = [sys.executable, script, repository, Path(__file__).parent, tmp_path]
    with subprocess.Popen(arguments) as parent:
        workers = [int(path.read_text()) for path in wait_for(tmp_path, "*.pid", 2)]
        parent.kill()
    assert all(ended(worker) for worker in workers)


def wait_for(folder: Path, pattern: str, count: int) -> list[Path]:
    for _ in range(600):
        if len(found := [path for path in folder.glob(pattern) if path.read_text()]) == count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{folder}/{pattern}: expected {count} files")


def ended(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    for _ in range(200):
        try:
            # A zombie that nobody has waited for still has an entry.
            if ") Z " in stat.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False
