"""Mappings (from YAML or JSON) into frozen dataclasses; errors name the key, the value and what was expected."""

from __future__ import annotations

import dataclasses
import difflib
import math
import reprlib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from hanmill.schemas.errors import HanmillError

T = TypeVar("T")

#: A wrong value is shown in a line: aliases of YAML can make a few bytes a value of gigabytes.
_SHOWN = reprlib.Repr()
_SHOWN.maxlevel = 3
_SHOWN.maxdict = _SHOWN.maxlist = _SHOWN.maxtuple = 8
_SHOWN.maxstring = _SHOWN.maxother = 200
#: Settings are written as JSON and stored in columns: whole numbers of 64 bits.
_WHOLE = range(-(1 << 63), 1 << 63)


class SettingError(HanmillError, ValueError):
    """A setting with an unknown key, a value of the wrong type or a value out of range."""

    def __init__(self, key: str, value: object, expected: str) -> None:
        self.key, self.expected = key, expected
        super().__init__(f"{key or 'recipe'}: found {_SHOWN.repr(value)}, expected {expected}")


def from_mapping(kind: type[T], value: object, key: str = "") -> T:
    """Builds dataclass ``kind`` from a mapping, following its type hints.

    Fields may be dataclasses, ``str``, ``int``, ``float``, ``bool``, ``Literal``, ``X | None`` and
    ``tuple[X, ...]`` (from a list). Fields without a default are required. A ``ValueError`` from a
    ``__post_init__`` becomes a SettingError of that key.
    """
    if not isinstance(value, Mapping):
        raise SettingError(key, value, f"a mapping with {_names(kind)}")
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    arguments: dict[str, Any] = {}
    for name, item in value.items():
        path = f"{key}.{name}" if key else str(name)
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, 1)
            raise SettingError(
                path, item, f"no such key; known: {_names(kind)}" + (f"; meant {near[0]!r}?" if near else "")
            )
        arguments[name] = _convert(hints[name], item, path)
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in arguments:
            raise SettingError(f"{key}.{name}" if key else name, None, "a value: the key is required")
    try:
        return kind(**arguments)
    except SettingError:
        raise
    except ValueError as error:
        raise SettingError(key, dict(value), str(error)) from error


def to_mapping(value: object) -> Any:
    """The inverse: dataclasses become dictionaries, tuples become lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_mapping(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [to_mapping(item) for item in value]
    return value


def overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``below`` with the values of ``above`` on top, mapping by mapping; anything else is replaced whole."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = overlay(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _names(kind: object) -> str:
    return ", ".join(field.name for field in dataclasses.fields(kind))  # type: ignore[arg-type]


def _convert(hint: Any, value: object, key: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        if value is None:
            if len(options) == len(typing.get_args(hint)):
                raise SettingError(key, value, _describe(hint))
            return None
        return _convert(options[0], value, key)
    if origin is typing.Literal:
        if value not in typing.get_args(hint):
            raise SettingError(key, value, _describe(hint))
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise SettingError(key, value, _describe(hint))
        item_hint = typing.get_args(hint)[0]
        return tuple(_convert(item_hint, item, f"{key}[{index}]") for index, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        return from_mapping(typing.cast(type, hint), value, key)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise SettingError(key, value, _describe(hint))
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingError(key, value, "a finite number")
    if isinstance(value, int) and value not in _WHOLE:
        raise SettingError(key, "a larger number", "a whole number of 64 bits")
    return value


def _describe(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return " or ".join("nothing" if option is type(None) else _describe(option) for option in typing.get_args(hint))
    if origin is typing.Literal:
        return "one of " + ", ".join(repr(option) for option in typing.get_args(hint))
    if origin is tuple:
        return f"a list, each {_describe(typing.get_args(hint)[0])}"
    if dataclasses.is_dataclass(hint):
        return f"a mapping with {_names(hint)}"
    return {str: "text", int: "a whole number", float: "a number", bool: "true or false"}[hint]
