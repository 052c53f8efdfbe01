from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.engines import beam_runner as beam_stages
from hanmill.pipelines.engines.beam_runner import BeamStages, EngineError, check_there, first_cause
from hanmill.pipelines.engines.worker_check import WorkerMismatchError, check_versions

MISSING_MODULE = """\
Pipeline BeamApp failed in state FAILED: java.lang.RuntimeException: Error received from SDK harness: \
Traceback (most recent call last):
  File "coders.py", line 459, in decode
    return self.get_impl().decode(encoded)
ModuleNotFoundError: No module named 'hanmill.pipelines.build'

During handling of the above exception, another exception occurred:

ModuleNotFoundError: No module named 'hanmill.pipelines.build' [while running 'WriteIngest/Tasks/Map(decode)']
\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient
"""
LOST = """\
org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.scheduler.DAGScheduler.abortStage
Caused by: java.lang.IllegalStateException: call already cancelled
\tat io.grpc
"""


@dataclass(frozen=True)
class Write:
    name: str = "write"

    def open(self) -> Callable[[Task], None]:
        return lambda task: task.writing("out").write_text(task.label)


def tasks(folder: Path, count: int) -> list[Task]:
    return [Task(f"{n:04}", f"第{n}分割", (("out", str(folder / f"{n}.txt")),)) for n in range(count)]


def test_first_cause_is_python_s_before_java_s() -> None:
    assert first_cause(MISSING_MODULE) == "ModuleNotFoundError: No module named 'hanmill.pipelines.build'"
    assert first_cause(LOST) == "java.lang.IllegalStateException: call already cancelled"
    assert first_cause("何かが壊れた\nat x") == "何かが壊れた"
    assert first_cause("") == "no message"


def test_fnapirunner_does_every_task(tmp_path: Path) -> None:
    work = tasks(tmp_path, 5)
    BeamStages("FnApiRunner", ()).run(Write(), work)
    assert [task.writing("out").read_text() for task in work] == [task.label for task in work]


def test_a_stage_goes_on_while_tries_add_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []

    def dies_after_two(job: object, left: list[Task], options: object, versions: object) -> None:
        given.append(len(left))
        for task in left[:2]:
            task.writing("out").touch()
        if len(left) > 2:
            raise RuntimeError(LOST)

    monkeypatch.setattr(beam_stages, "run_pipeline", dies_after_two)
    BeamStages("SparkRunner", ()).run(Write(), tasks(tmp_path, 5))
    assert given == [5, 3, 1]


def test_a_try_that_adds_nothing_is_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(job: object, left: list[Task], options: object, versions: object) -> None:
        raise RuntimeError(MISSING_MODULE)

    monkeypatch.setattr(beam_stages, "run_pipeline", dies)
    lost = r"No module named 'hanmill\.pipelines\.build' \(0 of 5 shards are there\)"
    message = rf"SparkRunner: write: ModuleNotFoundError: {lost}"
    with pytest.raises(EngineError, match=message):
        BeamStages("SparkRunner", ()).run(Write(), tasks(tmp_path, 5))


def test_shards_on_another_machine_s_disk_are_noticed(tmp_path: Path) -> None:
    work = tasks(tmp_path, 3)
    work[0].writing("out").touch()
    with pytest.raises(
        EngineError, match=r"2 of 3 tasks are not there, first .*1.txt: the output must be a folder that"
    ):
        check_there("SparkRunner", Write(), work)


def test_a_worker_with_other_versions_is_named() -> None:
    launcher = {"opencc": "1.4.2", "pipelines/build/ingest.py": "aa"}
    check_versions(launcher, dict(launcher), "here")
    with pytest.raises(
        WorkerMismatchError, match=r"worker on 機械 is not the launcher's: opencc: worker 1.1, launcher 1.4.2"
    ):
        check_versions(launcher, launcher | {"opencc": "1.1"}, "機械")
    with pytest.raises(WorkerMismatchError, match=r"ingest\.py: worker none, launcher aa"):
        check_versions(launcher, {"opencc": "1.4.2"}, "機械")
