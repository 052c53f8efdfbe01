"""Pages of the site that are made from the code when it is built: recipe keys, rules, columns, training, commands, API.

MkDocs calls ``on_files``; nothing of these pages is committed, so none can be out of step.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import hanmill
from hanmill.pipelines.build.report.losses import setting_line
from hanmill.pipelines.clean.rules import known_rules
from hanmill.pipelines.commands.main import main
from hanmill.schemas import corpus as schemas
from hanmill.schemas.explained_recipe import meaning
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import BUILT_IN, load_recipe, summary
from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.registry import MODELS

_SCHEMAS = {
    "CORPUS": "train/ and validation/",
    "CHARACTERS": "tables/characters.parquet",
    "SYLLABLES": "tables/syllables.parquet",
    "WORDS": "tables/words.LANG.parquet",
    "IDENTICAL": "tables/identical.A-B.parquet",
    "CLUSTERS": "tables/clusters.parquet",
    "GLYPHS": "tables/glyphs.parquet",
    "DOCUMENTS": "documents/ (the build's own)",
    "DROPPED": "dropped/ (the build's own)",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages."""
    pages: dict[str, Callable[[], Iterator[str]]] = {
        "recipe-keys": recipe_keys,
        "rules": rules,
        "columns": columns,
        "training-configuration": training_configuration,
        "commands": commands,
        "python-api": python_api,
    }
    for name, page in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content="\n".join(page()) + "\n"))
    return files


def recipe_keys() -> Iterator[str]:
    """Every key of a recipe, with type and default, under what its part means."""
    yield "# Recipe keys"
    yield ""
    yield "A recipe is YAML; unknown keys are refused. `hanmill recipe show NAME` prints one in full."
    yield ""
    yield "| built in | |\n|---|---|"
    yield from (f"| `{name}` | {_cell(summary(name))} |" for name in BUILT_IN)
    yield from _part(Recipe, "", set())


def training_configuration() -> Iterator[str]:
    """Every key of the training configurations."""
    yield "# Training configuration"
    yield ""
    yield "`hanmill train MODEL --config NAME`, or a YAML file of these keys; `extends:` names a built-in one."
    seen: set[type] = set()
    for spec in MODELS.values():
        yield f"\n## {spec.title}\n\n{spec.summary} Built in: {', '.join(f'`{name}`' for name in spec.built_in)}."
        yield from _part(spec.config, "", seen, level=3)


def _part(kind: type[Any], prefix: str, seen: set[type], level: int = 2) -> Iterator[str]:
    """A table of the keys of a dataclass, then the parts inside it. A part that was shown is named only."""
    hints = typing.get_type_hints(kind)
    name = prefix.rstrip(".") or "Top"
    yield f"\n{'#' * level} {name}\n"
    if kind in seen:
        yield f"As {kind.__name__} above."
        return
    seen.add(kind)
    yield meaning(kind)
    parts = [field for field in fields(kind) if is_dataclass(hints[field.name])]
    plain = [field for field in fields(kind) if field not in parts]
    if plain:
        yield "\n| key | type | default |\n|---|---|---|"
    for field in plain:
        default = field.default if field.default is not MISSING else None
        if field.default_factory is not MISSING:
            default = field.default_factory()
        is_required = field.default is MISSING and field.default_factory is MISSING
        shown = "required" if is_required else f"`{_yaml(default)}`"
        yield f"| `{prefix}{field.name}` | {_cell(_type(hints[field.name]))} | {_cell(shown)} |"
    for hint in {inner for field in plain for inner in typing.get_args(hints[field.name]) if is_dataclass(inner)}:
        yield from _part(hint, f"{hint.__name__}: ", seen, level + 1)
    for field in parts:
        yield from _part(hints[field.name], f"{prefix}{field.name}.", seen, level + 1)


