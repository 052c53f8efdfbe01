"""Pretraining that begins with other weights: rows of the vocabulary go by what they stand for, all else by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import torch

from hanmill.trainer.data.specials import Specials
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.finetuning.backbone import Backbone
from hanmill.trainer.models.chinesebert import ChineseBERT
from hanmill.trainer.models.unihanlm import UnihanLM

#: Tensors with a row a token.
_ROWS = ("characters.weight", "output_bias")
#: Tables of the corpus, which other weights say nothing of.
_TABLES = ("glyphs.bitmaps.weight", "pinyin.spelling")


@dataclass(frozen=True, slots=True)
class WarmStart:
    """What was taken over: ``copied`` tensors; ``mapped`` of ``tokens`` rows of the vocabulary; ``drawn`` are tensors
    that stay as they were drawn, ``unmapped`` the first tokens without a row.
    """

    copied: int
    drawn: tuple[str, ...]
    tokens: int
    mapped: int
    unmapped: tuple[str, ...]


@torch.no_grad()
def warm_start(
    model: ChineseBERT | UnihanLM, tokens: Sequence[str], special: Specials, languages: Sequence[str], source: Backbone,
    place: Path,
) -> WarmStart:  # fmt: skip
    """Gives a new model, whose vocabulary is ``tokens`` with ``special`` ones, the weights of another.

    A token takes the row of the same characters; the second text's type, positions and languages go by number or name.
    A BERT becomes a ChineseBERT whose fusion passes the character on. Raises CheckpointError naming a tensor with the
    shapes found and expected.
    """
    own = model.state_dict()
    rows = _rows(tokens, special, source)
    mapped = [row for row in rows if row is not None]
    ours = torch.tensor([number for number, row in enumerate(rows) if row is not None])
    theirs = torch.tensor(mapped)
    copied = 0
    drawn = []
    for name, tensor in own.items():
        if name in _TABLES:
            continue
        found = source.weights.get(name)
        if found is None:
            if not (name.startswith("fusion.") and _pass_characters_on(model, name)):
                drawn.append(name)
            continue
        if not torch.isfinite(found).all():
            raise CheckpointError(f"{place}: tensor {name}: found numbers that are not finite, expected weights")
        if name in _ROWS:
            _fit(place, name, found[:1], tensor[:1])
            tensor[ours] = found[theirs]
        elif name == "languages.weight":
            _copy_languages(tensor, found, languages, source, place)
        elif name in ("positions.weight", "token_types.weight"):
            _fit(place, name, found[:1], tensor[:1])
            shared = min(len(found), len(tensor))
            tensor[:shared] = found[:shared]
        else:
            _fit(place, name, found, tensor)
            # Both divide by their scale what the projection is given.
            scale = (
                model.glyphs.scale / source.settings.glyph_scale
                if name == "glyphs.projection.weight" and isinstance(model, ChineseBERT)
                else 1.0
            )
            tensor.copy_(found * scale)
        copied += 1
    model.load_state_dict(own)
    unmapped = tuple(token for token, row in zip(tokens, rows, strict=True) if row is None)
    return WarmStart(copied, tuple(drawn), len(tokens), len(mapped), unmapped[:20])


def _rows(tokens: Sequence[str], special: Specials, source: Backbone) -> list[int | None]:
    theirs = {token: number for number, token in reversed(list(enumerate(source.settings.tokens))) if token}
    roles = {
        getattr(special, role.name): getattr(source.settings.special, role.name)
        for role in fields(Specials)
        if role.name != "count"
    }
    lower = source.settings.normalize.lowercase
    rows: list[int | None] = []
    for number, token in enumerate(tokens):
        if number < special.count:
            rows.append(roles.get(number, theirs.get(token)))
        else:
            rows.append(theirs.get(token, theirs.get(token.lower()) if lower else None))
    return rows


def _pass_characters_on(model: ChineseBERT | UnihanLM, name: str) -> bool:
    """Readings and pictures begin with the small weights that were drawn, the character comes through as it is."""
    if not isinstance(model, ChineseBERT):
        return False
    if name == "fusion.weight":
        model.fusion.weight.chunk(3, 1)[0].copy_(torch.eye(len(model.fusion.weight)))
    else:
        model.fusion.bias.zero_()
    return True


def _copy_languages(
    tensor: torch.Tensor, found: torch.Tensor, languages: Sequence[str], source: Backbone, place: Path
) -> None:
    _fit(place, "languages.weight", found[:1], tensor[:1])
    names = [name.split("-")[0].lower() for name in source.settings.languages]
    for number, language in enumerate(languages):
        if language in names:
            tensor[number] = found[names.index(language)]


def _fit(place: Path, name: str, found: torch.Tensor, expected: torch.Tensor) -> None:
    if found.shape != expected.shape:
        raise CheckpointError(
            f"{place}: tensor {name}: shape found: {list(found.shape)}, expected {list(expected.shape)} by the "
            "configuration; --config with the same encoder begins with these weights"
        )
