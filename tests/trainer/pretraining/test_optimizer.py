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


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "linear"])
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
