"""A run as a folder that ``transformers`` reads: safetensors, config and tokeniser.

UnihanLM is XLM and becomes ``XLMWithLMHeadModel``. ChineseBERT has no class there; its model code travels with the
weights (``trust_remote_code=True``).
"""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from schemas.corpus import GLYPH_BYTES
from schemas.typed_mapping import from_mapping
from trainer.checkpoint import Checkpoints
from trainer.config import ChineseBERTConfig, EncoderConfig, UnihanLMConfig
from trainer.errors import CheckpointError
from trainer.export.json_file import write_json
from trainer.export.tokenizer_files import write_tokenizer
from trainer.models import chinesebert, unihanlm
from trainer.models.chinesebert import PINYIN_SYMBOLS, TOKEN_TYPES
from trainer.models.encoder import NORM_EPSILON
from trainer.vocabulary import Vocabulary

Weights = dict[str, torch.Tensor]


def export_run(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run to ``output``. Raises CheckpointError."""
    found = Checkpoints(run / "checkpoints", 1).newest()
    if found is None:
        raise CheckpointError(f"{run}: found no checkpoint, expected a run of `hanmill train`")
    vocabulary = Vocabulary.load(run)
    checkpoint = found[1]
    if checkpoint.model == "unihanlm":
        settings, weights = _xlm(from_mapping(UnihanLMConfig, checkpoint.config), checkpoint.weights, found[0])
    else:
        config = from_mapping(ChineseBERTConfig, checkpoint.config)
        settings, weights = _chinesebert(config, checkpoint.weights, vocabulary)
    output.mkdir(parents=True, exist_ok=True)
    if checkpoint.model == "chinesebert":
        code = resources.files("trainer").joinpath("export", "modeling_chinesebert.py")
        with resources.as_file(code) as path:
            shutil.copyfile(path, output / path.name)
    _write_character_tokenizer(checkpoint.model, vocabulary, settings["max_position_embeddings"], output)
    write_json(output / "config.json", settings)
    save_file(
        {name: weight.contiguous().clone() for name, weight in weights.items()},
        output / "model.safetensors",
        metadata={"format": "pt"},
    )


def _xlm(config: UnihanLMConfig, weights: Weights, path: Path) -> tuple[dict[str, Any], Weights]:
    shape = config.encoder
    if shape.feed_forward != 4 * shape.hidden:
        raise CheckpointError(
            f"{path}: feed_forward of the model: {shape.feed_forward}; XLM's is four times hidden: {4 * shape.hidden}"
        )
    languages = config.data.languages
    special = unihanlm.SPECIALS
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
        "bos_index": special.begin,
        "eos_index": special.end,
        "pad_index": special.padding,
        "unk_index": special.unknown,
        "mask_index": special.mask,
        "pad_token_id": special.padding,
        "bos_token_id": special.begin,
        "mask_token_id": special.mask,
        "dtype": "float32",
    }
    renamed = {
        "transformer.embeddings.weight": weights["characters.weight"],
        "transformer.position_embeddings.weight": weights["positions.weight"],
        "pred_layer.proj.weight": weights["characters.weight"],
        "pred_layer.proj.bias": weights["output_bias"],
    } | _moved(weights, "embedding_norm", "transformer.layer_norm_emb")
    if len(languages) > 1:
        renamed["transformer.lang_embeddings.weight"] = weights["languages.weight"]
    else:
        # XLM has no language embedding for one language; the position it is added to takes it.
        renamed["transformer.position_embeddings.weight"] = weights["positions.weight"] + weights["languages.weight"]
    for layer in range(shape.layers):
        ours = f"encoder.layers.{layer}"
        for part in ("q_lin", "k_lin", "v_lin"):
            renamed |= _third(
                weights, ours, ("q_lin", "k_lin", "v_lin").index(part), f"transformer.attentions.{layer}.{part}"
            )
        renamed |= _moved(weights, f"{ours}.attention.output", f"transformer.attentions.{layer}.out_lin")
        renamed |= _moved(weights, f"{ours}.attention_norm", f"transformer.layer_norm1.{layer}")
        renamed |= _moved(weights, f"{ours}.up", f"transformer.ffns.{layer}.lin1")
        renamed |= _moved(weights, f"{ours}.down", f"transformer.ffns.{layer}.lin2")
        renamed |= _moved(weights, f"{ours}.feed_forward_norm", f"transformer.layer_norm2.{layer}")
    return settings, renamed


def _chinesebert(config: ChineseBERTConfig, weights: Weights, vocabulary: Vocabulary) -> tuple[dict[str, Any], Weights]:
    shape: EncoderConfig = config.encoder
    module = "modeling_chinesebert"
    settings = {
        "architectures": ["ChineseBERTForMaskedLM"],
        "model_type": "chinesebert",
        "auto_map": {
            "AutoConfig": f"{module}.ChineseBERTConfig",
            "AutoModel": f"{module}.ChineseBERTModel",
            "AutoModelForMaskedLM": f"{module}.ChineseBERTForMaskedLM",
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
        "pad_token_id": chinesebert.SPECIALS.padding,
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
        "embedding.default_pinyin": torch.tensor(vocabulary.pinyin, dtype=torch.uint8),
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
        renamed |= _moved(weights, ours, theirs)
    for layer in range(shape.layers):
        ours, theirs = f"encoder.layers.{layer}", f"bert.encoder.layer.{layer}"
        for third, part in enumerate(("query", "key", "value")):
            renamed |= _third(weights, ours, third, f"{theirs}.attention.self.{part}")
        renamed |= _moved(weights, f"{ours}.attention.output", f"{theirs}.attention.output.dense")
        renamed |= _moved(weights, f"{ours}.attention_norm", f"{theirs}.attention.output.LayerNorm")
        renamed |= _moved(weights, f"{ours}.up", f"{theirs}.intermediate.dense")
        renamed |= _moved(weights, f"{ours}.down", f"{theirs}.output.dense")
        renamed |= _moved(weights, f"{ours}.feed_forward_norm", f"{theirs}.output.LayerNorm")
    return settings, renamed


def _moved(weights: Weights, ours: str, theirs: str) -> Weights:
    return {f"{theirs}.{kind}": weights[f"{ours}.{kind}"] for kind in ("weight", "bias")}


def _third(weights: Weights, layer: str, third: int, theirs: str) -> Weights:
    """Queries, keys or values of the joint matrix."""
    return {
        f"{theirs}.{kind}": weights[f"{layer}.attention.inputs.{kind}"].chunk(3)[third] for kind in ("weight", "bias")
    }


def _write_character_tokenizer(model: str, vocabulary: Vocabulary, positions: int, output: Path) -> None:
    """A tokeniser of single characters; white space is dropped, as in a corpus.

    Text must be normalised as the corpus's was.
    """
    special, names = (
        (unihanlm.SPECIALS, unihanlm.SPECIAL_TOKENS)
        if model == "unihanlm"
        else (chinesebert.SPECIALS, chinesebert.SPECIAL_TOKENS)
    )
    # XLM closes both ends of an input with </s>.
    first = special.end if model == "unihanlm" else special.begin
    begin, end = names[first], names[special.end]
    frame = [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    closing = {"SpecialToken": {"id": end, "type_id": 0}}
    pair = [{"Sequence": {"id": "B", "type_id": 0}}, closing]
    steps = {
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": r"\s"}, "behavior": "Removed", "invert": False},
                {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated", "invert": False},
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [*frame, closing],
            "pair": [*frame, closing, *pair],
            "special_tokens": {
                name: {"id": name, "ids": [number], "tokens": [name]}
                for number, name in ((first, begin), (special.end, end))
            },
        },
        "decoder": {"type": "Fuse"},
    }
    roles = {
        "pad_token": special.padding,
        "unk_token": special.unknown,
        "mask_token": special.mask,
        "cls_token": first,
        "sep_token": special.end,
    }
    write_tokenizer(output, vocabulary.tokens, names, steps, roles, {"model_max_length": positions})
