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
from transformers.modeling_outputs import (
    BaseModelOutputWithPooling,
    MaskedLMOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)


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
    """The encoder, which all heads share. ``forward`` of each: ids [rows, window], pinyin ids [rows, window, 8]."""

    config_class = ChineseBERTConfig
    base_model_prefix = "bert"

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config)
        self.embedding = FusionEmbedding(config)

    def encode(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None,
        pinyin_ids: torch.Tensor | None,
        token_type_ids: torch.Tensor | None,
        further: dict[str, Any],
    ) -> BaseModelOutputWithPooling:
        """BERT adds positions and token types to what it is given, as ChineseBERT does."""
        characters = self.bert.embeddings.word_embeddings(input_ids)
        fused = self.embedding(input_ids, characters, pinyin_ids)
        return self.bert(
            inputs_embeds=fused,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
            return_dict=True,
            **{name: value for name, value in further.items() if value is not None},
        )

    def in_form(self, output: Any, return_dict: bool | None) -> Any:
        """The output, or its parts as a tuple where ``return_dict`` or else the configuration says so."""
        wanted = getattr(self.config, "return_dict", True) if return_dict is None else return_dict
        return output if wanted else output.to_tuple()


class ChineseBERTModel(ChineseBERTPreTrainedModel):
    """Hidden states and pooled output, for fine-tuning."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        return_dict: bool | None = None,
        **further: Any,
    ) -> Any:
        """What BertModel gives."""
        return self.in_form(self.encode(input_ids, attention_mask, pinyin_ids, token_type_ids, further), return_dict)


class ChineseBERTForMaskedLM(ChineseBERTPreTrainedModel):
    """The pretraining head, tied to the character embeddings."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config)
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
        return_dict: bool | None = None,
        **further: Any,
    ) -> Any:
        """Logits [rows, window, vocabulary]; ``labels`` of -100 are not predicted."""
        encoded = self.encode(input_ids, attention_mask, pinyin_ids, token_type_ids, further)
        transformed = self.head_norm(functional.gelu(self.head(encoded.last_hidden_state)))
        logits = functional.linear(transformed, self.bert.embeddings.word_embeddings.weight, self.output_bias)
        loss = None if labels is None else functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        hidden, attentions = encoded.hidden_states, encoded.attentions
        output = MaskedLMOutput(loss=loss, logits=logits, hidden_states=hidden, attentions=attentions)
        return self.in_form(output, return_dict)


class ChineseBERTForTask(ChineseBERTPreTrainedModel):
    """A linear layer over the encoder, with dropout before it."""

    def __init__(self, config: ChineseBERTConfig, outputs: int) -> None:
        super().__init__(config)
        self.num_labels = outputs
        rate = config.classifier_dropout
        self.dropout = nn.Dropout(config.hidden_dropout_prob if rate is None else rate)
        self.classifier = nn.Linear(config.hidden_size, outputs)
        self.post_init()


class ChineseBERTForSequenceClassification(ChineseBERTForTask):
    """Classes of an input or of a pair; the pooler in front of them is new too, as pretraining does not use it."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config, config.num_labels or 2)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        return_dict: bool | None = None,
        **further: Any,
    ) -> Any:
        """Logits [rows, labels].

        ``labels`` [rows] are classes, or numbers where there is one output; [rows, labels] of 0.0 and 1.0 may be
        several at once.
        """
        encoded = self.encode(input_ids, attention_mask, pinyin_ids, token_type_ids, further)
        logits = self.classifier(self.dropout(encoded.pooler_output))
        loss = None
        if labels is not None and self.num_labels == 1:
            loss = functional.mse_loss(logits.flatten(), labels.flatten().to(logits.dtype))
        elif labels is not None and labels.is_floating_point():
            loss = functional.binary_cross_entropy_with_logits(logits, labels)
        elif labels is not None:
            loss = functional.cross_entropy(logits, labels.flatten())
        hidden, attentions = encoded.hidden_states, encoded.attentions
        output = SequenceClassifierOutput(loss=loss, logits=logits, hidden_states=hidden, attentions=attentions)
        return self.in_form(output, return_dict)


class ChineseBERTForTokenClassification(ChineseBERTForTask):
    """A class for each token."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config, config.num_labels or 2)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        return_dict: bool | None = None,
        **further: Any,
    ) -> Any:
        """Logits [rows, window, labels]; ``labels`` [rows, window] of -100 do not count."""
        encoded = self.encode(input_ids, attention_mask, pinyin_ids, token_type_ids, further)
        logits = self.classifier(self.dropout(encoded.last_hidden_state))
        loss = None if labels is None else functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        hidden, attentions = encoded.hidden_states, encoded.attentions
        output = TokenClassifierOutput(loss=loss, logits=logits, hidden_states=hidden, attentions=attentions)
        return self.in_form(output, return_dict)


class ChineseBERTForQuestionAnswering(ChineseBERTForTask):
    """Where the answer begins and where it ends."""

    def __init__(self, config: ChineseBERTConfig) -> None:
        super().__init__(config, 2)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pinyin_ids: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        start_positions: torch.Tensor | None = None,
        end_positions: torch.Tensor | None = None,
        return_dict: bool | None = None,
        **further: Any,
    ) -> Any:
        """Two logits a token, each [rows, window]; positions [rows] outside the window do not count."""
        encoded = self.encode(input_ids, attention_mask, pinyin_ids, token_type_ids, further)
        starts, ends = self.classifier(self.dropout(encoded.last_hidden_state)).unbind(2)
        loss = None
        if start_positions is not None and end_positions is not None:
            window = starts.shape[1]
            losses = [
                functional.cross_entropy(logits, places.flatten().clamp(0, window), ignore_index=window)
                for logits, places in ((starts, start_positions), (ends, end_positions))
            ]
            loss = (losses[0] + losses[1]) / 2
        hidden, attentions = encoded.hidden_states, encoded.attentions
        output = QuestionAnsweringModelOutput(
            loss=loss, start_logits=starts, end_logits=ends, hidden_states=hidden, attentions=attentions
        )
        return self.in_form(output, return_dict)
