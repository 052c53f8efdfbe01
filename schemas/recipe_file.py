"""Recipes as YAML: the built-in ones, a user's file, and ``extends``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.typed_mapping import SettingError, from_mapping, overlay, to_mapping
from hanmill.schemas.yaml_mapping import YAMLMappingError, read_yaml_mapping

BUILT_IN = ("unihanlm", "chinesebert", "mlma", "mom", "demo", "web")


class RecipeError(HanmillError, ValueError):
    """A recipe that cannot be found, read or understood."""


def load_recipe(name: str) -> Recipe:
    """The recipe of a built-in name or of a YAML file. Raises RecipeError naming the file and the key."""
    try:
        return from_mapping(Recipe, _resolve(name, ()))
    except SettingError as error:
        raise RecipeError(f"recipe {name}: {error}") from error


def dump_recipe(recipe: Recipe) -> str:
    """The whole recipe as YAML, every default written out."""
    text: str = yaml.safe_dump(to_mapping(recipe), allow_unicode=True, sort_keys=False)
    return text


def _resolve(name: str, above: tuple[str, ...]) -> dict[str, Any]:
    if name in above:
        raise RecipeError(f"recipe {name}: extends itself by way of {' > '.join(above)}")
    value = _read(name, above)
    parent = value.pop("extends", None)
    if parent is None:
        return value
    if not isinstance(parent, str):
        raise SettingError("extends", parent, "the name of a recipe")
    if parent not in BUILT_IN and name not in BUILT_IN:
        parent = str(Path(name).parent / parent)
    return overlay(_resolve(parent, (*above, name)), value)


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
