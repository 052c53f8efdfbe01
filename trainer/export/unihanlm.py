"""UnihanLM as ``transformers`` reads it: it is XLM and becomes ``XLMWithLMHeadModel``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.typed_mapping import from_mapping
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.export.character_model import write_character_tokenizer, write_model
from hanmill.trainer.export.model_card import Card, write_card
from hanmill.trainer.export.renaming import Weights, moved, third_of_attention
from hanmill.trainer.export.text_settings import text_settings
from hanmill.trainer.models.encoder import NORM_EPSILON
from hanmill.trainer.models.unihanlm import SPECIAL_TOKENS, SPECIALS, UnihanLMConfig
from hanmill.trainer.runs.checkpoint import newest_checkpoint, run_folder

_SUMMARY = "XLM's masked language model over characters, trained first on clusters of variants (Xu et al. 2020)."
_USAGE = """import torch
from transformers import AutoTokenizer, XLMWithLMHeadModel

tokenizer = AutoTokenizer.from_pretrained(FOLDER)
model = XLMWithLMHeadModel.from_pretrained(FOLDER)
inputs = tokenizer("今天天气很<special1>。", return_tensors="pt")
"""
_CALL = "logits = model(**inputs).logits"
_CALL_WITH_LANGUAGES = """langs = torch.full_like(inputs["input_ids"], model.config.lang2id["LANG"])
logits = model(**inputs, langs=langs).logits"""
_NOTES = "`<special1>` is the mask."
_NOTES_ON_LANGUAGES = """ `langs` gives each token's language: training added its embedding everywhere, and without it
XLM adds none."""
_CLUSTERS = """This checkpoint is of the stage of clusters: it was trained to predict the first character of each
cluster of variants, never the others. The rows of the others, which training did not reach, are copies of their
cluster's."""


def export_unihanlm(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run, or the one named: safetensors, config, tokeniser and card.

    One of the stage of clusters has learnt a row for the first character of each cluster: the others take theirs from
    it, as the stage of characters would begin. Raises CheckpointError.
    """
    path, checkpoint = newest_checkpoint(run)
    vocabulary = CharacterVocabulary.load(run_folder(run))
    config = from_mapping(UnihanLMConfig, checkpoint.config)
    clusters = config.stages[checkpoint.progress.stage].name == "cluster"
    trained = rows_of_clusters(checkpoint.weights, vocabulary) if clusters else checkpoint.weights
    settings, weights = xlm_layout(config, trained, path)
    output.mkdir(parents=True, exist_ok=True)
    # XLM closes both ends of an input with </s>.
    positions = config.encoder.positions
    # No token types: XLM would add the embedding of token 0 for each type 0.
    write_character_tokenizer(vocabulary, SPECIALS, SPECIAL_TOKENS, SPECIALS.end, positions, 0, output)
    write_model(output, settings | {"unseen_token_ids": list(vocabulary.unseen)} | text_settings(vocabulary), weights)
    languages = config.data.languages
    many = len(languages) > 1
    usage = _USAGE + (_CALL_WITH_LANGUAGES.replace("LANG", languages[0]) if many else _CALL)
    card = Card("UnihanLM", _SUMMARY, "fill-mask", languages, usage, _NOTES + (_NOTES_ON_LANGUAGES if many else ""))
    remark = _CLUSTERS if clusters else ""
    write_card(output, card, run_folder(run), path, checkpoint, vocabulary, SPECIALS.count, remark)


def rows_of_clusters(weights: Weights, vocabulary: CharacterVocabulary) -> Weights:
    """Each token's row and output bias are those of its cluster's first character."""
    source = torch.tensor(vocabulary.representative)
    return weights | {name: weights[name][source] for name in ("characters.weight", "output_bias")}


def xlm_layout(config: UnihanLMConfig, weights: Weights, path: Path) -> tuple[dict[str, Any], Weights]:
    """``config.json`` and the weights by XLM's names. Raises CheckpointError where XLM has no such shape."""
    shape = config.encoder
    if shape.feed_forward != 4 * shape.hidden:
        raise CheckpointError(
            f"{path}: feed_forward of the model: {shape.feed_forward}; XLM's is four times hidden: {4 * shape.hidden}"
        )
    languages = config.data.languages
    settings = {
        "architectures": ["XLMWithLMHeadModel"],
        "model_type": "xlm",
        "vocab_size": len(weights["characters.weight"]),
        "emb_dim": shape.hidden,
        "n_layers": shape.layers,
        "n_heads": shape.heads,
        "dropout": shape.dropout,
        "attention_dropout": shape.attention_dropout,
        "gelu_activation": True,
        "sinusoidal_embeddings": False,
        "causal": False,
        "asm": False,
        "n_langs": len(languages),
        "use_lang_emb": len(languages) > 1,
        "lang2id": {name: number for number, name in enumerate(languages)},
        "id2lang": {str(number): name for number, name in enumerate(languages)},
        "max_position_embeddings": shape.positions,
        "layer_norm_eps": NORM_EPSILON,
        "is_encoder": True,
        "bos_index": SPECIALS.begin,
        "eos_index": SPECIALS.end,
        "pad_index": SPECIALS.padding,
        "unk_index": SPECIALS.unknown,
        "mask_index": SPECIALS.mask,
        "pad_token_id": SPECIALS.padding,
        "bos_token_id": SPECIALS.begin,
        "mask_token_id": SPECIALS.mask,
        "dtype": "float32",
    }
    renamed = {
        "transformer.embeddings.weight": weights["characters.weight"],
        "transformer.position_embeddings.weight": weights["positions.weight"],
        "pred_layer.proj.weight": weights["characters.weight"],
        "pred_layer.proj.bias": weights["output_bias"],
    } | moved(weights, "embedding_norm", "transformer.layer_norm_emb")
    if len(languages) > 1:
        renamed["transformer.lang_embeddings.weight"] = weights["languages.weight"]
    else:
        # XLM has no language embedding for one language; the position it is added to takes it.
        renamed["transformer.position_embeddings.weight"] = weights["positions.weight"] + weights["languages.weight"]
    for layer in range(shape.layers):
        ours = f"encoder.layers.{layer}"
        for part in ("q_lin", "k_lin", "v_lin"):
            renamed |= third_of_attention(
                weights, ours, ("q_lin", "k_lin", "v_lin").index(part), f"transformer.attentions.{layer}.{part}"
            )
        renamed |= moved(weights, f"{ours}.attention.output", f"transformer.attentions.{layer}.out_lin")
        renamed |= moved(weights, f"{ours}.attention_norm", f"transformer.layer_norm1.{layer}")
        renamed |= moved(weights, f"{ours}.up", f"transformer.ffns.{layer}.lin1")
        renamed |= moved(weights, f"{ours}.down", f"transformer.ffns.{layer}.lin2")
        renamed |= moved(weights, f"{ours}.feed_forward_norm", f"transformer.layer_norm2.{layer}")
    return settings, renamed
