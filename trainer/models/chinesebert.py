"""ChineseBERT (Sun et al. 2021): BERT whose input fuses character, glyph and pinyin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from schemas.corpus import GLYPH_BYTES, SYLLABLE_LENGTH
from trainer.config import ChineseBERTConfig
from trainer.data.batch import Batch
from trainer.data.windows import Specials
from trainer.models.encoder import NORM_EPSILON, Encoder

SPECIALS = Specials(count=5, padding=0, unknown=1, mask=4, begin=2, end=3)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
#: Padding, five tones, 26 letters.
PINYIN_SYMBOLS = 32
TOKEN_TYPES = 2


class PinyinEmbedding(nn.Module):
    """A syllable's letters and tone through a convolution of width 2 and max-pooling (section 3.2)."""

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__()
        self.symbols = nn.Embedding(PINYIN_SYMBOLS, size)
        self.convolution = nn.Conv1d(size, hidden, kernel_size=2)
        #: Eight symbol ids a syllable, uint8 [syllables, 8]; part of the corpus, kept with the weights.
        self.register_buffer("spelling", torch.zeros(1, SYLLABLE_LENGTH, dtype=torch.uint8))

    def forward(self, syllables: torch.Tensor) -> torch.Tensor:
        """Syllable ids [rows, window] to [rows, window, hidden].

        Where there are more tokens than syllables each syllable is embedded once and looked up: same result.
        """
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
        self.bitmaps = nn.Embedding(vocabulary_size, GLYPH_BYTES)
        self.bitmaps.weight.requires_grad_(trainable)
        self.projection = nn.Linear(GLYPH_BYTES, hidden)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Model ids [rows, window] to [rows, window, hidden]; each glyph is mapped once where that is less work."""
        # Dividing the small matrix instead of the table is the same and less work; bytes are exact in bf16.
        weight, bias = self.projection.weight / self.scale, self.projection.bias
        table = self.bitmaps.weight
        if ids.numel() > len(table):
            return functional.embedding(ids, functional.linear(table, weight, bias))
        return functional.linear(self.bitmaps(ids), weight, bias)


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
        self.embedding_norm = nn.LayerNorm(hidden, eps=NORM_EPSILON)
        self.dropout = nn.Dropout(shape.dropout)
        self.encoder = Encoder(shape)
        self.pooler = nn.Linear(hidden, hidden).requires_grad_(False)
        self.head = nn.Linear(hidden, hidden)
        self.head_norm = nn.LayerNorm(hidden, eps=NORM_EPSILON)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.apply(_start)

    @torch.no_grad()
    def load_tables(self, glyphs: npt.NDArray[np.uint8], syllables: npt.NDArray[np.uint8]) -> None:
        """Takes bitmaps uint8 [vocabulary, 1728] (special tokens: zeros) and spellings uint8 [syllables, 8].

        Called after the weights are drawn: the authors' code draws over the bitmaps it has just read.
        """
        self.glyphs.bitmaps.weight.copy_(torch.from_numpy(glyphs.copy()))
        self.pinyin.spelling = torch.from_numpy(syllables.copy()).to(self.pinyin.spelling.device)

    def encode(self, batch: Batch) -> torch.Tensor:
        """Last layer's output, [rows, window, hidden]."""
        fused = torch.cat((self.characters(batch.ids), self.pinyin(batch.pinyin), self.glyphs(batch.ids)), dim=2)
        embedded = self.fusion(fused) + self.positions(batch.positions) + self.token_types.weight[0]
        return self.encoder(self.dropout(self.embedding_norm(embedded)), batch.segments, batch.cu_seqlens)

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits [..., vocabulary] of hidden states [..., hidden]."""
        transformed = self.head_norm(functional.gelu(self.head(hidden)))
        return functional.linear(transformed, self.characters.weight, self.output_bias)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Logits of the places to predict, [targets, vocabulary]."""
        return self.scores(self.encode(batch).flatten(0, 1)[batch.places])


def _start(module: nn.Module) -> None:
    """BERT's start: N(0, 0.02), biases zero."""
    if isinstance(module, (nn.Linear, nn.Conv1d, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, (nn.Linear, nn.Conv1d)) and module.bias is not None:
        nn.init.zeros_(module.bias)
