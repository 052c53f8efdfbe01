"""BERT (Devlin et al. 2019): what published Chinese models are, read here to be fine-tuned."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.models.encoder import NORM_EPSILON, Encoder, EncoderConfig


class BERT(nn.Module):
    """Embeddings of character, position and token type, encoder, pooler, and a masked-language head.

    Names are those of ChineseBERT's modules, so that one can begin with the other's weights.
    """

    def __init__(self, shape: EncoderConfig, vocabulary_size: int, token_types: int = 2) -> None:
        super().__init__()
        self.characters = nn.Embedding(vocabulary_size, shape.hidden)
        self.positions = nn.Embedding(shape.positions, shape.hidden)
        self.token_types = nn.Embedding(token_types, shape.hidden)
        self.embedding_norm = nn.LayerNorm(shape.hidden, eps=NORM_EPSILON)
        self.dropout = nn.Dropout(shape.dropout)
        self.encoder = Encoder(shape)
        self.pooler = nn.Linear(shape.hidden, shape.hidden)
        self.head = nn.Linear(shape.hidden, shape.hidden)
        self.head_norm = nn.LayerNorm(shape.hidden, eps=NORM_EPSILON)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))

    def encode(self, batch: MaskedBatch) -> torch.Tensor:
        """Last layer's output, [rows, window, hidden]."""
        types = self.token_types.weight[0] if batch.types is None else self.token_types(batch.types)
        embedded = self.characters(batch.ids) + self.positions(batch.positions) + types
        return self.encoder(self.dropout(self.embedding_norm(embedded)), batch.segments, batch.cu_seqlens)

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits [..., vocabulary] of hidden states [..., hidden]."""
        transformed = self.head_norm(functional.gelu(self.head(hidden)))
        return functional.linear(transformed, self.characters.weight, self.output_bias)
