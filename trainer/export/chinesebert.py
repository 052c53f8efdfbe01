"""ChineseBERT as ``transformers`` reads it: its model code travels with the weights (``trust_remote_code=True``)."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.corpus import GLYPH_BYTES
from hanmill.schemas.typed_mapping import from_mapping
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.export.character_model import write_character_tokenizer, write_model
from hanmill.trainer.export.model_card import Card, write_card
from hanmill.trainer.export.renaming import Weights, bert_layers, moved
from hanmill.trainer.export.text_settings import text_settings
from hanmill.trainer.models.chinesebert import (
    PINYIN_SYMBOLS,
    SPECIAL_TOKENS,
    SPECIALS,
    TOKEN_TYPES,
    ChineseBERTConfig,
    without_left_out,
)
from hanmill.trainer.models.encoder import NORM_EPSILON
from hanmill.trainer.runs.checkpoint import newest_checkpoint, run_folder

MODULE = "modeling_chinesebert"
_TASKS = ("MaskedLM", "SequenceClassification", "TokenClassification", "QuestionAnswering")
_SUMMARY = "BERT whose input fuses each character with its picture in three fonts and its pinyin (Sun et al. 2021)."
_USAGE = """from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(FOLDER, trust_remote_code=True)
model = AutoModelForMaskedLM.from_pretrained(FOLDER, trust_remote_code=True)
logits = model(**tokenizer("今天天气很[MASK]。", return_tensors="pt")).logits"""
_NOTES = """`AutoModel`, `AutoModelForSequenceClassification`, `AutoModelForTokenClassification` and
`AutoModelForQuestionAnswering` load it too; their heads, and the pooler, are new. `pinyin_ids` [rows, length, 8] are
the reading of each token in context: 0 padding, 1 to 5 the tone, 6 to 31 the letters a to z (v for ü), letters first.
Without them each character takes the reading it has without context. Pretraining used token type 0 alone: type 1, the
second text of a pair, is new."""


def export_chinesebert(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run, or the one named: safetensors, config, model code, tokeniser and card.

    Raises CheckpointError.
    """
    path, checkpoint = newest_checkpoint(run)
    vocabulary = CharacterVocabulary.load(run_folder(run))
    config = from_mapping(ChineseBERTConfig, checkpoint.config)
    trained = without_left_out(checkpoint.weights, config.features)
    settings, weights = chinesebert_layout(config, trained, vocabulary.pinyin)
    output.mkdir(parents=True, exist_ok=True)
    with resources.as_file(resources.files(__package__).joinpath(f"{MODULE}.py")) as code:
        shutil.copyfile(code, output / code.name)
    positions = config.encoder.positions
    write_character_tokenizer(vocabulary, SPECIALS, SPECIAL_TOKENS, SPECIALS.begin, positions, TOKEN_TYPES, output)
    write_model(output, settings | {"unseen_token_ids": list(vocabulary.unseen)} | text_settings(vocabulary), weights)
    card = Card("ChineseBERT", _SUMMARY, "fill-mask", config.data.languages or ("zh",), _USAGE, _NOTES)
    write_card(output, card, run_folder(run), path, checkpoint, vocabulary, SPECIALS.count)


def chinesebert_layout(
    config: ChineseBERTConfig, weights: Weights, pinyin: Sequence[Sequence[int]]
) -> tuple[dict[str, Any], Weights]:
    """``config.json`` and the weights by the names of the model code; ``pinyin`` is each token's without context."""
    shape = config.encoder
    settings = {
        "architectures": ["ChineseBERTForMaskedLM"],
        "model_type": "chinesebert",
        "auto_map": {
            "AutoConfig": f"{MODULE}.ChineseBERTConfig",
            "AutoModel": f"{MODULE}.ChineseBERTModel",
            **{f"AutoModelFor{task}": f"{MODULE}.ChineseBERTFor{task}" for task in _TASKS},
        },
        "vocab_size": len(weights["characters.weight"]),
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "hidden_act": "gelu",
        "hidden_dropout_prob": shape.dropout,
        "attention_probs_dropout_prob": shape.attention_dropout,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": TOKEN_TYPES,
        "layer_norm_eps": NORM_EPSILON,
        "pad_token_id": SPECIALS.padding,
        "pinyin_embedding": config.pinyin_embedding,
        "pinyin_symbols": PINYIN_SYMBOLS,
        "glyph_size": GLYPH_BYTES,
        "glyph_scale": config.glyph_scale,
        "glyph_trainable": config.glyph_trainable,
        "dtype": "float32",
    }
    bitmaps = weights["glyphs.bitmaps.weight"]
    renamed = {
        "bert.embeddings.word_embeddings.weight": weights["characters.weight"],
        "bert.embeddings.position_embeddings.weight": weights["positions.weight"],
        "bert.embeddings.token_type_embeddings.weight": weights["token_types.weight"],
        "embedding.symbols.weight": weights["pinyin.symbols.weight"],
        "embedding.bitmaps": bitmaps if config.glyph_trainable else bitmaps.to(torch.uint8),
        "embedding.default_pinyin": torch.tensor(pinyin, dtype=torch.uint8),
        "output_bias": weights["output_bias"],
    }
    for ours, theirs in (
        ("embedding_norm", "bert.embeddings.LayerNorm"),
        ("pooler", "bert.pooler.dense"),
        ("pinyin.convolution", "embedding.convolution"),
        ("glyphs.projection", "embedding.projection"),
        ("fusion", "embedding.fusion"),
        ("head", "head"),
        ("head_norm", "head_norm"),
    ):
        renamed |= moved(weights, ours, theirs)
    renamed |= bert_layers(weights, shape.layers)
    return settings, renamed
