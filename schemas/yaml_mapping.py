"""YAML text as a mapping, whatever it holds: what is wrong with it is always one kind of error."""

from __future__ import annotations

from typing import Any

import yaml

from hanmill.schemas.errors import HanmillError


class YAMLMappingError(HanmillError, ValueError):
    """A text that is no YAML, or YAML of another kind than a mapping."""


class _OneOfAKey(yaml.SafeLoader):
    """A safe loader that takes no key twice (YAML 1.2, section 3.2.1.1): PyYAML lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml_mapping(text: str) -> dict[str, Any]:
    """The mapping that a YAML text holds, built of plain values only. Raises YAMLMappingError."""
    try:
        value = yaml.load(text, _OneOfAKey)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise YAMLMappingError(f"not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise YAMLMappingError("not YAML that can be read: nested too deeply") from error
    except (AttributeError, TypeError, ValueError) as error:
        # PyYAML lets the errors of int, float and datetime through: ``2026-13-01``, ``!!int x``.
        raise YAMLMappingError(f"not YAML: a value is not what its form or tag says ({error})") from error
    if not isinstance(value, dict):
        raise YAMLMappingError(f"found {type(value).__name__}, expected a mapping of sections")
    return value
