"""What a stage's progress says, from shards as they appear."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.commands.progress import ProgressForm, StageProgress, progress_in, weight
from hanmill.pipelines.corpus.shards import ShardWriter
from hanmill.pipelines.sources.records import Split
from hanmill.schemas.corpus import DOCUMENTS


def task(folder: Path, number: int, size: int) -> Task:
    split = Split("wikipedia", "一.xml.bz2", 0, size, "multistream")
    writes = (("documents", str(folder / "documents" / f"part-{number}.parquet")),)
    return Task(f"{number:016x}", f"part {number}\x1b[31m", writes, split=split, number=number)


def done(one: Task, read: int, kept: int) -> None:
    with ShardWriter(one.writing("documents"), DOCUMENTS, 10) as shard:
        shard.metadata["accounting"] = {"read": read, "kept": kept}


def test_time_to_go_is_by_bytes_of_input(tmp_path: Path) -> None:
    tasks = [task(tmp_path, 0, 900), task(tmp_path, 1, 90), task(tmp_path, 2, 10)]
    done(tasks[0], 50, 20)
    done(tasks[1], 40, 30)
    progress = StageProgress.of("ingest", tasks, tasks[1:])
    assert progress.seconds_left is None
    progress.elapsed = 9.0
    progress.finish(tasks[1])
    assert (progress.done_weight, progress.weight, progress.before) == (990, 1000, 900)
    assert progress.seconds_left == pytest.approx(1.0)
    line = progress.line()
    assert line.startswith("ingest: 2 of 3 shards, 99% of the input, 1 s left, 4 records/s, 10 of 40 dropped or failed")
    assert progress.as_dict()["kept"] == 30


def test_a_task_without_a_split_weighs_one(tmp_path: Path) -> None:
    assert weight(Task("0", "all", (("tables", str(tmp_path / "x")),))) == 1


@pytest.mark.parametrize("log", ["text", "json"])
def test_a_log_names_every_stage_and_shard(tmp_path: Path, capfd: pytest.CaptureFixture[str], log: str) -> None:
    tasks = [task(tmp_path, 0, 10), task(tmp_path, 1, 10)]
    done(tasks[0], 5, 5)
    with progress_in(ProgressForm(log, verbose=True))("ingest", tasks):
        done(tasks[1], 7, 3)
        time.sleep(0.01)
    lines = capfd.readouterr().err.splitlines()
    if log == "text":
        assert lines[:2] == ["ingest: 2 shards, 1 there already", "done: part 1[31m"]
        assert lines[2].startswith("ingest: done in ")
        assert "4 of 7 dropped or failed" in lines[2]
    else:
        entries = [json.loads(line) for line in lines]
        assert [entry["event"] for entry in entries] == ["begin", "shard", "done"]
        assert (entries[2]["records"], entries[2]["kept"], entries[2]["share"]) == (7, 3, 1.0)


def test_a_stage_that_stops_says_how_far_it_came(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def stopped() -> None:
        with progress_in(ProgressForm())("ingest", [task(tmp_path, 0, 10)]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert capfd.readouterr().err.splitlines()[-1] == "ingest: 0 of 1 shards, 0% of the input"


def test_quiet_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with progress_in(ProgressForm(quiet=True))("ingest", [task(tmp_path, 0, 10)]):
        pass
    assert capfd.readouterr().err == ""
