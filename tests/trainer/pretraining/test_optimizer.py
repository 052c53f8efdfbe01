"""Learning-rate curves and what is decayed."""

from __future__ import annotations

from collections.abc import Callable
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


def plain_stable_adamw(weight: torch.Tensor, gradients: list[torch.Tensor], decay: float) -> torch.Tensor:
    """Wortsman et al. (2023), algorithm 2, written out."""
    rate, first, second, eps = 0.1, 0.9, 0.99, 1e-6
    v, u = torch.zeros_like(weight), torch.zeros_like(weight)
    for t, g in enumerate(gradients, 1):
        v = first * v + (1 - first) * g
        u = second * u + (1 - second) * g * g
        v_hat, u_hat = v / (1 - first**t), u / (1 - second**t)
        rms = float((g * g / u_hat.clamp(min=eps**2)).mean().sqrt())
        eta = rate / max(1.0, rms)
        weight = weight - eta * decay * weight - eta * v_hat / (u_hat.sqrt() + eps)
    return weight


def plain_muon(weight: torch.Tensor, gradients: list[torch.Tensor], decay: float) -> torch.Tensor:
    """Momentum, Nesterov's look ahead, singular values through the quintic five times."""
    rate, mu = 0.1, 0.95
    momentum = torch.zeros_like(weight)
    for g in gradients:
        momentum = mu * momentum + g
        left, values, right = torch.linalg.svd((g + mu * momentum).double(), full_matrices=False)
        values = values / values.square().sum().sqrt()
        for _ in range(5):
            values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
        update = 0.2 * max(weight.shape) ** 0.5 * (left * values @ right)
        weight = weight * (1 - rate * decay) - rate * update.float()
    return weight


class Layer(torch.nn.Module):
    """A matrix and a bias that is a layer's."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(5, 3)


@pytest.mark.parametrize(("name", "reference"), [("stable_adamw", plain_stable_adamw), ("muon", plain_muon)])
@pytest.mark.parametrize("shape", [(3, 5), (5, 3)])
def test_optimisers_against_their_papers(name: str, reference: Callable, shape: tuple) -> None:
    torch.manual_seed(1)
    layer = Layer()
    layer.linear.weight = torch.nn.Parameter(torch.randn(shape))
    embedding = torch.nn.Embedding(7, 3)
    model = torch.nn.ModuleList((layer, embedding))
    stage = StageConfig("x", 10, 0.1, 0, "constant", beta2=0.99, eps=1e-6, weight_decay=0.1, optimizer=name)
    optimizer = build_optimizer(model, stage, (Layer,))
    parameters = dict(model.named_parameters())
    start = {name: p.detach().clone() for name, p in parameters.items()}
    # The fourth is far from those before it.
    gradients = [{n: torch.randn(p.shape) * (30 if t == 3 else 1) for n, p in parameters.items()} for t in range(6)]
    plain = {n: torch.nn.Parameter(start[n].clone()) for n in parameters}
    adamw = [
        torch.optim.AdamW([p], lr=0.1, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1 if p.ndim > 1 else 0.0)
        for p in plain.values()
    ]
    for step in gradients:
        for n, p in parameters.items():
            p.grad, plain[n].grad = step[n].clone(), step[n].clone()
        optimizer.step()
        for other in adamw:
            other.step()
    for n, p in parameters.items():
        expected = plain[n]
        if name == "stable_adamw" or n == "0.linear.weight":
            expected = reference(start[n], [step[n] for step in gradients], 0.1 if p.ndim > 1 else 0.0)
            assert not torch.allclose(p, plain[n], atol=1e-3) or p.ndim < 2
        torch.testing.assert_close(p, expected, atol=2e-5, rtol=2e-4)
    again = build_optimizer(model, stage, (Layer,))
    again.load_state_dict(optimizer.state_dict())
    for p in model.parameters():
        assert all(torch.equal(again.state[p][key], value) for key, value in optimizer.state[p].items())
