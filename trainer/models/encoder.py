"""The Transformer encoder of BERT and XLM: normalisation after each sub-layer (Vaswani et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.configs.bounds import at_least, below_one
from hanmill.trainer.models.attention import Boundaries, attend, find_boundaries

#: BERT's and XLM's epsilon, not PyTorch's 1e-5.
NORM_EPSILON = 1e-12


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Shape of the Transformer encoder. ``positions`` is the longest input in tokens."""

    layers: int
    hidden: int
    heads: int
    feed_forward: int
    positions: int = 512
    dropout: float = 0.1
    attention_dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least(self, 1, "layers", "hidden", "heads", "feed_forward", "positions")
        below_one(self, "dropout", "attention_dropout")
        if self.hidden % self.heads:
            raise ValueError(f"hidden ({self.hidden}) divisible by heads ({self.heads})")

    def check_window(self, window: int) -> None:
        """Raises ValueError where an input of ``window`` tokens is too long."""
        if window > self.positions:
            raise ValueError(f"data.window ({window}) of at most encoder.positions ({self.positions})")


class SelfAttention(nn.Module):
    """Multi-head attention; queries, keys and values come from one matrix."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.dropout = config.attention_dropout
        self.inputs = nn.Linear(config.hidden, 3 * config.hidden)
        self.output = nn.Linear(config.hidden, config.hidden)

    def forward(self, hidden: torch.Tensor, boundaries: Boundaries) -> torch.Tensor:
        """[rows, window, hidden] to the same shape."""
        rows, window, size = hidden.shape
        projected = self.inputs(hidden).view(rows, window, 3, self.heads, size // self.heads)
        query, key, value = projected.unbind(2)
        mixed = attend(query, key, value, boundaries, self.dropout if self.training else 0.0)
        return self.output(mixed.reshape(rows, window, size))


class EncoderLayer(nn.Module):
    """Attention and feed-forward network, each with dropout, residual and normalisation; exact GELU."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.attention = SelfAttention(config)
        self.attention_norm = nn.LayerNorm(config.hidden, eps=NORM_EPSILON)
        self.up = nn.Linear(config.hidden, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, config.hidden)
        self.feed_forward_norm = nn.LayerNorm(config.hidden, eps=NORM_EPSILON)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, hidden: torch.Tensor, boundaries: Boundaries) -> torch.Tensor:
        """[rows, window, hidden] to the same shape."""
        hidden = self.attention_norm(hidden + self.dropout(self.attention(hidden, boundaries)))
        return self.feed_forward_norm(hidden + self.dropout(self.down(functional.gelu(self.up(hidden)))))


class Encoder(nn.Module):
    """A stack of layers."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.attention_dropout = config.attention_dropout
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))

    def forward(
        self, hidden: torch.Tensor, segments: torch.Tensor | None, cu_seqlens: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Embedded input [rows, window, hidden] to the last layer's output.

        ``segments`` and ``cu_seqlens`` as in ``Batch``; without the latter no variable-length kernel is used.
        """
        dropout = self.attention_dropout if self.training else 0.0
        boundaries = find_boundaries(segments, cu_seqlens, hidden.device, dropout)
        for layer in self.layers:
            hidden = layer(hidden, boundaries)
        return hidden
