"""The optimiser of a stage, and the learning-rate curves."""

from __future__ import annotations

import math

import torch
from torch import nn

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.pretraining.muon import Muon
from hanmill.trainer.pretraining.stable_adamw import StableAdamW


def learning_rate(stage: StageConfig, step: int) -> float:
    """Rate of the ``step``-th update, counted from 1: linear warm-up, then as the stage's schedule says.

    ``inverse_sqrt``: peak · √(warm-up / step), as XLM's ``adam_inverse_sqrt``; ``constant``: the peak; ``linear`` and
    ``cosine`` (Loshchilov and Hutter 2017): to the floor after the last step; ``stable_decay``: the peak until the last
    ``decay`` steps, then linearly to the floor (Hu et al. 2024, section 4).
    """
    peak = stage.learning_rate
    if step < stage.warmup:
        return peak * step / stage.warmup
    if stage.schedule == "inverse_sqrt":
        return float(peak * (max(1, stage.warmup) / max(1, step)) ** 0.5)
    if stage.schedule == "constant":
        return peak
    falling = stage.decay if stage.schedule == "stable_decay" else stage.steps - stage.warmup
    left = min(1.0, (stage.steps - step + 1) / (falling + 1))
    share = (1 - math.cos(math.pi * left)) / 2 if stage.schedule == "cosine" else left
    return peak * (stage.floor + (1 - stage.floor) * share)


def build_optimizer(
    model: nn.Module, stage: StageConfig, layers: tuple[type[nn.Module], ...] = ()
) -> torch.optim.Optimizer:
    """The stage's optimiser, fresh, over the trainable parameters; AdamW updates each in one pass over its memory.

    Norms and biases (one-dimensional) are left undecayed unless the stage says otherwise; XLM decays all. Muon takes
    the matrices inside modules of the kinds ``layers``; embeddings, which are rows looked up, stay with AdamW.
    """
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decayed = [parameter for parameter in trainable if parameter.ndim > 1 or stage.decay_norms_and_biases]
    others = [parameter for parameter in trainable if parameter.ndim <= 1 and not stage.decay_norms_and_biases]
    groups = [{"params": decayed, "weight_decay": stage.weight_decay}, {"params": others, "weight_decay": 0.0}]
    betas = stage.beta1, stage.beta2
    if stage.optimizer == "muon":
        inside = {
            id(parameter)
            for module in model.modules()
            if isinstance(module, layers)
            for parameter in module.parameters()
            if parameter.ndim == 2
        }
        matrices = [parameter for parameter in decayed if id(parameter) in inside]
        groups[0]["params"] = [parameter for parameter in decayed if id(parameter) not in inside]
        groups.insert(0, {"params": matrices, "weight_decay": stage.weight_decay, "muon": True})
    groups = [group for group in groups if group["params"]]
    if stage.optimizer == "muon":
        return Muon(groups, stage.learning_rate, stage.muon_momentum, betas, stage.eps)
    if stage.optimizer == "stable_adamw":
        return StableAdamW(groups, stage.learning_rate, betas, stage.eps)
    return torch.optim.AdamW(groups, lr=stage.learning_rate, betas=betas, eps=stage.eps, fused=True)
