"""StableAdamW (Wortsman et al. 2023): AdamW whose steps are shortened where the second moment lags behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import Optimizer


class StableAdamW(Optimizer):
    """AdamW with the update clipping of AdaFactor, tensor by tensor; no gradient clipping is needed.

    Of a parameter with gradient g and second moment u (bias-corrected), RMS = √(mean(g² / max(u, ε²))); the rate is
    divided by max(1, RMS). Weight decay is decoupled and takes the shortened rate, as in the paper's algorithm 2. The
    groups of ``parameters`` have ``weight_decay``.
    """

    def __init__(self, parameters: Iterable[dict[str, Any]], lr: float, betas: tuple[float, float], eps: float) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One update; ``closure`` is not called."""
        for group in self.param_groups:
            first, second = group["betas"]
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["step"] = torch.zeros(())
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
                state["step"] += 1
                step = int(state["step"])
                state["exp_avg"].lerp_(gradient, 1 - first)
                state["exp_avg_sq"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
                mean = state["exp_avg"] / (1 - first**step)
                variance = state["exp_avg_sq"] / (1 - second**step)
                square = (gradient.square() / variance.clamp(min=group["eps"] ** 2)).mean()
                # Of a sharded parameter over all its shares; on the device, so that nothing waits for it.
                square = square.full_tensor() if hasattr(square, "full_tensor") else square
                rate = group["lr"] / square.sqrt().clamp(min=1.0)
                update = mean / (variance.sqrt() + group["eps"]) + group["weight_decay"] * parameter
                parameter.sub_(_times(update, rate))


def _times(tensor: torch.Tensor, scalar: torch.Tensor) -> torch.Tensor:
    """A tensor, sharded or not, times a plain scalar on its device."""
    if not hasattr(tensor, "to_local"):
        return tensor * scalar
    from torch.distributed.tensor import DTensor

    return DTensor.from_local(
        tensor.to_local() * scalar, tensor.device_mesh, tensor.placements,  # type: ignore[attr-defined]
        shape=tensor.shape, stride=tensor.stride(),
    )  # fmt: skip
