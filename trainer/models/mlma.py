"""MLMA (Bao et al. 2019): a forward and a backward language model shared by languages, their layers aligned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from trainer.config import EncoderConfig, MLMAConfig
from trainer.data.sentence_batch import END, SentenceBatch
from trainer.objectives.alignment import align
from trainer.objectives.sampled_softmax import sampled_loss


class Attention(nn.Module):
    """Multi-head attention under a mask."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads, self.dropout = config.heads, config.attention_dropout
        self.inputs = nn.Linear(config.hidden, 3 * config.hidden)
        self.output = nn.Linear(config.hidden, config.hidden)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """[rows, length, hidden] to the same shape; ``mask`` boolean [rows, 1, length, length]."""
        rows, length, size = hidden.shape
        query, key, value = self.inputs(hidden).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        return self.output(mixed.transpose(1, 2).reshape(rows, length, size))


class Block(nn.Module):
    """One layer: each sub-layer reads its normalised input and adds to the residual stream; ReLU."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.hidden)
        self.attention = Attention(config)
        self.feed_forward_norm = nn.LayerNorm(config.hidden)
        self.up = nn.Linear(config.hidden, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, config.hidden)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, stream: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The residual stream after the layer, and the layer's normalised input: both [rows, length, hidden]."""
        entering = self.attention_norm(stream)
        stream = stream + self.dropout(self.attention(entering, mask))
        widened = functional.relu(self.up(self.feed_forward_norm(stream)))
        return stream + self.dropout(self.down(widened)), entering


class Stack(nn.Module):
    """The layers of one direction and a last normalisation; 18,915,328 parameters with 6 layers of 512 and 2,048."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.hidden)

    def forward(self, stream: torch.Tensor, mask: torch.Tensor) -> list[torch.Tensor]:
        """Layers 0 … n, each [rows, length, hidden]: the normalised inputs of the blocks, then the final output."""
        layers = []
        for block in self.blocks:
            stream, entering = block(stream, mask)
            layers.append(entering)
        return [*layers, self.norm(stream)]


class Objective(NamedTuple):
    """Parts of the loss: mean nats a word of each language, both directions added [languages], and the alignment.

    Outside training the whole vocabulary is scored, there is no alignment, and a language without rows costs 0.
    """

    words: torch.Tensor
    alignment: torch.Tensor


class MLMA(nn.Module):
    """Embeddings of each language, tied to its output (no bias), and two stacks that all languages share.

    With 512, 2,048, 6 layers and two vocabularies of 200,000: 242,630,656 parameters, 37,830,656 of them shared.
    Padding is masked in both directions; the authors' code lets the backward stack see it.
    """

    def __init__(self, config: MLMAConfig, vocabulary_sizes: Sequence[int]) -> None:
        super().__init__()
        shape = config.encoder
        self.alignment = config.alignment
        self.words = nn.ModuleList(nn.Embedding(size, shape.hidden) for size in vocabulary_sizes)
        self.forward_stack = Stack(shape)
        self.backward_stack = Stack(shape)
        self.dropout = nn.Dropout(shape.dropout)
        self.register_buffer("positions", sinusoid(shape.positions, shape.hidden), persistent=False)
        self._pairs = 0
        for embedding in self.words:
            nn.init.normal_(embedding.weight, std=shape.hidden**-0.5)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def load_identical(self, pairs: Sequence[npt.NDArray[np.int64]]) -> None:
        """Takes the ids of words spelt alike, int64 [words, 2], for each pair of languages; they are not weights."""
        self._pairs = len(pairs)
        for number, ids in enumerate(pairs):
            self.register_buffer(f"identical_{number}", torch.from_numpy(ids), persistent=False)

    def layers(self, ids: torch.Tensor, language: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Layers 0 … n of the forward and of the backward stack, each [rows, length, hidden].

        ``ids`` int64 [rows, length] of one language; 0 is padding on the right.
        """
        length, size = ids.shape[1], self.words[language].embedding_dim
        # Waves have no end: a tagger may meet a longer sentence than training did.
        known = length <= len(self.positions)
        positions = self.positions[:length] if known else sinusoid(length, size).to(self.positions)
        stream = self.dropout(self.words[language](ids) * math.sqrt(size) + positions)
        # A token of padding sees itself, or its softmax would be over nothing.
        seen = (ids != END)[:, None, :] | torch.eye(length, dtype=torch.bool, device=ids.device)
        earlier = torch.ones(length, length, dtype=torch.bool, device=ids.device).tril()
        onwards = self.forward_stack(stream, (seen & earlier)[:, None])
        return onwards, self.backward_stack(stream, (seen & earlier.T)[:, None])

    def contextual(self, ids: torch.Tensor, language: int) -> torch.Tensor:
        """h of section 2.2: both directions joined, [rows, length, layers + 1, 2 · hidden]."""
        onwards, backwards = self.layers(ids, language)
        return torch.cat((torch.stack(onwards, 2), torch.stack(backwards, 2)), dim=3)

    def forward(self, batch: SentenceBatch) -> Objective:
        """Parts of the loss on sentences of every language."""
        onwards, backwards, words = [], [], []
        for language, ids in enumerate(batch.ids):
            if not ids.numel():
                words.append(self.words[language].weight.new_zeros((), dtype=torch.float32))
                continue
            valid = ids != END
            first, second = ([layer[valid] for layer in layers] for layers in self.layers(ids, language))
            following, preceding = neighbours(ids)
            weight, candidates, tries = self.words[language].weight, batch.candidates[language], batch.tries[language]
            words.append(
                sampled_loss(first[-1], following[valid], weight, candidates, tries)
                + sampled_loss(second[-1], preceding[valid], weight, candidates, tries)
            )
            onwards.append(first)
            backwards.append(second)
        if not self.training:
            return Objective(torch.stack(words), words[0].new_zeros(()))
        embeddings = [embedding.weight for embedding in self.words]
        identical = [self.get_buffer(f"identical_{number}") for number in range(self._pairs)]
        aligned = align(self.alignment, onwards, backwards, embeddings, identical)
        return Objective(torch.stack(words) * batch.real, aligned * batch.real)


def neighbours(ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The word after and the word before each, int64 [rows, length]; the end of the sentence on both sides is END."""
    following = functional.pad(ids[:, 1:], (0, 1), value=END)
    return following, functional.pad(ids[:, :-1], (1, 0), value=END)


def sinusoid(positions: int, size: int) -> torch.Tensor:
    """Sines and cosines of Vaswani et al. (2017), section 3.5, float32 [positions, size]."""
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
    angles = torch.arange(positions)[:, None] * rates
    return torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)
