"""Published weights of encoders, in a local folder: BERT, ChineseBERT as its authors published it or as we export it,
XLM and with it UnihanLM.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hanmill.schemas.corpus import GLYPH_BYTES, SYLLABLE_LENGTH
from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe
from hanmill.schemas.typed_mapping import SettingError, from_mapping
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.export.text_settings import TEXT
from hanmill.trainer.finetuning.backbone import Backbone, BackboneSettings
from hanmill.trainer.models.chinesebert import PINYIN_SYMBOLS
from hanmill.trainer.models.encoder import NORM_EPSILON, EncoderConfig
from hanmill.trainer.public_weights.folder import CONFIG, read_json, read_tensors
from hanmill.trainer.public_weights.layouts import BERT, CHINESEBERT, XLM, Weights, convert
from hanmill.trainer.public_weights.vocabulary import BERT_SPECIALS, XLM_SPECIALS, find_specials, read_tokens

#: What BERT's basic tokeniser does beside cutting: canonical composition is ours, lower case its own.
_BERT_TEXT = NormalizeRecipe(form="NFC", lowercase=True)
#: XLM's tokeniser folds compatibility forms and case.
_XLM_TEXT = NormalizeRecipe(form="NFKC", lowercase=True)


def load_public(folder: Path) -> Backbone:
    """Reads a folder. Raises CheckpointError naming what is missing, or a tensor with the shapes found and expected."""
    settings = read_json(folder / CONFIG)
    tensors = read_tensors(folder)
    names = set(tensors)
    if any("map_fc." in name or "embedding.fusion." in name for name in names):
        backbone = _chinesebert(folder, settings, tensors)
    elif settings.get("model_type") == "xlm" or "emb_dim" in settings:
        backbone = _xlm(folder, settings, tensors)
    elif any("embeddings.word_embeddings." in name for name in names):
        backbone = _bert(folder, settings, tensors)
    else:
        found = ", ".join(sorted(names)[:3])
        raise CheckpointError(
            f"{folder}: model_type {settings.get('model_type')!r}, tensors {found}, …; expected BERT, ChineseBERT "
            "or XLM"
        )
    _check_shapes(backbone, folder)
    return backbone


def _check_shapes(backbone: Backbone, folder: Path) -> None:
    with torch.device("meta"):
        expected = backbone.settings.build().state_dict()
    for name, tensor in backbone.weights.items():
        if expected[name].shape != tensor.shape:
            raise CheckpointError(
                f"{folder}: tensor for {name}: shape found: {list(tensor.shape)}, expected "
                f"{list(expected[name].shape)} by {CONFIG}"
            )


def _bert(folder: Path, settings: Mapping[str, Any], tensors: Weights) -> Backbone:
    shape = _bert_shape(folder, settings)
    weights = convert(tensors, BERT, shape.layers, folder)
    text, word_pieces = _bert_text(folder, settings, weights)
    own = BackboneSettings(
        "bert", shape, word_pieces=word_pieces, token_types=len(weights["token_types.weight"]), **text
    )
    return Backbone(own, weights, _remarks(own, weights))


def _chinesebert(folder: Path, settings: Mapping[str, Any], tensors: Weights) -> Backbone:
    shape = _bert_shape(folder, settings)
    weights = convert(tensors, CHINESEBERT, shape.layers, folder)
    text, word_pieces = _bert_text(folder, settings, weights)
    rows = len(weights["characters.weight"])
    if "glyphs.bitmaps.weight" not in weights:
        weights["glyphs.bitmaps.weight"] = _fonts(folder, rows)
    weights["glyphs.bitmaps.weight"] = weights["glyphs.bitmaps.weight"].float()
    weights["pinyin.symbols.weight"] = _own_symbols(folder, weights["pinyin.symbols.weight"])
    default = tensors.get("embedding.default_pinyin")
    pinyin = [[0] * SYLLABLE_LENGTH] * rows if default is None else default.tolist()
    own = BackboneSettings(
        "chinesebert", shape, word_pieces=word_pieces, token_types=len(weights["token_types.weight"]),
        pinyin=tuple(map(tuple, pinyin)), pinyin_embedding=weights["pinyin.symbols.weight"].shape[1],
        # The authors feed bytes as they are.
        glyph_scale=float(settings.get("glyph_scale", 1.0)),
        glyph_trainable=bool(settings.get("glyph_trainable", False)), **text,
    )  # fmt: skip
    return Backbone(own, weights, _remarks(own, weights))


def _xlm(folder: Path, settings: Mapping[str, Any], tensors: Weights) -> Backbone:
    try:
        hidden = int(settings["emb_dim"])
        shape = EncoderConfig(
            layers=int(settings["n_layers"]), hidden=hidden, heads=int(settings["n_heads"]), feed_forward=4 * hidden,
            positions=int(settings.get("max_position_embeddings", 512)), dropout=float(settings.get("dropout", 0.1)),
            attention_dropout=float(settings.get("attention_dropout", 0.1)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / CONFIG}: found no shape of an XLM ({error})") from error
    _expect(folder, "gelu_activation", settings.get("gelu_activation", True), True)
    _expect(folder, "sinusoidal_embeddings", settings.get("sinusoidal_embeddings", False), False)
    _expect(folder, "layer_norm_eps", settings.get("layer_norm_eps", NORM_EPSILON), NORM_EPSILON)
    weights = convert(tensors, XLM, shape.layers, folder)
    identifiers = settings.get("lang2id") or {}
    languages = tuple(sorted(identifiers, key=lambda name: int(identifiers[name])))
    if "languages.weight" not in weights:
        languages = languages[:1] or ("zh",)
        weights["languages.weight"] = torch.zeros(1, hidden)
    tokens = read_tokens(folder, len(weights["characters.weight"]))
    names = XLM_SPECIALS
    if "mask_index" in settings and 0 <= int(settings["mask_index"]) < len(tokens):
        names = names | {"mask": tokens[int(settings["mask_index"])]}
    special = find_specials(folder, tokens, names)
    text = _own_text(folder, settings, _XLM_TEXT)
    own = BackboneSettings("unihanlm", shape, tokens, special, languages=languages, **text)
    return Backbone(own, weights, _remarks(own, weights))


def _bert_shape(folder: Path, settings: Mapping[str, Any]) -> EncoderConfig:
    _expect(folder, "hidden_act", settings.get("hidden_act", "gelu"), "gelu")
    _expect(folder, "position_embedding_type", settings.get("position_embedding_type", "absolute"), "absolute")
    _expect(folder, "layer_norm_eps", float(settings.get("layer_norm_eps", NORM_EPSILON)), NORM_EPSILON)
    try:
        return EncoderConfig(
            layers=int(settings["num_hidden_layers"]), hidden=int(settings["hidden_size"]),
            heads=int(settings["num_attention_heads"]), feed_forward=int(settings["intermediate_size"]),
            positions=int(settings.get("max_position_embeddings", 512)),
            dropout=float(settings.get("hidden_dropout_prob", 0.1)),
            attention_dropout=float(settings.get("attention_probs_dropout_prob", 0.1)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / CONFIG}: found no shape of a BERT ({error})") from error


def _bert_text(folder: Path, settings: Mapping[str, Any], weights: Weights) -> tuple[dict[str, Any], bool]:
    tokens = read_tokens(folder, len(weights["characters.weight"]))
    special = find_specials(folder, tokens, BERT_SPECIALS)
    tokenizer = folder / "tokenizer_config.json"
    cased = tokenizer.is_file() and read_json(tokenizer).get("do_lower_case", True) is False
    text = _own_text(folder, settings, replace(_BERT_TEXT, lowercase=not cased))
    pieces = any(token.startswith("##") and len(token) > 2 for token in tokens)
    return {"tokens": tokens, "special": special, "languages": ("zh",), **text}, pieces


def _own_text(folder: Path, settings: Mapping[str, Any], otherwise: NormalizeRecipe) -> dict[str, Any]:
    """How text was made, from an export of ours; else as the authors' tokenisers do, pinyin as pypinyin gives it."""
    value = settings.get(TEXT)
    if value is None:
        return {"normalize": otherwise}
    try:
        return {
            "normalize": from_mapping(NormalizeRecipe, value.get("normalize", {})),
            "segment": from_mapping(SegmentRecipe, value.get("segment", {})),
            "readings": from_mapping(ReadingsRecipe, value.get("readings", {})),
        }
    except (SettingError, AttributeError) as error:
        raise CheckpointError(f"{folder / CONFIG}: {TEXT}: {error}") from error


