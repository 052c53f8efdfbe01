"""MLMA (Bao et al. 2019): a forward and a backward language model shared by languages, their layers aligned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.configs.bounds import at_least
from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.configs.stage import Shape, StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.sentence_batch import END, UNKNOWN, SentenceBatch
from hanmill.trainer.data.sentence_format import Language, SentenceDataConfig, SentenceFormat
from hanmill.trainer.data.vocabulary import WordVocabularies
from hanmill.trainer.data.word_sentences import vocabulary_size
from hanmill.trainer.models.encoder import EncoderConfig
from hanmill.trainer.objectives.alignment import AlignmentConfig, align
from hanmill.trainer.objectives.sampled_softmax import sampled_loss


@dataclass(frozen=True, slots=True)
class MLMAConfig:
    """MLMA (Bao et al. 2019).

    ``weighting`` ``paper``: the languages' losses are added (each λ is 1); ``code``: averaged, which halves them
    beside the alignment where there are two. ``samples`` is the size of the sampled softmax;
    ``vocabulary_size`` the largest vocabulary of a language, the end of a sentence and the unknown word included.
    """

    encoder: EncoderConfig
    data: SentenceDataConfig
    stages: tuple[StageConfig, ...]
    alignment: AlignmentConfig = field(default_factory=AlignmentConfig)
    weighting: Literal["paper", "code"] = "paper"
    loop: LoopConfig = field(default_factory=LoopConfig)
    samples: int = 8192
    vocabulary_size: int = 200_000

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("at least one stage")
        if self.data.longest > self.encoder.positions:
            raise ValueError(
                f"data.longest ({self.data.longest}) of at most encoder.positions ({self.encoder.positions})"
            )
        for shape in (s for stage in self.stages for s in (stage.shape, *(phase.shape for phase in stage.phases))):
            if shape != Shape(global_batch=shape.global_batch):
                raise ValueError("a shape of global_batch alone: rows are sentences, and no word is masked")
        at_least(self, 1, "samples")
        if self.vocabulary_size < 3:
            raise ValueError("vocabulary_size of at least 3: the end of a sentence, the unknown word, a word")


class Attention(nn.Module):
    """Multi-head attention of each word to itself and those before it."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads, self.dropout = config.heads, config.attention_dropout
        self.inputs = nn.Linear(config.hidden, 3 * config.hidden)
        self.output = nn.Linear(config.hidden, config.hidden)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """[rows, length, hidden] to the same shape."""
        rows, length, size = hidden.shape
        query, key, value = self.inputs(hidden).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=True)
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

    def forward(self, stream: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The residual stream after the layer, and the layer's normalised input: both [rows, length, hidden]."""
        entering = self.attention_norm(stream)
        stream = stream + self.dropout(self.attention(entering))
        widened = functional.relu(self.up(self.feed_forward_norm(stream)))
        return stream + self.dropout(self.down(widened)), entering


class Stack(nn.Module):
    """The layers of one direction and a last normalisation; 18,915,328 parameters with 6 layers of 512 and 2,048."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.hidden)

    def forward(self, stream: torch.Tensor) -> list[torch.Tensor]:
        """Layers 0 … n, each [rows, length, hidden]: the normalised inputs of the blocks, then the final output."""
        layers = []
        for block in self.blocks:
            stream, entering = block(stream)
            layers.append(entering)
        return [*layers, self.norm(stream)]


class LossTerms(NamedTuple):
    """Parts of the loss: mean nats a word of each language, both directions added [languages], and the alignment.

    Outside training the whole vocabulary is scored, there is no alignment, and a language without rows costs 0.
    """

    words: torch.Tensor
    alignment: torch.Tensor


class MLMA(nn.Module):
    """Embeddings of each language, tied to its output (no bias), and two stacks that all languages share.

    With 512, 2,048, 6 layers and two vocabularies of 200,000: 242,630,656 parameters, 37,830,656 of them shared.
    No word sees padding in either direction; the authors' code lets the backward stack see it.
    """

    #: Sines and cosines, float32 [encoder.positions, hidden]; not saved.
    positions: torch.Tensor

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
        for embedding in self.embeddings:
            nn.init.normal_(embedding.weight, std=shape.hidden**-0.5)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    @property
    def embeddings(self) -> list[nn.Embedding]:
        """Of each language."""
        return [cast(nn.Embedding, embedding) for embedding in self.words]

    def load_identical(self, pairs: Sequence[npt.NDArray[np.int64]]) -> None:
        """Takes the ids of words spelt alike, int64 [words, 2], for each pair of languages; they are not weights."""
        self._pairs = len(pairs)
        for number, ids in enumerate(pairs):
            self.register_buffer(f"identical_{number}", torch.from_numpy(ids), persistent=False)

    def layers(self, ids: torch.Tensor, language: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Layers 0 … n of the forward and of the backward stack, each [rows, length, hidden].

        ``ids`` int64 [rows, length] of one language; 0 is padding on the right.
        """
        embedding = self.embeddings[language]
        length, size = ids.shape[1], embedding.embedding_dim
        # Waves have no end: a tagger may meet a longer sentence than training did.
        known = length <= len(self.positions)
        positions = self.positions[:length] if known else sinusoid(length, size).to(self.positions)
        stream = self.dropout(embedding(ids) * math.sqrt(size) + positions)
        # Padding stands on the right, where no word looks; for the other direction each sentence is turned round.
        onwards = self.forward_stack(stream)
        turned = _turned(ids)[:, :, None].expand_as(stream)
        return onwards, [layer.gather(1, turned) for layer in self.backward_stack(stream.gather(1, turned))]

    def contextual(self, ids: torch.Tensor, language: int) -> torch.Tensor:
        """h of section 2.2: both directions joined, [rows, length, layers + 1, 2 · hidden]."""
        onwards, backwards = self.layers(ids, language)
        return torch.cat((torch.stack(onwards, 2), torch.stack(backwards, 2)), dim=3)

    def forward(self, batch: SentenceBatch) -> LossTerms:
        """Parts of the loss on sentences of every language."""
        onwards, backwards, words = [], [], []
        embeddings = [embedding.weight for embedding in self.embeddings]
        for language, (bundle, weight) in enumerate(zip(batch.bundles, embeddings, strict=True)):
            if not bundle.ids.numel():
                words.append(weight.new_zeros((), dtype=torch.float32))
                continue
            first, second = (
                [layer.flatten(0, 1)[bundle.places] for layer in layers] for layers in self.layers(bundle.ids, language)
            )
            candidates, tries = bundle.candidates, bundle.tries
            words.append(
                sampled_loss(first[-1], bundle.following, weight, candidates, tries)
                + sampled_loss(second[-1], bundle.preceding, weight, candidates, tries)
            )
            onwards.append(first)
            backwards.append(second)
        if not self.training:
            return LossTerms(torch.stack(words), words[0].new_zeros(()))
        identical = [self.get_buffer(f"identical_{number}") for number in range(self._pairs)]
        aligned = align(self.alignment, onwards, backwards, embeddings, identical)
        return LossTerms(torch.stack(words) * batch.real, aligned * batch.real)


def _turned(ids: torch.Tensor) -> torch.Tensor:
    """Columns, int64 [rows, length], that put the words of each sentence in reverse; padding stays on the right."""
    columns = torch.arange(ids.shape[1], device=ids.device)
    lengths = (ids != END).sum(1, keepdim=True)
    return torch.where(columns < lengths, lengths - 1 - columns, columns)


def sinusoid(positions: int, size: int) -> torch.Tensor:
    """Sines and cosines of Vaswani et al. (2017), section 3.5, float32 [positions, size]."""
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
    angles = torch.arange(positions)[:, None] * rates
    return torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)


