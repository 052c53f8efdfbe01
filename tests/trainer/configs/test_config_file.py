"""Built-in sizes equal the published ones; files overlay them; mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hanmill.trainer.configs.config_file import dump_config, load_config
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.registry import MODELS, count_parameters, find_model


@pytest.mark.parametrize(
    ("model", "size", "parameters"),
    [
        ("unihanlm", "base", 176_328_172),
        ("chinesebert", "base", 147_953_348),
        ("chinesebert", "large", 374_092_228),
        ("mlma", "base", 242_630_656),
    ],
)
def test_published_sizes(model: str, size: str, parameters: int) -> None:
    spec = find_model(model)
    assert count_parameters(spec, load_config(spec, size)) == parameters


@pytest.mark.parametrize(("model", "size"), [(name, size) for name, spec in MODELS.items() for size in spec.built_in])
def test_built_in_round_trip(model: str, size: str, tmp_path: Path) -> None:
    config = load_config(find_model(model), size)
    path = tmp_path / "config.yaml"
    path.write_text(dump_config(config), encoding="utf-8")
    assert load_config(find_model(model), str(path)) == config


def test_extends(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: base\nencoder: {layers: 6}\n", encoding="utf-8")
    config = load_config(find_model("chinesebert"), str(path))
    assert config.encoder.layers == 6
    assert config.encoder.hidden == 768
    assert config.masking.whole_word == 0.9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: tiny\nencoder: {layer: 6}", r"encoder\.layer: found 6, expected no such key.*meant 'layers'"),
        ("extends: tiny\nencoder: {heads: 5}", r"hidden \(128\) divisible by heads \(5\)"),
        ("extends: tiny\ndata: {window: 600}", r"window \(600\) of at most encoder\.positions \(512\)"),
        ("extends: tiny\nloop: {log_every: 0}", "log_every of at least 1"),
        ("extends: tiny\nmasking: {rate: 1.5}", "rate between 0 and 1"),
        ("extends: tiny\nmasking: {mask: 0.9, random: 0.2}", r"mask \+ random of at most 1"),
        ("extends: small", "extends: found 'small', expected one of tiny, base, large"),
        ("- 1", "found list, expected a mapping"),
        ("a: [", "not YAML"),
        ("extends: tiny\nstages: []", "stages cluster and character"),
        ("extends: tiny\ndata: {languages: []}", "at least one language"),
        ("extends: tiny\ndata: {languages: [ja, ja]}", "languages, each once"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(find_model("unihanlm"), str(path))
    assert str(path) in str(caught.value)


def test_no_such_file() -> None:
    with pytest.raises(ConfigError, match=r"config huge: cannot be read .*; built in: tiny, base, large"):
        load_config(find_model("unihanlm"), "huge")


def test_paper_settings() -> None:
    base = load_config(find_model("unihanlm"), "base")
    assert [(s.learning_rate, s.warmup, s.schedule) for s in base.stages] == [
        (1e-4, 30000, "inverse_sqrt"),
        (5e-5, 30000, "inverse_sqrt"),
    ]
    assert yaml.safe_load(dump_config(base))["masking"]["rate"] == 0.15


STAGE = {"name": "pretraining", "steps": 2, "learning_rate": 0.002, "warmup": 1, "schedule": "linear"}


@pytest.mark.parametrize(
    ("section", "wrong", "expected"),
    [
        ("stages", [STAGE | {"learning_rate": -0.1}], "learning_rate of at least 0"),
        ("stages", [STAGE | {"beta1": 1.5}], "beta1 from 0 to below 1"),
        ("stages", [STAGE | {"eps": -1.0}], "eps above 0"),
        ("stages", [STAGE | {"clip": -1.0}], "clip above 0"),
        ("stages", [STAGE | {"weight_decay": -1.0}], "weight_decay of at least 0"),
        ("stages", [STAGE | {"shape": {"window": 0}}], "window of at least 1"),
        ("encoder", {"heads": 0}, "heads of at least 1"),
        ("encoder", {"layers": 0}, "layers of at least 1"),
        ("encoder", {"feed_forward": 0}, "feed_forward of at least 1"),
        ("encoder", {"dropout": 1.5}, "dropout from 0 to below 1"),
        ("encoder", {"attention_dropout": -0.5}, "attention_dropout from 0 to below 1"),
        ("data", {"workers": -1}, "workers of at least 0"),
        ("data", {"validation_rows": -5}, "validation_rows of at least 0"),
        ("loop", {"peak_tflops": -1.0}, "peak_tflops of at least 0"),
        ("loop", {"trackers": ["wandb", "wandb"]}, "trackers, each once"),
        ("pinyin_embedding", 0, "pinyin_embedding of at least 1"),
        ("vocabulary_size", 0, "vocabulary_size of at least 1"),
        ("stages", [], "at least one stage"),
        ("data", {"window": 2}, r"window \(2\) of at least 3"),
        ("features", ["glyph"], "features: character, and glyph and pinyin or neither, each once"),
    ],
)
def test_numbers_out_of_range_are_one_line(section: str, wrong: object, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({"extends": "tiny", section: wrong}), encoding="utf-8")
    with pytest.raises(ConfigError, match=f"expected {expected}") as caught:
        load_config(find_model("chinesebert"), str(path))
    said = str(caught.value)
    assert said.startswith(f"config {path} for chinesebert: ")
    # The whole configuration is not told again, nor called a recipe.
    assert len(said.removeprefix(str(path))) < 400
    assert "recipe" not in said
