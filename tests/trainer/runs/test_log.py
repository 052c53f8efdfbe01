"""The log."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hanmill.trainer.errors import RunError
from hanmill.trainer.runs.log import Log, check_folder, read_log


def test_log_lines_are_json_even_without_numbers(tmp_path: Path) -> None:
    log = Log(tmp_path, active=True)
    log.write("train", 1, stage="字", loss=float("nan"), mfu=None)
    log.write("train", 2, stage="字", loss=2.5, mfu=None)
    log.close()
    path = tmp_path / "log.jsonl"
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["loss"] is None
    with path.open("a", encoding="utf-8") as file:
        file.write('{"event": "tra')
    assert [record["loss"] for record in read_log(path)] == [None, 2.5]
    # The run goes on: its first line is not lost to the half one.
    log = Log(tmp_path, active=True)
    log.write("train", 3, loss=2.0)
    log.close()
    assert [record["loss"] for record in read_log(path)] == [None, 2.5, 2.0]
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n[1]\n3\n" + b'{"event": "train", "loss": 1.0}\n')
    assert [record["loss"] for record in read_log(path)] == [None, 2.5, 2.0, 1.0]


def test_a_place_without_room_for_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    check_folder(tmp_path / "new" / "run")
    for place in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(RunError, match=r"file: found a file, expected a folder to write to"):
            check_folder(place)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(RunError, match=r": found a folder that cannot be written to, expected one that can"):
        check_folder(tmp_path / "new" / "run")


def test_a_log_that_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(RunError, match=r"log\.jsonl: cannot be written \(Is a directory\), expected a file"):
        Log(tmp_path, active=True)


def test_other_ranks_write_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "run", active=False)
    log.write("train", 1, loss=1.0)
    log.close()
    assert not (tmp_path / "run").exists()
