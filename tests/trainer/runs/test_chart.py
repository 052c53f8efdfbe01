"""The PNG of four curves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from hanmill.trainer.commands.runs import runs
from hanmill.trainer.runs.chart import PANELS, read_panels, read_task_panel
from hanmill.trainer.runs.curves import COLOURS, LogError


def write_run(run: Path, steps: int) -> Path:
    run.mkdir()
    lines: list[dict] = [{"event": "start"}]
    for stage in ("cluster", "character"):
        for step in range(0, steps + 1, 5):
            at = {"stage": stage, "step": step}
            lines.append({"event": "validation", "loss": 9 - step / steps, "unigram": 5.0} | at)
            if step:
                speed = {"learning_rate": 0.001, "tokens_per_second": 100.0, "data_wait": None}
                lines.append({"event": "train", "loss": 8.0} | speed | at)
    (run / "log.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return run


def test_series(tmp_path: Path) -> None:
    panels = read_panels([write_run(tmp_path / "a", 20), write_run(tmp_path / "b", 10)])
    assert len(panels) == len(PANELS) == 4
    assert [len(panel) for panel in panels] == [4, 2, 2, 0]
    validation, training = panels[0][:2]
    assert list(validation.points) == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    # The second stage begins where the first ended, and its line there is the later one.
    assert validation.points[20] == 9
    assert list(training.points) == [5, 10, 15, 20, 25, 30, 35, 40]
    assert (validation.thick, training.thick) == (True, False)
    assert {series.colour for series in panels[1]} == set(COLOURS[:2])


def test_png(tmp_path: Path) -> None:
    paths = [str(write_run(tmp_path / name, 10)) for name in ("a", "b")]
    done = CliRunner().invoke(runs, ["plot", *paths, "--output", str(tmp_path / "chart.png")])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "chart.png") as image:
        assert (image.format, image.size) == ("PNG", (1440, 840))
        pixels = np.asarray(image.convert("RGB")).astype(int)
    colour = np.array([int(COLOURS[1][place : place + 2], 16) for place in (1, 3, 5)])
    near = (np.abs(pixels - colour).sum(axis=2) < 40).reshape(2, 420, 2, 720).any(axis=(1, 3))
    # The second run's curves lie over the first's; nobody logged a wait.
    assert near.tolist() == [[True, True], [True, False]]


def test_tasks_have_a_panel(tmp_path: Path) -> None:
    run, other = write_run(tmp_path / "a", 10), write_run(tmp_path / "b", 10)
    assert read_task_panel([run, other]) == ("", [])
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        for step in (0, 5):
            line = {"event": "tasks", "stage": "character", "step": step, "pku.f1": step / 10, "sts.spearman": 0.5}
            file.write("\n" + json.dumps(line))
    title, series = read_task_panel([other, run])
    assert title == "tasks: pku.f1 (thick), sts.spearman"
    assert [(line.points, line.thick, line.colour) for line in series] == [
        ({10: 0.0, 15: 0.5}, True, COLOURS[1]), ({10: 0.5, 15: 0.5}, False, COLOURS[1]),
    ]  # fmt: skip
    done = CliRunner().invoke(runs, ["plot", str(run), str(other), "--output", str(tmp_path / "chart.png")])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "chart.png") as image:
        assert image.size == (1440, 1260)
        assert np.asarray(image.convert("RGB"))[840:, :720].min() == 0
        assert np.asarray(image.convert("RGB"))[860:, 740:].min() == 255


def test_refusals(tmp_path: Path) -> None:
    run = tmp_path / "empty"
    run.mkdir()
    (run / "log.jsonl").write_text('{"event": "start"}\n', encoding="utf-8")
    with pytest.raises(LogError, match="empty: found nothing to draw"):
        read_panels([run])
    done = CliRunner().invoke(runs, ["plot", str(run), "--output", str(tmp_path / "chart.gif")])
    assert done.exit_code == 2
    assert "found 'chart.gif', expected a name ending in .png or .svg" in done.stderr
