"""ChineseBERT for Hugging Face transformers. Needs torch and transformers alone; travels with the weights.

``pinyin_ids`` are the eight symbol ids of each token (0 padding, 1-5 tones, 6-31 the letters a-z, v for ü). Without
them each character takes the reading it has without context.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling, MaskedLMOutput


class ChineseBERTConfig(BertConfig):
    """BERT's settings, and those of the two added features."""

    model_type = "chinesebert"

    def __init__(
        self,
        pinyin_embedding: int = 128,
        pinyin_symbols: int = 32,
        glyph_size: int = 1728,
        glyph_scale: float = 255.0,
        glyph_trainable: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.pinyin_embedding = pinyin_embedding
        self.pinyin_symbols = pinyin_symbols
        self.glyph_size = glyph_size
        self.glyph_scale = glyph_scale
        self.glyph_trainable = glyph_trainable


class FusionEmbedding(nn.Module):
    """Character, pinyin and glyph, joined by one linear layer."""

    bitmaps: torch.Tensor
    default_pinyin: torch.Tensor

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__()
        self.scale = config.glyph_scale
        self.symbols = nn.Embedding(config.pinyin_symbols, config.pinyin_embedding)
        self.convolution = nn.Conv1d(config.pinyin_embedding, config.hidden_size, kernel_size=2)
        self.projection = nn.Linear(config.glyph_size, config.hidden_size)
        self.fusion = nn.Linear(3 * config.hidden_size, config.hidden_size)
        if config.glyph_trainable:
            self.bitmaps = nn.Parameter(torch.zeros(config.vocab_size, config.glyph_size))
        else:
            self.register_buffer("bitmaps", torch.zeros(config.vocab_size, config.glyph_size, dtype=torch.uint8))
        self.register_buffer("default_pinyin", torch.zeros(config.vocab_size, 8, dtype=torch.uint8))

    def forward(
        self, input_ids: torch.Tensor, characters: torch.Tensor, pinyin_ids: torch.Tensor | None
    ) -> torch.Tensor:
        """``characters`` are the embedded ids, [rows, window, hidden]."""
        if pinyin_ids is None:
            pinyin_ids = self.default_pinyin[input_ids]
        letters = self.symbols(pinyin_ids.long()).flatten(0, 1).transpose(1, 2)
        pinyin = self.convolution(letters).amax(2).view(characters.shape)
        glyphs = self.projection(self.bitmaps[input_ids].to(characters.dtype) / self.scale)
        return self.fusion(torch.cat((characters, pinyin, glyphs), dim=2))


class ChineseBERTPreTrainedModel(PreTrainedModel):
    """What both heads share."""

    config_class = ChineseBERTConfig
    base_model_prefix = "bert"
    bert: Any
    embedding: Any

    def embed_and_encode(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> BaseModelOutputWithPooling:
        """BERT adds positions and token types to what it is given, as ChineseBERT does."""
        characters = self.bert.embeddings.word_embeddings(input_ids)
        fused = self.embedding(input_ids, characters, pinyin_ids)
        return self.bert(inputs_embeds=fused, attention_mask=attention_mask, token_type_ids=token_type_ids)


class ChineseBERTModel(ChineseBERTPreTrainedModel):
    """Hidden states and pooled output, for fine-tuning."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config)
        self.embedding = FusionEmbedding(config)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        **ignored: Any,
    ) -> BaseModelOutputWithPooling:
        """Ids [rows, window], pinyin ids [rows, window, 8]."""
        return self.embed_and_encode(input_ids, attention_mask, pinyin_ids, token_type_ids)


class ChineseBERTForMaskedLM(ChineseBERTPreTrainedModel):
    """The pretraining head, tied to the character embeddings."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config)
        self.embedding = FusionEmbedding(config)
        self.head = nn.Linear(config.hidden_size, config.hidden_size)
        self.head_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        **ignored: Any,
    ) -> MaskedLMOutput:
        """Ids [rows, window], pinyin ids [rows, window, 8]; ``labels`` of -100 are not predicted."""
        hidden = self.embed_and_encode(input_ids, attention_mask, pinyin_ids, token_type_ids).last_hidden_state
        transformed = self.head_norm(functional.gelu(self.head(hidden)))
        logits = functional.linear(transformed, self.bert.embeddings.word_embeddings.weight, self.output_bias)
        loss = None if labels is None else functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return MaskedLMOutput(loss=loss, logits=logits)
