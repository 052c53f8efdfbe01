"""ChineseBERT (Sun et al. 2021): BERT whose input fuses character, glyph and pinyin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from hanmill.schemas.corpus import GLYPH_BYTES, SYLLABLE_LENGTH
from hanmill.trainer.configs.bounds import above, at_least
from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.masking import MaskingConfig
from hanmill.trainer.data.packed import PackedFormat
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.models.encoder import NORM_EPSILON, Encoder, EncoderConfig
from hanmill.trainer.models.frozen_table import FrozenTable
from hanmill.trainer.models.windows import check_windows

SPECIALS = Specials(count=5, padding=0, unknown=1, mask=4, begin=2, end=3)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
#: Padding, five tones, 26 letters.
PINYIN_SYMBOLS = 32
TOKEN_TYPES = 2
Feature = Literal["character", "glyph", "pinyin"]
FEATURES: tuple[Feature, ...] = ("character", "glyph", "pinyin")


@dataclass(frozen=True, slots=True)
class ChineseBERTConfig:
    """ChineseBERT (Sun et al. 2021).

    ``glyph_scale`` divides the bitmap's 0-255: the paper and the authors' code feed 0-255, which lets glyphs
    drown character and pinyin at the start; 255 is our default, 1 is theirs. ``glyph_trainable`` lets the
    bitmaps learn, as the authors' code does and the paper does not say. ``single`` is the share of inputs made
    of one sentence instead of a full window (section 4.2). ``features`` are what the fusion joins: without ``glyph`` or
    ``pinyin``, as in the paper's ablation, it is given zeros in their place. ``vocabulary_size`` serves
    ``--count-parameters`` alone; a run takes its size from the corpus.
    """

    encoder: EncoderConfig
    data: DataConfig
    stages: tuple[StageConfig, ...]
    masking: MaskingConfig = field(default_factory=lambda: MaskingConfig(whole_word=0.9))
    loop: LoopConfig = field(default_factory=LoopConfig)
    single: float = 0.1
    pinyin_embedding: int = 128
    glyph_scale: float = 255.0
    glyph_trainable: bool = False
    features: tuple[Feature, ...] = FEATURES
    vocabulary_size: int = 23236

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("at least one stage")
        if "character" not in self.features or len(set(self.features)) < len(self.features):
            raise ValueError("features: character, and glyph and pinyin or neither, each once")
        at_least(self, 1, "pinyin_embedding", "vocabulary_size")
        above(self, 0, "glyph_scale")
        if not 0 <= self.single <= 1:
            raise ValueError("single from 0 to 1")
        check_windows(self.encoder, self.data, self.stages, least=3)


class PinyinEmbedding(nn.Module):
    """A syllable's letters and tone through a convolution of width 2 and max-pooling (section 3.2)."""

    #: Eight symbol ids a syllable, uint8 [syllables, 8]; part of the corpus, kept with the weights.
    spelling: torch.Tensor

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__()
        self.symbols = nn.Embedding(PINYIN_SYMBOLS, size)
        self.convolution = nn.Conv1d(size, hidden, kernel_size=2)
        self.register_buffer("spelling", torch.zeros(1, SYLLABLE_LENGTH, dtype=torch.uint8))

    def forward(self, syllables: torch.Tensor) -> torch.Tensor:
        """Syllable ids [rows, window], or each one's eight symbols [rows, window, 8], to [rows, window, hidden].

        Where there are more tokens than syllables each syllable is embedded once and looked up: same result.
        """
        if syllables.ndim == 3:
            return self._embed(syllables)
        if syllables.numel() > len(self.spelling):
            return functional.embedding(syllables, self._embed(self.spelling))
        return self._embed(self.spelling[syllables])

    def _embed(self, spelling: torch.Tensor) -> torch.Tensor:
        letters = self.symbols(spelling.long()).flatten(0, -3)
        return self.convolution(letters.transpose(1, 2)).amax(2).view(*spelling.shape[:-1], -1)