def languages_of(config: MLMAConfig, corpus: Corpus) -> tuple[Language, ...]:
    """The languages of a configuration with their vocabularies. Raises CorpusError where one has no word table."""
    sizes = {name: len(corpus.words(name)) for name in config.data.languages}
    return tuple(Language(name, size, vocabulary_size(size, config.vocabulary_size)) for name, size in sizes.items())


def sentence_format(config: MLMAConfig, stage: StageConfig, corpus: Corpus) -> SentenceFormat:
    """Stages differ in the size of the batch alone."""
    batch = stage.shape.global_batch or config.data.global_batch
    return SentenceFormat(
        replace(config.data, global_batch=batch), languages_of(config, corpus), config.samples, config.loop.seed
    )


def load_identical_words(model: MLMA, config: MLMAConfig, corpus: Corpus) -> None:
    """Words spelt alike, for the alignment that needs them."""
    if config.alignment.method not in ("identical", "all"):
        return
    pairs = []
    for first, second in combinations(languages_of(config, corpus), 2):
        ids = corpus.identical(first.name, second.name) + UNKNOWN
        pairs.append(ids[(ids[:, 0] < first.vocabulary) & (ids[:, 1] < second.vocabulary)])
    model.load_identical(pairs)


def vocabulary(config: MLMAConfig, corpus: Corpus) -> WordVocabularies:
    """Words by model id."""
    words = {}
    for language in languages_of(config, corpus):
        found = corpus.words(language.name)["word"].to_pylist()
        words[language.name] = ("", *found)[: language.vocabulary]
    return WordVocabularies(words)


def flops_per_token(model: nn.Module, config: MLMAConfig, stage: StageConfig) -> float:
    """6·N + 12·(S + 1)·H: N parameters of both stacks, S samples scored in both directions, H units.

    Attention, short beside these in sentences, and the distances of the alignment are not counted.
    """
    stacks = sum(p.numel() for name, p in model.named_parameters() if not name.startswith("words."))
    return 6.0 * stacks + 12.0 * (config.samples + 1) * config.encoder.hidden
