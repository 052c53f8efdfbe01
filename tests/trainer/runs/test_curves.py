"""Curves of runs: stages end to end, repeated steps once, names escaped."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.trainer.commands.runs import runs
from hanmill.trainer.runs.curves import LogError, read_curve, read_lines, svg, table, task_points


def write_log(run: Path, *lines: tuple) -> Path:
    run.mkdir()
    records = [{"event": "start"}]
    for event, stage, step, loss in lines:
        extra = {"unigram": 5.5} if event == "validation" else {"tokens_per_second": 100.0 * step}
        records.append({"event": event, "stage": stage, "step": step, "loss": loss} | extra)
    (run / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_log(
        tmp_path / "東京<1>",
        ("validation", "cluster", 0, 9.0),
        ("train", "cluster", 1, 8.0),
        ("train", "cluster", 3, 8.0),
        ("validation", "cluster", 10, 5.0),
        ("validation", "cluster", 20, 4.5),
        ("validation", "cluster", 20, 4.0),
        ("validation", "character", 0, 4.2),
        ("validation", "character", 10, 3.5),
    )


def test_stages_follow_and_a_repeated_step_counts_once(run: Path) -> None:
    curve = read_curve(run)
    assert curve.steps == (0, 10, 20, 30)
    assert curve.losses == (9.0, 5.0, 4.2, 3.5)
    assert curve.unigram == 5.5
    assert curve.tokens_per_second == 300.0


def test_table(run: Path, tmp_path: Path) -> None:
    other = write_log(tmp_path / "b", ("validation", "pretraining", 0, 8.0))
    lines = table([read_curve(run), read_curve(other)]).splitlines()
    assert lines[1].split() == ["東京<1>", "30", "9.000", "3.500", "3.500", "5.500", "300"]
    assert lines[2].split() == ["b", "0", "8.000", "8.000", "8.000", "5.500", "0"]


def test_svg_is_well_formed_and_falls(run: Path) -> None:
    root = ElementTree.fromstring(svg([read_curve(run)]))
    (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
    assert len(heights) == 4
    assert heights == sorted(heights)
    assert "東京<1>" in {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}


def test_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="found no log, expected a run"):
        read_curve(tmp_path)
    with pytest.raises(LogError, match="found no validation losses; lines in the log: 1"):
        read_curve(write_log(tmp_path / "run"))


def test_commands(run: Path, tmp_path: Path) -> None:
    shown = CliRunner().invoke(runs, ["show", str(run)])
    assert shown.exit_code == 0
    assert "3.500" in shown.stdout
    drawn = CliRunner().invoke(runs, ["plot", str(run), "--output", str(tmp_path / "chart.svg")])
    assert drawn.exit_code == 0
    assert (tmp_path / "chart.svg").read_text(encoding="utf-8").startswith("<svg")
    missing = CliRunner().invoke(runs, ["show", str(tmp_path)])
    assert missing.exit_code == 2
    assert "found no log" in missing.stderr


def test_scores_of_tasks(run: Path) -> None:
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        for stage, step, own in (
            ("cluster", 10, 0.25),
            ("cluster", 10, 0.5),
            ("character", 0, 0.75),
            ("character", 10, None),
        ):
            scores = {"pku.f1": own, "pku.recall": 0.9, "seconds": 3.5}
            file.write(json.dumps({"event": "tasks", "stage": stage, "step": step} | scores) + "\n")
    assert task_points(read_lines(run)) == {"pku.f1": {10: 0.5, 20: 0.75}}
    lines = CliRunner().invoke(runs, ["show", str(run)]).stdout.splitlines()
    assert lines[2] == ""
    assert lines[3].split() == ["run", "score", "times", "first", "best", "at", "step", "last"]
    assert lines[4].split() == ["東京<1>", "pku.f1", "2", "0.5000", "0.7500", "20", "0.7500"]
    assert len(lines) == 5