class GlyphEmbedding(nn.Module):
    """Bitmaps of three fonts, flattened to 1,728 numbers (the paper prints 2,352) and mapped to the hidden size."""

    def __init__(self, vocabulary_size: int, hidden: int, scale: float, trainable: bool) -> None:
        super().__init__()
        self.scale = scale
        kind = nn.Embedding if trainable else FrozenTable
        self.bitmaps = kind(vocabulary_size, GLYPH_BYTES)
        self.projection = nn.Linear(GLYPH_BYTES, hidden)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Model ids [rows, window] to [rows, window, hidden]; each glyph is mapped once where that is less work."""
        # Dividing the small matrix instead of the table is the same and less work; bytes are exact in bf16.
        weight, bias = self.projection.weight / self.scale, self.projection.bias
        whole = ids.numel() > len(self.bitmaps.weight)
        if isinstance(self.bitmaps, FrozenTable):
            # A table of which few rows are read is not turned into numbers.
            rows = self.bitmaps.numbers(None if whole else ids)
        else:
            rows = self.bitmaps.weight if whole else self.bitmaps(ids)
        mapped = functional.linear(rows, weight, bias)
        return functional.embedding(ids, mapped) if whole else mapped


class ChineseBERT(nn.Module):
    """Fusion embedding, encoder, BERT's pooler and masked-language head tied to the character embeddings.

    With 23,236 tokens: 147,953,348 parameters as base, 374,092,228 as large, glyph table (40,151,808) and pooler
    included. The pooler is untouched by pretraining, and frozen until a task uses it.
    """

    def __init__(self, config: ChineseBERTConfig, vocabulary_size: int) -> None:
        super().__init__()
        shape = config.encoder
        hidden = shape.hidden
        self.characters = nn.Embedding(vocabulary_size, hidden)
        self.positions = nn.Embedding(shape.positions, hidden)
        self.token_types = nn.Embedding(TOKEN_TYPES, hidden)
        self.pinyin = PinyinEmbedding(config.pinyin_embedding, hidden)
        self.glyphs = GlyphEmbedding(vocabulary_size, hidden, config.glyph_scale, config.glyph_trainable)
        self.fusion = nn.Linear(3 * hidden, hidden)
        self.features = config.features
        self.embedding_norm = nn.LayerNorm(hidden, eps=NORM_EPSILON)
        self.dropout = nn.Dropout(shape.dropout)
        self.encoder = Encoder(shape)
        self.pooler = nn.Linear(hidden, hidden).requires_grad_(False)
        self.head = nn.Linear(hidden, hidden)
        self.head_norm = nn.LayerNorm(hidden, eps=NORM_EPSILON)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.apply(_start)
        for name, module in (("pinyin", self.pinyin), ("glyph", self.glyphs)):
            if name not in self.features:
                module.requires_grad_(False)

    @torch.no_grad()
    def load_tables(self, glyphs: npt.NDArray[np.uint8], syllables: npt.NDArray[np.uint8]) -> None:
        """Takes bitmaps uint8 [vocabulary, 1728] (special tokens: zeros) and spellings uint8 [syllables, 8].

        Called after the weights are drawn: the authors' code draws over the bitmaps it has just read.
        """
        if self.glyphs is not None:
            self.glyphs.bitmaps.weight.copy_(torch.from_numpy(glyphs.copy()))
        if self.pinyin is not None:
            self.pinyin.spelling = torch.from_numpy(syllables.copy()).to(self.pinyin.spelling.device)

    def encode(self, batch: MaskedBatch) -> torch.Tensor:
        """Last layer's output, [rows, window, hidden]."""
        characters = self.characters(batch.ids)
        pinyin = self.pinyin(batch.pinyin) if "pinyin" in self.features else torch.zeros_like(characters)
        glyphs = self.glyphs(batch.ids) if "glyph" in self.features else torch.zeros_like(characters)
        fused = torch.cat((characters, pinyin, glyphs), dim=2)
        types = self.token_types.weight[0] if batch.types is None else self.token_types(batch.types)
        embedded = self.fusion(fused) + self.positions(batch.positions) + types
        return self.encoder(self.dropout(self.embedding_norm(embedded)), batch.segments, batch.cu_seqlens)

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits [..., vocabulary] of hidden states [..., hidden]."""
        transformed = self.head_norm(functional.gelu(self.head(hidden)))
        return functional.linear(transformed, self.characters.weight, self.output_bias)

    def forward(self, batch: MaskedBatch) -> torch.Tensor:
        """Logits of the places to predict, [targets, vocabulary]."""
        return self.scores(self.encode(batch).flatten(0, 1)[batch.places])


def without_left_out(weights: Mapping[str, torch.Tensor], features: Sequence[str]) -> dict[str, torch.Tensor]:
    """Weights that give the same where all features are joined: the columns of those left out are zero."""
    fusion = weights["fusion.weight"].clone()
    for third, name in enumerate(("character", "pinyin", "glyph")):
        if name not in features:
            fusion.chunk(3, 1)[third].zero_()
    return {**weights, "fusion.weight": fusion}


def _start(module: nn.Module) -> None:
    """BERT's start: N(0, 0.02), biases zero. As in the authors' code, the pinyin convolution keeps PyTorch's."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


def packed_format(config: ChineseBERTConfig, stage: StageConfig, corpus: Corpus) -> PackedFormat:
    """Stages differ in shape alone."""
    return PackedFormat(
        specials=SPECIALS,
        model_ids=SPECIALS.model_ids(corpus.size),
        data=config.data.shaped(stage.shape),
        masking=config.masking.shaped(stage.shape),
        seed=config.loop.seed,
        single=config.single,
        syllables=len(corpus.syllables),
        default_pinyin=corpus.default_pinyin,
    )


def load_corpus_tables(model: ChineseBERT, config: ChineseBERTConfig, corpus: Corpus) -> None:
    """Bitmaps by model id, zeros for the special tokens, and the spelling of each syllable."""
    if model.glyphs is None:
        model.load_tables(np.zeros((0, GLYPH_BYTES), np.uint8), corpus.syllables)
        return
    specials = np.zeros((SPECIALS.count, GLYPH_BYTES), np.uint8)
    model.load_tables(np.concatenate((specials, corpus.glyphs[1:])), corpus.syllables)


def vocabulary(config: ChineseBERTConfig, corpus: Corpus) -> CharacterVocabulary:
    """Special tokens and characters, each with its reading without context."""
    spelled = corpus.syllables[corpus.default_pinyin[1:]].tolist()
    nothing = [[0] * SYLLABLE_LENGTH] * SPECIALS.count
    unseen = corpus.counts(config.data.languages)[1:] == 0
    return CharacterVocabulary(
        tokens=(*SPECIAL_TOKENS, *corpus.characters[1:]),
        pinyin=tuple(tuple(spelling) for spelling in (*nothing, *spelled)),
        normalize=corpus.normalize,
        segment=corpus.segment,
        readings=corpus.readings,
        unseen=tuple(SPECIALS.model_ids(corpus.size)[1:][unseen].tolist()),
    )
