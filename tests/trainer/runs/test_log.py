"""The log."""

from __future__ import annotations

import json
from pathlib import Path

from hanmill.trainer.runs.log import Log, read_log


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


def test_other_ranks_write_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "run", active=False)
    log.write("train", 1, loss=1.0)
    log.close()
    assert not (tmp_path / "run").exists()
