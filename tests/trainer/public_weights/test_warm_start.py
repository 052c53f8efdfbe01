"""Pretraining that begins with other weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from safetensors.torch import load_file, save_file

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.commands.train import train
from hanmill.trainer.registry import find_model


def start(model: str, config: object, corpus: Path, output: Path, *options: str | Path) -> Result:
    path = output.with_suffix(".yaml")
    path.write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
    words = [model, "--corpus", corpus, "--config", path, "--output", output, *options]
    return CliRunner().invoke(train, [str(word) for word in words], catch_exceptions=False)


def stage(steps: int) -> list[dict]:
    return [{"name": "pretraining", "steps": steps, "learning_rate": 0.002, "warmup": 0, "schedule": "constant"}]


def test_begins_where_the_other_ended(corpus_folder: Path, corpus_tools, tmp_path: Path, small) -> None:
    config = small("chinesebert", stages=stage(4))
    assert start("chinesebert", config, corpus_folder, tmp_path / "first").exit_code == 0
    assert start("chinesebert", config, corpus_folder, tmp_path / "second", "--from", tmp_path / "first").exit_code == 0
    last = corpus_tools.log_of(tmp_path / "first", "validation")[-1]
    begun = corpus_tools.log_of(tmp_path / "second", "validation")[0]
    assert begun["loss"] == pytest.approx(last["loss"], rel=1e-6)
    (noted,) = corpus_tools.log_of(tmp_path / "second", "warm_start")
    assert (noted["mapped"], noted["drawn"], noted["unmapped"]) == (noted["tokens"], [], [])


def test_weights_that_are_no_numbers_are_named(corpus_folder: Path, tmp_path: Path, small) -> None:
    config = small("chinesebert", stages=stage(1))
    assert start("chinesebert", config, corpus_folder, tmp_path / "first").exit_code == 0
    find_model("chinesebert").export(tmp_path / "first", tmp_path / "export")
    path = tmp_path / "export" / "model.safetensors"
    weights = load_file(path)
    weights["bert.encoder.layer.1.output.dense.bias"][3] = float("nan")
    save_file(weights, path, metadata={"format": "pt"})
    done = start("chinesebert", config, corpus_folder, tmp_path / "second", "--from", tmp_path / "export")
    assert done.exit_code == 2
    assert "tensor encoder.layers.1.down.bias: found numbers that are not finite" in done.stderr


def test_another_shape_is_named(corpus_folder: Path, tmp_path: Path, small) -> None:
    assert start("chinesebert", small("chinesebert", stages=stage(1)), corpus_folder, tmp_path / "first").exit_code == 0
    wider = small("chinesebert", stages=stage(1), encoder={"feed_forward": 96})
    done = start("chinesebert", wider, corpus_folder, tmp_path / "second", "--from", tmp_path / "first")
    assert done.exit_code == 2
    assert "tensor encoder.layers.0.up.weight: shape found: [64, 32], expected [96, 32]" in done.stderr
