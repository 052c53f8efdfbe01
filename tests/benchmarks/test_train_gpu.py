"""The GPU benchmark, every line of it, on a processor and a small model."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.registry import find_model

CPU = torch.device("cpu")


@pytest.fixture
def benchmark(repository: Path) -> Iterator[ModuleType]:
    specification = importlib.util.spec_from_file_location("train_gpu", repository / "benchmarks" / "train_gpu.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # Its dataclass looks its own module up.
    sys.modules["train_gpu"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["train_gpu"]


def tiny(model: str, dropout: float = 0.0):
    config = load_config(find_model(model), "tiny")
    data = replace(config.data, window=16, micro_batch=4)
    return replace(config, data=data, encoder=replace(config.encoder, attention_dropout=dropout), vocabulary_size=300)


def test_shapes_hold_the_tokens_of_a_step(benchmark: ModuleType) -> None:
    found = list(benchmark.shapes(tiny("chinesebert", 0.1), [8, 32]))
    sizes = [(shape.data.window, shape.data.micro_batch, shape.encoder.attention_dropout) for shape in found]
    assert sizes == [(8, 8, 0.1), (8, 8, 0.0), (32, 2, 0.1), (32, 2, 0.0)]
    assert len(list(benchmark.shapes(tiny("unihanlm"), [8, 32]))) == 2


@pytest.mark.parametrize("model", ["chinesebert", "unihanlm"])
def test_steps_are_taken_and_counted(benchmark: ModuleType, model: str) -> None:
    config = tiny(model)
    speed = benchmark.measure(config, CPU, 2)
    assert speed.tokens > 0
    assert speed.memory == 0
    # 6·N + 12·L·H·T + 6·p·N_head, by hand.
    shape, names = config.encoder, dict(find_model(model).build(config, {"tokens": 300}).named_parameters())
    layers = sum(weight.numel() for name, weight in names.items() if name.startswith("encoder."))
    scored = sum(w.numel() for name, w in names.items() if name.startswith("head.") or name == "characters.weight")
    flops = 6 * layers + 12 * shape.layers * shape.hidden * 16 + 6 * 0.15 * scored
    assert speed.flops / speed.tokens == pytest.approx(flops)
    assert benchmark.Speed(1000.0, 989e9, 3 << 30).record(989e12) == {
        "tokens": 1000.0, "flops": 989e9, "memory": 3 << 30, "mfu": 0.001,
    }  # fmt: skip


def test_everything_runs(benchmark: ModuleType, tmp_path: Path) -> None:
    """The whole command with tiny models."""
    benchmark.main(["--smoke", "--output", str(tmp_path / "speed.json")])
    report = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert {name.split("-")[0] for name in report["cases"]} == {"chinesebert", "trainer", "unihanlm", "mlma", "mom"}
    assert all(case["tokens"] > 0 for case in report["cases"].values())
    benchmark.main(["--smoke", "--budget", "-1", "--case", "mom-tiny", "--output", str(tmp_path / "speed.json")])
    report = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert report["cases"] == {"mom-tiny": {"skipped": "-1 seconds were over"}}


def test_rows_of_the_benchmark_are_bounded_as_the_loader_bounds_them(benchmark: ModuleType) -> None:
    batch = benchmark.synthetic(tiny("chinesebert"), CPU)
    assert batch.segments[0].tolist() == [1] * 6 + [2] * 5 + [3] * 5
    assert batch.positions[0].tolist() == [*range(6), *range(5), *range(5)]
    assert batch.cu_seqlens.tolist() == [0, 6, 11, 16, 22, 27, 32, 38, 43, 48, 54, 59, 64]
    assert benchmark.synthetic(tiny("unihanlm"), CPU).segments is None
