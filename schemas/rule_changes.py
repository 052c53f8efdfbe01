"""Filter rules of a recipe that extends another: what it says of a rule changes that rule and leaves the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hanmill.schemas.typed_mapping import SettingError

Setting = dict[str, Any]
_KEY = "clean.rules"


def changed_rules(below: list[Any], above: object) -> list[Any]:
    """The rules ``below`` with the changes of ``above``, in their order; rules that are new come last.

    ``above`` is a list of settings, which take the place of all settings of the rules that they name (an empty list
    leaves no rule), or a mapping from the name of a rule to what becomes of it: a mapping changes these keys in every
    setting of the rule, a list of settings replaces them, null removes the rule. Raises SettingError.
    """
    if isinstance(above, list):
        return _merged(below, _by_rule(above)) if above else []
    if isinstance(above, Mapping):
        return _merged(below, {str(name): _changed(str(name), change, below) for name, change in above.items()})
    raise SettingError(_KEY, above, "a list of rules, or a mapping from a rule's name to its setting or null")


def _by_rule(settings: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for setting in settings:
        found.setdefault(_rule(setting), []).append(setting)
    return found


def _changed(name: str, change: object, below: list[Any]) -> list[Any]:
    if change is None:
        if not any(_rule(setting) == name for setting in below):
            raise SettingError(f"{_KEY}.{name}", None, "the name of a rule of the recipe that is extended")
        return []
    if isinstance(change, Mapping):
        return [{**setting, **change} for setting in below if _rule(setting) == name] or [{"rule": name, **change}]
    if isinstance(change, list) and all(isinstance(setting, Mapping) for setting in change):
        return [{"rule": name, **setting} for setting in change]
    raise SettingError(f"{_KEY}.{name}", change, "a setting, a list of settings, or null, which removes the rule")


def _merged(below: list[Any], changes: Mapping[str, list[Any]]) -> list[Any]:
    left = dict(changes)
    merged: list[Any] = []
    for setting in below:
        name = _rule(setting)
        if name not in changes:
            merged.append(setting)
        else:
            merged += left.pop(name, [])
    for settings in left.values():
        merged += settings
    return merged


def _rule(setting: object) -> str:
    """The name of the rule that a setting is of; empty where it has none, which is refused later."""
    return str(setting.get("rule", "")) if isinstance(setting, Mapping) else ""
