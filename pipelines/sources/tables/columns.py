"""Which columns hold what: a preset's names, and those that a recipe names otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hanmill.pipelines.text.tsv import read_tsv
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import TablesRecipe

PRESETS, LANGUAGE_CODES = "presets.tsv", "language_codes.tsv"
_FIELDS = ("text", "id", "url", "title", "lang", "licence", "timestamp")


class TableFileError(HanmillError, ValueError):
    """A table that cannot be read as the recipe says: another kind of file, or without a column that is named."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns, empty where there is none; ``required`` are those that a file must have.

    ``names`` are all that are read, the text's first, ``others`` those without the text's.
    """

    text: str
    id: str
    url: str
    title: str
    lang: str
    licence: str
    timestamp: str
    carry: tuple[str, ...]
    required: frozenset[str]
    names: tuple[str, ...]
    others: tuple[str, ...]


@cache
def columns_of(settings: TablesRecipe) -> Columns:
    """The columns of a recipe. What it names itself must be there; of a preset's names only the text."""
    preset = _presets()[settings.preset] if settings.preset else {}
    named = {field: getattr(settings, field) for field in _FIELDS}
    found = {field: named[field] or preset.get(field, "") for field in _FIELDS}
    found["text"] = found["text"] or "text"
    carry = settings.carry or tuple(preset.get("carry", "").split())
    required = frozenset({found["text"], *filter(None, named.values()), *settings.carry})
    names = tuple(dict.fromkeys(filter(None, (*(found[field] for field in _FIELDS), *carry))))
    others = tuple(name for name in names if name != found["text"])
    return Columns(**found, carry=carry, required=required, names=names, others=others)


def language(code: str) -> str:
    """A declared language as this program names it; empty where it is none.

    >>> [language(code) for code in ("jpn_Jpan", "zh-TW", "cmn", "und")]
    ['ja', 'zh', 'zh', '']
    """
    primary = code.strip().lower().replace("-", "_").partition("_")[0]
    if not (2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha()) or primary in ("und", "zxx", "mul"):
        return ""
    return _codes().get(primary, primary)


@cache
def _presets() -> Mapping[str, Mapping[str, str]]:
    rows = read_tsv(__package__, PRESETS, 9)
    return {name: dict(zip((*_FIELDS, "carry"), values, strict=True)) for name, *values in rows}


@cache
def _codes() -> Mapping[str, str]:
    return {row[0]: row[1] for row in read_tsv(__package__, LANGUAGE_CODES, 2)}
