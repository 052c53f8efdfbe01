"""``hanmill recipe``: recipes, what a corpus is made of."""

from __future__ import annotations

import click

from hanmill.schemas.explained_recipe import explained_recipe
from hanmill.schemas.recipe_file import BUILT_IN, load_recipe, summary


@click.group(epilog="Example: hanmill recipe show web > mine.yaml")
def recipe() -> None:
    """Recipes: what a corpus is made of."""


@recipe.command("list", epilog="Example: hanmill recipe list")
def list_recipes() -> None:
    """Lists the recipes that come with the program."""
    width = max(map(len, BUILT_IN))
    for name in BUILT_IN:
        click.echo(f"{name:<{width}}  {summary(name)}")


@recipe.command("show", epilog="Example: hanmill recipe show mine.yaml --set output.validation_share=0.02")
@click.argument("name")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Repeatable: a setting on top.")
def show(name: str, changes: tuple[str, ...]) -> None:
    """Prints a recipe in full, every default written out and each part explained; refuses what a build would refuse."""
    from hanmill.pipelines.build.build import check_recipe

    found = load_recipe(name, changes)
    check_recipe(found)
    click.echo(explained_recipe(found), nl=False)
