"""A recipe in full, each part under what it means: the docstring of the dataclass that holds it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import yaml

from hanmill.schemas.recipe import Recipe
from hanmill.schemas.typed_mapping import to_mapping

_WIDTH = 110


def explained_recipe(recipe: Recipe) -> str:
    """YAML that reads as ``dump_recipe``'s does, with comments."""
    return "\n".join(_lines(recipe, "")) + "\n"


def meaning(kind: type[Any]) -> str:
    """The docstring of a part's dataclass in one line, without marks of code."""
    return " ".join((inspect.getdoc(kind) or "").split()).replace("``", "")


def _lines(part: Any, indent: str) -> Iterator[str]:
    yield from (f"{indent}# {line}" for line in textwrap.wrap(meaning(type(part)), _WIDTH - len(indent)))
    for field in fields(part):
        value = getattr(part, field.name)
        if is_dataclass(value):
            if indent == "":
                yield ""
            yield f"{indent}{field.name}:"
            yield from _lines(value, f"{indent}  ")
        else:
            written = yaml.safe_dump({field.name: to_mapping(value)}, allow_unicode=True, sort_keys=False)
            yield from (indent + line for line in written.rstrip("\n").split("\n"))
