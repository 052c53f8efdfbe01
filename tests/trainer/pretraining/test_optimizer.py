"""Learning-rate curves and what is decayed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.pretraining.optimizer import build_optimizer, learning_rate
from hanmill.trainer.registry import find_model


def test_inverse_square_root_as_in_the_unihanlm_recipe() -> None:
    stage = load_config(find_model("unihanlm"), "base").stages[0]
    assert learning_rate(stage, 1) == pytest.approx(1e-4 / 30000)
    assert learning_rate(stage, 15000) == pytest.approx(5e-5)
    assert learning_rate(stage, 30000) == pytest.approx(1e-4)
    assert learning_rate(stage, 120000) == pytest.approx(5e-5)


def test_linear_as_in_the_chinesebert_recipe() -> None:
    stage = load_config(find_model("chinesebert"), "base").stages[0]
    assert learning_rate(stage, 10000) == pytest.approx(5e-5)
    assert learning_rate(stage, 20000) == pytest.approx(1e-4)
    assert learning_rate(stage, 260000) == pytest.approx(5e-5, rel=1e-4)
    assert 0 < learning_rate(stage, 500000) < 1e-9


def test_cosine() -> None:
    stage = StageConfig("x", 1000, 1e-3, 100, "cosine", floor=0.1)
    assert learning_rate(stage, 50) == pytest.approx(5e-4)
    assert learning_rate(stage, 100) == pytest.approx(1e-3)
    # Half-way down at half the steps, slow at both ends.
    assert learning_rate(stage, 550) == pytest.approx(5.5e-4, rel=0.01)
    assert learning_rate(stage, 190) > 0.97e-3
    assert learning_rate(stage, 1000) == pytest.approx(1e-4, rel=0.01)


def test_stable_decay() -> None:
    stage = StageConfig("x", 1000, 1e-3, 100, "stable_decay", decay=200)
    assert [learning_rate(stage, step) for step in (100, 500, 800)] == [1e-3] * 3
    assert learning_rate(stage, 900) == pytest.approx(5e-4, rel=0.01)
    assert 0 < learning_rate(stage, 1000) < 1e-5
    falls = [learning_rate(stage, step) for step in range(800, 1001)]
    assert falls == sorted(falls, reverse=True)
    # The same rates up to the fall for any length, so that one run serves all of them.
    longer = replace(stage, steps=2000)
    assert all(learning_rate(stage, step) == learning_rate(longer, step) for step in range(1, 801))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"schedule": "stable_decay"}, "decay from 1 to steps - warmup"),
        ({"schedule": "stable_decay", "decay": 91}, "decay from 1 to steps - warmup"),
        ({"schedule": "linear", "decay": 5}, "0 for any other"),
        ({"schedule": "constant", "floor": 0.1}, "floor from 0 to below 1"),
        ({"schedule": "cosine", "floor": 1.0}, "floor from 0 to below 1"),
        ({"schedule": "cosine", "warmup": 100}, r"below steps"),
    ],
)
def test_schedules_that_make_no_sense(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StageConfig("x", 100, 1e-3, **{"warmup": 10} | settings)


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "linear", "cosine"])
def test_no_warmup(schedule: str) -> None:
    stage = StageConfig("x", 10, 1e-3, 0, schedule)
    assert learning_rate(stage, 1) == pytest.approx(1e-3, rel=0.11)
    assert all(learning_rate(stage, step) > 0 for step in range(1, 11))


def test_decay_reaches_what_the_stage_says() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.LayerNorm(3))
    model[0].bias.requires_grad_(False)
    stage = StageConfig("x", 10, 1e-3, 0, "linear")
    decays = {
        id(parameter): group["weight_decay"]
        for group in build_optimizer(model, stage).param_groups
        for parameter in group["params"]
    }
    assert decays == {id(model[0].weight): 0.01, id(model[1].weight): 0.0, id(model[1].bias): 0.0}
    everything = build_optimizer(model, replace(stage, decay_norms_and_biases=True)).param_groups
    assert [(len(group["params"]), group["weight_decay"]) for group in everything] == [(3, 0.01)]
