"""MLMA for Hugging Face transformers. Needs torch and transformers alone; travels with the weights.

``input_ids`` are words of one language (``language`` is its place in ``config.languages``), from the tokeniser of that
language beside the weights; 0 is padding, on the right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel
from transformers.utils import ModelOutput


class MLMAConfig(PretrainedConfig):
    """Sizes of the stacks and of each language's vocabulary."""

    model_type = "hanmill-mlma"

    def __init__(
        self,
        languages: list[str] | None = None,
        vocab_sizes: list[int] | None = None,
        hidden_size: int = 512,
        num_hidden_layers: int = 6,
        num_attention_heads: int = 8,
        intermediate_size: int = 2048,
        **settings: Any,
    ) -> None:
        self.languages = languages or []
        self.vocab_sizes = vocab_sizes or []
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        super().__init__(**settings)


@dataclass
class MLMAOutput(ModelOutput):
    """``contextual`` [rows, length, layers + 1, 2 · hidden]: forward and backward layers, joined.

    ``following`` and ``preceding`` [rows, length, vocabulary] are scores of the words on either side, where asked for.
    """

    contextual: torch.Tensor | None = None
    following: torch.Tensor | None = None
    preceding: torch.Tensor | None = None


class Attention(nn.Module):
    """Multi-head attention under a mask."""

    def __init__(self, config: MLMAConfig) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.inputs = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.output = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """[rows, length, hidden] to the same shape."""
        rows, length, size = hidden.shape
        query, key, value = self.inputs(hidden).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.output(mixed.transpose(1, 2).reshape(rows, length, size))


class Block(nn.Module):
    """One layer, normalised before each sub-layer."""

    def __init__(self, config: MLMAConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.hidden_size)
        self.attention = Attention(config)
        self.feed_forward_norm = nn.LayerNorm(config.hidden_size)
        self.up = nn.Linear(config.hidden_size, config.intermediate_size)
        self.down = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, stream: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The residual stream after the layer, and the layer's normalised input."""
        entering = self.attention_norm(stream)
        stream = stream + self.attention(entering, mask)
        return stream + self.down(functional.relu(self.up(self.feed_forward_norm(stream)))), entering


class Stack(nn.Module):
    """One direction."""

    def __init__(self, config: MLMAConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.LayerNorm(config.hidden_size)

    def forward(self, stream: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """[rows, length, hidden] to [rows, length, layers + 1, hidden]."""
        layers = []
        for block in self.blocks:
            stream, entering = block(stream, mask)
            layers.append(entering)
        return torch.stack([*layers, self.norm(stream)], dim=2)


class MLMAModel(PreTrainedModel):
    """A forward and a backward language model of several languages."""

    config_class = MLMAConfig

    def __init__(self, config: MLMAConfig) -> None:
        super().__init__(config)
        self.words = nn.ModuleList(nn.Embedding(size, config.hidden_size) for size in config.vocab_sizes)
        self.forward_stack = Stack(config)
        self.backward_stack = Stack(config)
        self.post_init()

    def forward(self, input_ids: torch.Tensor, language: int = 0, scores: bool = False, **ignored: Any) -> MLMAOutput:
        """Ids [rows, length] of one language."""
        length, size = input_ids.shape[1], self.config.hidden_size
        table: Any = self.words[language]
        stream = table(input_ids) * math.sqrt(size) + _sinusoid(length, size).to(table.weight)
        ones = torch.ones(length, length, dtype=torch.bool, device=input_ids.device)
        seen = (input_ids != 0)[:, None, :] | torch.eye(length, dtype=torch.bool, device=input_ids.device)
        onwards = self.forward_stack(stream, (seen & ones.tril())[:, None])
        backwards = self.backward_stack(stream, (seen & ones.triu())[:, None])
        contextual = torch.cat((onwards, backwards), dim=3)
        if not scores:
            return MLMAOutput(contextual=contextual)
        following, preceding = (functional.linear(layers[:, :, -1], table.weight) for layers in (onwards, backwards))
        return MLMAOutput(contextual=contextual, following=following, preceding=preceding)


def _sinusoid(positions: int, size: int) -> torch.Tensor:
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
    angles = torch.arange(positions)[:, None] * rates
    return torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)
