"""Training configurations as YAML: the built-in ones, and a user's file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from schemas.typed_mapping import SettingError, from_mapping, overlay, to_mapping
from schemas.yaml_mapping import YAMLMappingError, read_yaml_mapping
from trainer.config import ChineseBERTConfig, MLMAConfig, TrainingConfig, UnihanLMConfig
from trainer.errors import ConfigError
from trainer.tagging_config import MOMConfig, TaggerConfig, TaggingConfig

ModelName = Literal["unihanlm", "chinesebert", "mlma", "tagger", "mom"]
MODELS: tuple[ModelName, ...] = get_args(ModelName)
#: Those that learn from a corpus, in the loop of ``trainer.run``.
CORPUS_MODELS: tuple[ModelName, ...] = ("unihanlm", "chinesebert", "mlma")
BUILT_IN: dict[ModelName, tuple[str, ...]] = {
    "unihanlm": ("tiny", "base", "large"),
    "chinesebert": ("tiny", "base", "large"),
    "mlma": ("tiny", "base"),
    "tagger": ("tiny", "base"),
    "mom": ("tiny", "base"),
}
_KINDS: dict[ModelName, type[TrainingConfig | TaggingConfig]] = {
    "unihanlm": UnihanLMConfig,
    "chinesebert": ChineseBERTConfig,
    "mlma": MLMAConfig,
    "tagger": TaggerConfig,
    "mom": MOMConfig,
}


def load_config(model: ModelName, name: str) -> Any:
    """The configuration of a built-in name or of a YAML file, which may say ``extends: tiny``.

    Raises ConfigError naming the file and the key.
    """
    try:
        return from_mapping(_KINDS[model], _read(model, name))
    except SettingError as error:
        raise ConfigError(f"config {name} for {model}: {error}") from error


def dump_config(config: TrainingConfig | TaggingConfig) -> str:
    """The whole configuration as YAML, every default written out."""
    text: str = yaml.safe_dump(to_mapping(config), allow_unicode=True, sort_keys=False)
    return text


def _read(model: ModelName, name: str) -> dict[str, Any]:
    built_in = BUILT_IN[model]
    if name in built_in:
        text = resources.files("trainer").joinpath("configs", f"{model}-{name}.yaml").read_text(encoding="utf-8")
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"config {name}: cannot be read ({error}); built in: {', '.join(built_in)}") from error
    try:
        value = read_yaml_mapping(text)
    except YAMLMappingError as error:
        raise ConfigError(f"config {name}: {error}") from error
    parent = value.pop("extends", None)
    if parent is None:
        return value
    if parent not in built_in:
        raise ConfigError(f"config {name}: extends: found {parent!r}, expected one of {', '.join(built_in)}")
    return overlay(_read(model, parent), value)