def _own_symbols(folder: Path, theirs: torch.Tensor) -> torch.Tensor:
    """Rows of the authors' pinyin symbols in our order (padding, tones 1-5, a-z), by their map where it is there."""
    if theirs.shape[0] != PINYIN_SYMBOLS:
        raise CheckpointError(f"{folder}: pinyin symbols found: {theirs.shape[0]}, expected {PINYIN_SYMBOLS}")
    path = next(
        (path for path in (folder / "config" / "pinyin_map.json", folder / "pinyin_map.json") if path.is_file()), None
    )
    if path is None:
        return theirs
    numbers = read_json(path).get("char2idx", {})
    letters = ["1", "2", "3", "4", "5", *map(chr, range(ord("a"), ord("z") + 1))]
    if missing := [letter for letter in letters if not isinstance(numbers.get(letter), int)]:
        raise CheckpointError(f"{path}: char2idx lacks {', '.join(missing)}")
    order = [0, *(numbers[letter] for letter in letters)]
    if max(order) >= len(theirs):
        raise CheckpointError(f"{path}: char2idx up to {max(order)}; pinyin symbols of the model: {len(theirs)}")
    return theirs[order]


def _fonts(folder: Path, rows: int) -> torch.Tensor:
    """Bitmaps from the authors' three ``.npy`` files, by name: their order is nowhere said."""
    paths = sorted([*folder.glob("config/*.npy"), *folder.glob("*.npy")])
    if len(paths) != 3:
        raise CheckpointError(
            f"{folder}: glyph tables (.npy) found: {len(paths)}, expected 3, or bitmaps in the weights"
        )
    try:
        fonts = [np.load(path, allow_pickle=False) for path in paths]
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder}: glyph tables cannot be read ({error})") from error
    side = int((GLYPH_BYTES // 3) ** 0.5)
    if wrong := [
        f"{path.name} {font.shape}" for path, font in zip(paths, fonts, strict=True) if font.shape != (rows, side, side)
    ]:
        raise CheckpointError(f"{folder}: shape found: {', '.join(wrong)}, expected {(rows, side, side)}")
    return torch.from_numpy(np.stack(fonts, axis=1).reshape(rows, -1).astype(np.float32))


def _expect(folder: Path, key: str, found: object, expected: object) -> None:
    if found != expected:
        raise CheckpointError(f"{folder / CONFIG}: {key}: found {json.dumps(found)}, expected {json.dumps(expected)}")


def _remarks(own: BackboneSettings, weights: Weights) -> tuple[str, ...]:
    """What of the module the folder has no weights for."""
    with torch.device("meta"):
        names = own.build().state_dict()
    modules = sorted({name.rpartition(".")[0] or name for name in names if name not in weights} - {"pinyin"})
    return tuple(f"{module}: not in the folder, drawn anew" for module in modules)