def rules() -> Iterator[str]:
    """Every rule: what it measures and how the recipes set it."""
    yield "# Rules"
    yield ""
    yield "A rule measures a document; a recipe sets what it keeps. What a rule measures never changes under its name:"
    yield "another measure is another version. `hanmill simulate` says what other limits would keep."
    settings = {name: load_recipe(name).clean.rules for name in BUILT_IN}
    for name in sorted(known_rules()):
        rule = known_rules()[name]
        yield f"\n## {name}\n\n{' '.join((inspect.getdoc(rule.measure) or '').split())}"
        found: dict[str, list[str]] = {}
        for recipe, used in settings.items():
            for setting in used:
                if setting.rule == name:
                    found.setdefault(setting_line(to_mapping(setting)), []).append(recipe)
        for line, recipes in found.items():
            yield f"\n- {', '.join(f'`{recipe}`' for recipe in recipes)}: {line}"


def columns() -> Iterator[str]:
    """Every schema, with what stands above it in the code."""
    source = Path(schemas.__file__).read_text(encoding="utf-8")
    yield "# Columns and tables"
    yield ""
    yield (inspect.getdoc(schemas) or "").partition("\n\n")[2].replace("\n", " ")
    for name, where in _SCHEMAS.items():
        schema: pa.Schema = getattr(schemas, name)
        comment = re.search(rf"((?:^#: .*\n|^#:? .*\n)+)^{name} = ", source, re.MULTILINE)
        yield f"\n## {where}\n"
        if comment:
            yield " ".join(line.lstrip("#: ") for line in comment[1].splitlines())
        yield "\n| column | type | null |\n|---|---|---|"
        for field in schema:
            yield f"| `{field.name}` | `{_cell(str(field.type))}` | {'yes' if field.nullable else 'no'} |"


def commands() -> Iterator[str]:
    """Every command's help."""
    yield "# Commands"
    yield ""
    yield 'Completion: `eval "$(_HANMILL_COMPLETE=bash_source hanmill)"` (or `zsh_source`, `fish_source`).'
    yield from _command(main, click.Context(main, info_name="hanmill"))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _command(inner, click.Context(inner, info_name=name, parent=context))
        return
    yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```"


def python_api() -> Iterator[str]:
    """Everything that ``import hanmill`` offers."""
    yield "# Python API"
    yield ""
    yield "`import hanmill as hm`; nothing is loaded before it is used."
    for name in hanmill.__all__:
        found = getattr(hanmill, name)
        yield f"\n## {name}\n"
        try:
            signature = str(inspect.signature(found))
        except (TypeError, ValueError):
            signature = ""
        yield f"```python\nhm.{name}{_short(signature)}\n```\n"
        yield _docstring(found)
        for method_name, method in inspect.getmembers(found, inspect.isfunction):
            is_own = method.__qualname__.startswith(f"{getattr(found, '__name__', '')}.")
            if inspect.isclass(found) and is_own and method_name[0] != "_" and method.__doc__:
                yield f"\n**{method_name}**`{_short(str(inspect.signature(method)))}` {_docstring(method)}"


def _docstring(found: object) -> str:
    text = inspect.getdoc(found) or ""
    prose, _, example = text.partition("\n>>> ")
    shown = prose.replace("``", "`")
    return f"{shown}\n\n```python\n>>> {example}\n```" if example else shown


def _short(signature: str) -> str:
    return re.sub(r"(?:[a-z_]+\.)+([A-Z])", r"\1", signature).replace("'", "")


def _type(hint: Any) -> str:
    if is_dataclass(hint):
        return str(hint.__name__)
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return " or ".join(f"`{value or repr('')}`" for value in inside)
    if origin is tuple:
        return f"list of {_type(inside[0])}" if Ellipsis in inside else "list of " + ", ".join(map(_type, inside))
    if origin is not None:
        return " or ".join(_type(one) for one in inside if one is not type(None))
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(hint, str(hint))


def _yaml(value: object) -> str:
    written: str = yaml.safe_dump(to_mapping(value), allow_unicode=True, default_flow_style=True, width=10**6)
    return written.removesuffix("...\n").strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
