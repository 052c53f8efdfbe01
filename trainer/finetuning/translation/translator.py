"""UnihanLM as a translator: its encoder, and a decoder begun from the same weights (Lample and Conneau 2019).

Every layer of the decoder has a second attention, to the encoder's states, whose weights are drawn.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.models.attention import Boundaries, attend, attention_mask
from hanmill.trainer.models.encoder import NORM_EPSILON, EncoderConfig, EncoderLayer
from hanmill.trainer.models.unihanlm import UnihanLM


class Sentences(NamedTuple):
    """Sentences of one language, special tokens included.

    ``ids`` int64 [rows, length], padded; ``language`` its number; ``valid`` boolean, false where padded.
    """

    ids: torch.Tensor
    language: int
    valid: torch.Tensor

    def to(self, device: torch.device) -> Sentences:
        """The same on a device."""
        return Sentences(self.ids.to(device), self.language, self.valid.to(device))


class Pairs(NamedTuple):
    """From ``sources`` the ``targets`` are to be made; what they cost counts ``weight`` times."""

    sources: Sentences
    targets: Sentences
    weight: float


class Lesson(NamedTuple):
    """What one update learns from."""

    pairs: tuple[Pairs, ...]

    def to(self, device: torch.device) -> Lesson:
        """The same on a device."""
        return Lesson(tuple(Pairs(p.sources.to(device), p.targets.to(device), p.weight) for p in self.pairs))


class CrossAttention(nn.Module):
    """Attention of the target's tokens to the source's."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads, self.dropout = config.heads, config.attention_dropout
        self.queries = nn.Linear(config.hidden, config.hidden)
        self.memories = nn.Linear(config.hidden, 2 * config.hidden)
        self.output = nn.Linear(config.hidden, config.hidden)

    def forward(self, hidden: torch.Tensor, memory: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """``hidden`` [rows, target, hidden], ``memory`` [rows, source, hidden] to the shape of ``hidden``."""
        rows, length, size = hidden.shape
        query = self.queries(hidden).view(rows, length, self.heads, -1)
        key, value = self.memories(memory).view(rows, memory.shape[1], 2, self.heads, -1).unbind(2)
        seen = Boundaries(valid[:, None, None, :], None)
        mixed = attend(query, key, value, seen, self.dropout if self.training else 0.0)
        found: torch.Tensor = self.output(mixed.reshape(rows, length, size))
        return found


class DecoderLayer(EncoderLayer):
    """An encoder's layer whose attention looks back only, with attention to the source after it."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__(config)
        self.cross = CrossAttention(config)
        self.cross_norm = nn.LayerNorm(config.hidden, eps=NORM_EPSILON)

    def decode(
        self, hidden: torch.Tensor, boundaries: Boundaries, memory: torch.Tensor, valid: torch.Tensor
    ) -> torch.Tensor:
        """[rows, target, hidden] to the same shape."""
        hidden = self.attention_norm(hidden + self.dropout(self.attention(hidden, boundaries)))
        hidden = self.cross_norm(hidden + self.dropout(self.cross(hidden, memory, valid)))
        widened = functional.gelu(self.up(hidden))
        return cast(torch.Tensor, self.feed_forward_norm(hidden + self.dropout(self.down(widened))))


class Translator(nn.Module):
    """``encoder`` and ``decoder`` are two models that begin alike; the decoder's output is tied to its embeddings."""

    def __init__(self, encoder: UnihanLM, decoder: UnihanLM, config: EncoderConfig, end: int) -> None:
        super().__init__()
        self.encoder, self.decoder, self.end = encoder, decoder, end
        layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        for layer, pretrained in zip(layers, decoder.encoder.layers, strict=True):
            layer.load_state_dict(pretrained.state_dict(), strict=False)
        decoder.encoder.layers = layers
        # The decoder alone predicts.
        encoder.output_bias.requires_grad_(False)

    def forward(self, lesson: Lesson) -> torch.Tensor:
        """The loss, summed over target tokens."""
        return torch.stack([pair.weight * self._loss(pair) for pair in lesson.pairs]).sum()

    def _loss(self, pair: Pairs) -> torch.Tensor:
        ids, valid = pair.targets.ids, pair.targets.valid
        hidden = self._decode(pair.targets._replace(ids=ids[:, :-1], valid=valid[:, :-1]), *self.remember(pair.sources))
        predicted = valid[:, 1:]
        logits = self.decoder.scores(hidden[predicted]).float()
        return functional.cross_entropy(logits, ids[:, 1:][predicted], reduction="sum")

    def remember(self, sources: Sentences) -> tuple[torch.Tensor, torch.Tensor]:
        """The source's states [rows, source, hidden], and which of them are no padding."""
        return self.encoder.encode(_batch(sources)), sources.valid

    def _decode(self, targets: Sentences, memory: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        batch, model = _batch(targets), self.decoder
        embedded = model.characters(batch.ids) + model.positions(batch.positions) + model.languages(batch.language)
        hidden = model.dropout(model.embedding_norm(embedded))
        length = targets.ids.shape[1]
        back = torch.ones(length, length, dtype=torch.bool, device=hidden.device).tril()
        boundaries = Boundaries(attention_mask(targets.valid.int()) & back, None)
        for layer in model.encoder.layers:
            assert isinstance(layer, DecoderLayer)
            hidden = layer.decode(hidden, boundaries, memory, seen)
        return cast(torch.Tensor, hidden)

    @torch.no_grad()
    def translate(self, sources: Sentences, language: int, begin: int, longest: int) -> Sentences:
        """The likeliest token at each place until the end.

        No row gets longer than half as much again as its source and ten tokens, nor than ``longest``.
        """
        memory, seen = self.remember(sources)
        rows = len(sources.ids)
        ids = sources.ids.new_full((rows, 1), begin)
        valid = torch.ones_like(ids, dtype=torch.bool)
        room = (sources.valid.sum(1) * 3 // 2 + 10).clamp(max=longest)
        open_rows = torch.ones(rows, dtype=torch.bool, device=ids.device)
        while bool(open_rows.any()):
            last = self._decode(Sentences(ids, language, valid), memory, seen)[:, -1]
            found = self.decoder.scores(last).argmax(1)
            # A row that may not go on ends here.
            found = torch.where(room <= ids.shape[1] + 1, found.new_full((), self.end), found)
            ids = torch.cat((ids, found[:, None]), 1)
            valid = torch.cat((valid, open_rows[:, None]), 1)
            open_rows = open_rows & found.ne(self.end)
        return Sentences(ids, language, valid)


def _batch(sentences: Sentences) -> MaskedBatch:
    """As the encoder reads it: padding is a segment of its own."""
    ids = sentences.ids
    nothing = ids.new_empty(0)
    return MaskedBatch(
        ids=ids, positions=torch.arange(ids.shape[1], device=ids.device).expand(ids.shape),
        segments=sentences.valid.int(), pinyin=None, language=torch.full_like(ids, sentences.language),
        places=nothing, targets=nothing,
    )  # fmt: skip
