"""The stated formula for model FLOPs, and the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from trainer.config_file import load_config
from trainer.metrics import Log, Stopwatch, flops_per_token, peak_flops, read_log
from trainer.tasks.masked_language_model import build_model


@pytest.mark.parametrize(
    ("model", "size", "millions"),
    [("chinesebert", "base", 584), ("chinesebert", "large", 1989), ("unihanlm", "base", 967)],
)
def test_flops_of_the_published_models(model: str, size: str, millions: int) -> None:
    config = load_config(model, size)
    with torch.device("meta"):
        built = build_model(config, config.vocabulary_size)
    assert flops_per_token(built, config) / 1e6 == pytest.approx(millions, rel=0.005)


def test_stopwatch() -> None:
    watch = Stopwatch(flops=10.0, peak=1e6, world=2)
    watch.add(tokens=75, cells=100, waited=0.0)
    found = watch.read()
    assert found["padding"] == 0.25
    assert found["data_wait"] == 0
    assert found["tokens_per_second"] > 0
    assert watch.read()["tokens_per_second"] == 0
    assert Stopwatch(10.0, None, 1).read()["mfu"] is None


def test_configured_peak_wins() -> None:
    assert peak_flops(torch.device("cpu"), 0.0) is None
    assert peak_flops(torch.device("cpu"), 2.5) == 2.5e12


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
