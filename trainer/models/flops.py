"""Floating-point operations of masked language models, for the model FLOPs utilisation in the log."""

from __future__ import annotations

from typing import Protocol

from torch import nn

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.masking import MaskingConfig
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.models.encoder import EncoderConfig


class MaskedConfig(Protocol):
    """What the count reads of a configuration."""

    @property
    def encoder(self) -> EncoderConfig:
        """Its shape."""
        ...

    @property
    def data(self) -> DataConfig:
        """Its window."""
        ...

    @property
    def masking(self) -> MaskingConfig:
        """Its rate."""
        ...


def masked_flops_per_token(model: nn.Module, config: MaskedConfig, stage: StageConfig) -> float:
    """Floating-point operations of forward and backward pass for one token of the window.

    ``6·N + 12·L·H·T + 6·p·N_head``: N parameters in the encoder's layers, L layers of H units, T tokens in the
    window, and the share p of tokens whose scores are computed (N_head: the tied output layer and what stands
    before it). Embeddings are look-ups and count nothing; attention is counted over the whole window although
    document boundaries spare part of it; recomputation does not count.
    """
    shape, window = config.encoder, config.data.shaped(stage.shape).window
    encoder = sum(parameter.numel() for name, parameter in model.named_parameters() if name.startswith("encoder."))
    head = sum(parameter.numel() for name, parameter in model.named_parameters() if name.startswith("head."))
    tied = sum(parameter.numel() for name, parameter in model.named_parameters() if name == "characters.weight")
    attention = 12 * shape.layers * shape.hidden * window
    return 6.0 * encoder + attention + 6.0 * config.masking.shaped(stage.shape).rate * (head + tied)
