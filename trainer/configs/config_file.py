"""Training configurations as YAML: the built-in ones, and a user's file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from hanmill.schemas.typed_mapping import SettingError, from_mapping, overlay, to_mapping
from hanmill.schemas.yaml_mapping import YAMLMappingError, read_yaml_mapping
from hanmill.trainer.errors import ConfigError

if TYPE_CHECKING:
    from hanmill.trainer.model_spec import ModelSpec

C = TypeVar("C")


def load_config(spec: ModelSpec[C, Any], name: str) -> C:
    """The configuration of a built-in name or of a YAML file, which may say ``extends: tiny``.

    Raises ConfigError naming the file and the key.
    """
    try:
        return from_mapping(spec.config, _read(spec, name))
    except SettingError as error:
        # Where it is the whole that is wrong, the file is what was found.
        reason = str(error) if error.key else f"expected {error.expected}"
        raise ConfigError(f"config {name} for {spec.name}: {reason}") from error


def dump_config(config: object) -> str:
    """The whole configuration as YAML, every default written out."""
    text: str = yaml.safe_dump(to_mapping(config), allow_unicode=True, sort_keys=False)
    return text


def _read(spec: ModelSpec[Any, Any], name: str) -> dict[str, Any]:
    built_in = ", ".join(spec.built_in)
    if name in spec.built_in:
        text = resources.files(__package__).joinpath(f"{spec.name}-{name}.yaml").read_text(encoding="utf-8")
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"config {name}: cannot be read ({error}); built in: {built_in}") from error
    try:
        value = read_yaml_mapping(text)
    except YAMLMappingError as error:
        raise ConfigError(f"config {name}: {error}") from error
    parent = value.pop("extends", None)
    if parent is None:
        return value
    if parent not in spec.built_in:
        raise ConfigError(f"config {name}: extends: found {parent!r}, expected one of {built_in}")
    return overlay(_read(spec, parent), value)
