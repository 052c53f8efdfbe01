"""Attention that stays inside segments: with a mask anywhere, with a variable-length kernel on GPUs."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch.nn import functional

#: Compute capability from which the variable-length kernel runs (Ampere).
_CAPABILITY = (8, 0)


class Boundaries(NamedTuple):
    """Which tokens see each other; both None where all of a row do.

    ``mask`` boolean [rows, 1, window, window], true where a token may look; ``cu_seqlens`` int32 [segments + 1],
    where segments begin in the flattened rows and where the last ends.
    """

    mask: torch.Tensor | None
    cu_seqlens: torch.Tensor | None


def attention_mask(segments: torch.Tensor) -> torch.Tensor:
    """``Boundaries.mask`` of segment numbers [rows, window]."""
    return (segments[:, :, None] == segments[:, None, :])[:, None]


def find_boundaries(
    segments: torch.Tensor | None, cu_seqlens: torch.Tensor | None, device: torch.device, dropout: float
) -> Boundaries:
    """The form that the attention of all layers takes.

    The kernel needs bf16 on a GPU and knows no dropout of attention weights, so training with such dropout is masked.
    """
    if segments is None:
        return Boundaries(None, None)
    if cu_seqlens is not None and dropout == 0 and _has_kernel(device):
        return Boundaries(None, cu_seqlens)
    return Boundaries(attention_mask(segments), None)


def attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, boundaries: Boundaries, dropout: float
) -> torch.Tensor:
    """Scaled dot-product attention, [rows, window, heads, size] each, to the same shape."""
    if boundaries.cu_seqlens is None:
        query, key, value = query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=boundaries.mask, dropout_p=dropout)
        return mixed.transpose(1, 2)
    # Seconds to import, and of use on GPUs alone.
    from torch.nn.attention.varlen import varlen_attn

    # No segment is longer than the window; a bound suffices, and finding the longest would make the GPU wait.
    window, ends = query.shape[1], boundaries.cu_seqlens
    flat = varlen_attn(query.flatten(0, 1), key.flatten(0, 1), value.flatten(0, 1), ends, ends, window, window)
    return cast(torch.Tensor, flat).view(query.shape)


def _has_kernel(device: torch.device) -> bool:
    return device.type == "cuda" and torch.is_autocast_enabled("cuda") and _capability(device.index) >= _CAPABILITY


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _capability(index: int) -> tuple[int, int]:
    return torch.cuda.get_device_capability(index)
