"""``hanmill rules``: the filter rules that a recipe may name."""

from __future__ import annotations

import inspect

import click

from hanmill.pipelines.build.report.losses import meaning, setting_line
from hanmill.pipelines.clean.rules import RuleError, known_rules
from hanmill.schemas.recipe_file import BUILT_IN, load_recipe
from hanmill.schemas.typed_mapping import to_mapping


@click.group(epilog="Example: hanmill rules list")
def rules() -> None:
    """Filter rules: what a recipe may drop documents by."""


@rules.command("list", epilog="Example: hanmill rules list | grep ratio")
def list_rules() -> None:
    """Lists every rule and what it measures."""
    width = max(map(len, known_rules()))
    for name in sorted(known_rules()):
        click.echo(f"{name:<{width}}  {meaning(name)}")


@rules.command("show", epilog="Example: hanmill rules show latin_ratio@1")
@click.argument("name")
def show(name: str) -> None:
    """Says what a rule measures and how the built-in recipes set it."""
    if name not in known_rules():
        near = [known for known in sorted(known_rules()) if known.partition("@")[0] == name.partition("@")[0]]
        raise RuleError(f"rule found: {name}; expected one of: {', '.join(near or sorted(known_rules()))}")
    rule = known_rules()[name]
    click.echo(f"{name}\n\n{inspect.getdoc(rule.measure)}")
    if rule.reads_label:
        click.echo("\nIts setting names a model (file: PATH) and a label of it (label: NAME).")
    elif rule.reads_list and rule.opens:
        click.echo("\nIts setting names a model (file: PATH).")
    elif rule.reads_list:
        click.echo("\nIts setting names a file (file: PATH), one entry a line.")
    elif rule.may_read_file:
        click.echo("\nIts setting may name a file (file: PATH); without one it reads what comes with hanmill.")
    for recipe in BUILT_IN:
        settings = [setting for setting in load_recipe(recipe).clean.rules if setting.rule == name]
        for setting in settings:
            click.echo(f"\n{recipe}: {setting_line(to_mapping(setting))}", nl=False)
    needed = (", file: PATH" if rule.reads_list else "") + (", label: NAME" if rule.reads_label else "")
    click.echo(
        f"\n\nIn a recipe of your own:\n\n  extends: web\n  name: mine\n"
        f"  clean: {{rules: {{{name}: {{max: 0.5{needed}}}}}}}"
    )
