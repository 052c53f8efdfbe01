"""What the exports of models over characters share: settings, weights and a tokeniser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.export.json_file import write_json
from hanmill.trainer.export.normalizer import normalizer, white_space
from hanmill.trainer.export.renaming import Weights
from hanmill.trainer.export.tokenizer_files import write_tokenizer
from hanmill.trainer.runs.tensor_file import save_tensors


def write_model(output: Path, settings: Mapping[str, Any], weights: Weights) -> None:
    """``config.json`` and ``model.safetensors``."""
    write_json(output / "config.json", settings)
    save_tensors({name: weight.contiguous().clone() for name, weight in weights.items()}, output / "model.safetensors")


def write_character_tokenizer(
    vocabulary: CharacterVocabulary,
    special: Specials,
    names: tuple[str, ...],
    first: int,
    positions: int,
    types: int,
    output: Path,
) -> None:
    """A tokeniser of raw text into single characters: normalised as the corpus was, white space dropped.

    ``names`` are the special tokens by id, ``first`` is the one that opens an input of at most ``positions`` tokens.
    The second text of a pair has token type 1 where there are two ``types``; with none, types are not given at all.
    """
    begin, end = names[first], names[special.end]
    frame = [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    closing = {"SpecialToken": {"id": end, "type_id": 0}}
    second = 1 if types > 1 else 0
    pair = [{"Sequence": {"id": "B", "type_id": second}}, {"SpecialToken": {"id": end, "type_id": second}}]
    steps = {
        "normalizer": normalizer(vocabulary.normalize),
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": white_space()}, "behavior": "Removed", "invert": False},
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
    inputs = ["input_ids", *(["token_type_ids"] if types else []), "attention_mask"]
    settings = {"model_max_length": positions, "model_input_names": inputs}
    write_tokenizer(output, vocabulary.tokens, names, steps, roles, settings)
