"""The files of a tokeniser as ``transformers`` reads them: ``tokenizer.json`` and ``tokenizer_config.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hanmill.trainer.export.json_file import write_json


def write_tokenizer(
    folder: Path,
    tokens: Sequence[str],
    specials: Sequence[str],
    steps: Mapping[str, Any],
    roles: Mapping[str, int],
    settings: Mapping[str, Any],
) -> None:
    """A tokeniser that looks up ``tokens`` by their place, the first of which are ``specials``.

    ``steps`` are the parts of the tokeniser before and after the look-up (``normalizer``, ``pre_tokenizer``, …; none
    where not named), ``roles`` the ids of ``unk_token``, ``pad_token`` and others, ``settings`` what else
    ``tokenizer_config.json`` says.
    """
    added = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": name, **added} for number, name in enumerate(specials)],
        **dict.fromkeys(("normalizer", "pre_tokenizer", "post_processor", "decoder")),
        **steps,
        "model": {
            "type": "WordLevel",
            "vocab": {token: number for number, token in enumerate(tokens)},
            "unk_token": specials[roles["unk_token"]],
        },
    }
    names = {role: specials[number] for role, number in roles.items()}
    write_json(folder / "tokenizer.json", content)
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **settings, **names},
    )
