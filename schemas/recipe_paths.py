"""Files that a recipe names: a relative path is one from the folder of the recipe that says it."""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: Values of file settings that are no path: a file of a package, LTP's own weights.
_PACKAGE, _HUB = "package:", "hub"


def paths_from(folder: Path, kind: type, value: object) -> Any:
    """``value``, a mapping for the dataclass ``kind``, with its relative paths made absolute from ``folder``."""
    if not isinstance(value, Mapping):
        return value
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    found: dict[Any, Any] = {}
    for name, item in value.items():
        if name in fields and fields[name].metadata.get("file"):
            found[name] = [_path(folder, one) for one in item] if isinstance(item, list) else _path(folder, item)
        elif name in fields:
            found[name] = _inside(folder, hints[name], item)
        else:
            found[name] = item
    return found


def without_folders(value: Any) -> Any:
    """A recipe as a mapping of all it says, files by their names without folders: what a manifest holds."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: base_names(getattr(value, field.name))
            if field.metadata.get("file")
            else without_folders(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    return [without_folders(item) for item in value] if isinstance(value, (list, tuple)) else value


def base_names(value: str | Sequence[str]) -> str | list[str]:
    """The value of a file setting without the folders; a file of a package stays as it is."""
    if isinstance(value, str):
        return value if value.startswith(_PACKAGE) else Path(value).name
    return [str(base_names(item)) for item in value]


def _inside(folder: Path, hint: Any, value: object) -> Any:
    if dataclasses.is_dataclass(hint):
        return paths_from(folder, typing.cast(type, hint), value)
    inner = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None
    if not dataclasses.is_dataclass(inner):
        return value
    kind = typing.cast(type, inner)
    if isinstance(value, list):
        return [paths_from(folder, kind, item) for item in value]
    if isinstance(value, Mapping):
        # Rules by name (hanmill.schemas.rule_changes).
        return {
            name: _inside(folder, hint, item) if isinstance(item, list) else paths_from(folder, kind, item)
            for name, item in value.items()
        }
    return value


def _path(folder: Path, value: object) -> object:
    if not isinstance(value, str) or not value or value.startswith(_PACKAGE) or value == _HUB:
        return value
    if "://" in value:
        return value
    return os.path.normpath(folder.absolute() / value)
