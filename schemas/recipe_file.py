"""Recipes as YAML: the built-in ones, a user's file, and ``extends``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_paths import paths_from
from hanmill.schemas.rule_changes import changed_rules
from hanmill.schemas.typed_mapping import SettingError, from_mapping, overlay, to_mapping
from hanmill.schemas.yaml_mapping import YAMLMappingError, read_yaml_mapping

BUILT_IN = ("unihanlm", "chinesebert", "mlma", "mom", "demo", "web")


class RecipeError(HanmillError, ValueError):
    """A recipe that cannot be found, read or understood."""


def load_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe of a built-in name or of a YAML file, with ``changes`` such as ``clean.languages=[zh]`` on top.

    Raises RecipeError naming the file and the key.
    """
    try:
        value = _resolve(name, ())
        for change in changes:
            value = _extended(value, paths_from(Path(), Recipe, parse_change(change)))
        return from_mapping(Recipe, value)
    except SettingError as error:
        raise RecipeError(f"recipe {name}: {error}") from error


def parse_change(text: str) -> dict[str, Any]:
    """``a.b=value``, the value in YAML, as a mapping of sections. Raises RecipeError.

    >>> parse_change("clean.languages=[zh, ja]")
    {'clean': {'languages': ['zh', 'ja']}}
    >>> parse_change("clean.rules.characters@1.min=200")
    {'clean': {'rules': {'characters@1': {'min': 200}}}}
    """
    key, separator, written = text.partition("=")
    if not separator or not all(part.strip() for part in key.split(".")):
        raise RecipeError(f"{text!r}: expected KEY=VALUE, such as clean.languages=[zh]")
    try:
        value: Any = read_yaml_mapping(f"value: {written}")["value"]
    except YAMLMappingError as error:
        raise RecipeError(f"{text!r}: {error}") from error
    for part in reversed(key.split(".")):
        value = {part.strip(): value}
    found: dict[str, Any] = value
    return found


def dump_recipe(recipe: Recipe) -> str:
    """The whole recipe as YAML, every default written out."""
    text: str = yaml.safe_dump(to_mapping(recipe), allow_unicode=True, sort_keys=False)
    return text


def _resolve(name: str, above: tuple[str, ...]) -> dict[str, Any]:
    if name in above:
        raise RecipeError(f"recipe {name}: extends itself by way of {' > '.join(above)}")
    value = _read(name, above)
    parent = value.pop("extends", None)
    if name not in BUILT_IN:
        value = paths_from(Path(name).parent, Recipe, value)
    if parent is None:
        return _extended({}, value)
    if not isinstance(parent, str):
        raise SettingError("extends", parent, "the name of a recipe")
    if parent not in BUILT_IN and name not in BUILT_IN:
        parent = str(Path(name).parent / parent)
    below = _resolve(parent, (*above, name))
    if value.get("name", below.get("name")) == below.get("name"):
        raise RecipeError(f"recipe {name}: name: found {below.get('name')!r} of {parent}, expected a name of its own")
    return _extended(below, value)


def _extended(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``above`` laid over ``below``; rules are changed by name."""
    merged = overlay(below, above)
    clean = above.get("clean")
    if isinstance(clean, Mapping) and "rules" in clean:
        old = below.get("clean", {}).get("rules", [])
        merged["clean"] = {**merged["clean"], "rules": changed_rules(old, clean["rules"])}
    return merged


def _read(name: str, above: tuple[str, ...]) -> dict[str, Any]:
    if name in BUILT_IN:
        text = resources.files(__package__).joinpath("recipes", f"{name}.yaml").read_text(encoding="utf-8")
    else:
        path = Path(name)
        wanted = f"extended by {above[-1]}: " if above else ""
        if not path.is_file():
            raise RecipeError(f"recipe {name}: {wanted}found no such file; built in: {', '.join(BUILT_IN)}")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"recipe {name}: {wanted}cannot be read as UTF-8 text: {error}") from error
    try:
        return read_yaml_mapping(text)
    except YAMLMappingError as error:
        raise RecipeError(f"recipe {name}: {error}") from error


def summary(name: str) -> str:
    """What a built-in recipe says of itself: the comment it begins with, to its first full stop or colon."""
    text = resources.files(__package__).joinpath("recipes", f"{name}.yaml").read_text(encoding="utf-8")
    comment = " ".join(
        line.lstrip("# ") for line in itertools.takewhile(lambda line: line[:1] == "#", text.split("\n"))
    )
    return comment.partition(". ")[0].rstrip(".")
