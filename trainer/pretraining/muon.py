"""Muon (Jordan et al. 2024): momentum made orthogonal for matrices, beside AdamW for everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import Optimizer

#: Of the quintic that drives singular values to about 1 in five rounds (Jordan et al. 2024).
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ROUNDS = 5
#: RMS of an AdamW update, to which Muon's is scaled so that both take one rate (Liu et al. 2025, section 2.2).
_UPDATE_RMS = 0.2


class Muon(Optimizer):
    """Groups with ``muon`` true hold matrices; the others are updated as AdamW does.

    A matrix G [m, n] has momentum M = μ·M + G; the update is the orthogonal part of G + μ·M (Nesterov) times
    0.2·√max(m, n). Weight decay is decoupled. Of a sharded matrix every rank gathers the whole and keeps its own part.
    """

    def __init__(
        self, parameters: Iterable[dict[str, Any]], lr: float, momentum: float, betas: tuple[float, float], eps: float
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "betas": betas, "eps": eps, "weight_decay": 0.0, "muon": False}
        super().__init__(parameters, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One update; ``closure`` is not called."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                update = self._matrix(parameter, group) if group["muon"] else self._other(parameter, group)
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.sub_(update, alpha=group["lr"])

    def _matrix(self, parameter: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
        state: dict[str, torch.Tensor] = self.state[parameter]
        gradient = parameter.grad
        assert gradient is not None
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].mul_(group["momentum"]).add_(gradient)
        direction: torch.Tensor = gradient.add(state["momentum"], alpha=group["momentum"])
        whole = direction.full_tensor() if hasattr(direction, "full_tensor") else direction
        update: torch.Tensor = orthogonal_part(whole) * (_UPDATE_RMS * max(whole.shape) ** 0.5)
        if whole is direction:
            return update
        from torch.distributed.tensor import DTensor, distribute_tensor

        assert isinstance(direction, DTensor)
        # Every rank has computed the same: nothing is sent.
        sharded: torch.Tensor = distribute_tensor(
            update, direction.device_mesh, direction.placements, src_data_rank=None
        )
        return sharded

    def _other(self, parameter: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
        state: dict[str, torch.Tensor] = self.state[parameter]
        gradient = parameter.grad
        assert gradient is not None
        first, second = group["betas"]
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        state["step"] += 1
        step = int(state["step"])
        state["exp_avg"].lerp_(gradient, 1 - first)
        state["exp_avg_sq"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        root = (state["exp_avg_sq"] / (1 - second**step)).sqrt()
        update: torch.Tensor = (state["exp_avg"] / (1 - first**step)) / (root + group["eps"])
        return update


def orthogonal_part(matrix: torch.Tensor) -> torch.Tensor:
    """About U·Vᵀ of the singular value decomposition U·S·Vᵀ, of a matrix [m, n], in its type.

    Newton-Schulz in bf16 on a GPU, where rounding does not matter and is fast; in single precision elsewhere. Singular
    values end between .7 and 1.2.
    """
    kind = torch.bfloat16 if matrix.is_cuda else torch.float32
    found = matrix.to(kind)
    tall = found.shape[0] > found.shape[1]
    if tall:
        found = found.T
    found = found / found.norm().clamp(min=1e-7)
    one, three, five = _COEFFICIENTS
    for _ in range(_ROUNDS):
        gram = found @ found.T
        found = one * found + (three * gram + five * gram @ gram) @ found
    turned: torch.Tensor = found.T if tall else found
    return turned.to(matrix.dtype)
