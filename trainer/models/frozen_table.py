"""A table of bytes that is looked up and does not learn."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class FrozenTable(nn.Module):
    """``weight`` uint8 [rows, size], a buffer: kept with the weights at a quarter of their size, not optimised.

    A table that others let learn, whose numbers are no bytes, is taken as it is, in single precision.
    """

    weight: torch.Tensor

    def __init__(self, rows: int, size: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(rows, size, dtype=torch.uint8))

    def numbers(self, ids: torch.Tensor | None = None) -> torch.Tensor:
        """The table, or its rows of these ids, in the type of the matrix products that read it; exact in bf16."""
        kind = self.weight.device.type
        rows = self.weight if ids is None else self.weight[ids]
        return rows.to(torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else torch.float32)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        found = state_dict.get(f"{prefix}weight")
        if found is not None and found.is_floating_point() and not torch.equal(found.to(torch.uint8).to(found), found):
            self.weight = self.weight.float()
        super()._load_from_state_dict(state_dict, prefix, *rest)


def count_parameters(model: nn.Module) -> int:
    """Numbers that learn, may learn, or are a frozen table, which papers count."""
    tables = sum(module.weight.numel() for module in model.modules() if isinstance(module, FrozenTable))
    return sum(parameter.numel() for parameter in model.parameters()) + tables
