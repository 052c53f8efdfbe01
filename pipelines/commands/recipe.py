"""``hanmill recipe``: recipes, what a corpus is made of."""

from __future__ import annotations

import click

from hanmill.schemas.recipe_file import dump_recipe, load_recipe


@click.group()
def recipe() -> None:
    """Recipes: what a corpus is made of."""


@recipe.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Prints a recipe in full, every default written out."""
    click.echo(dump_recipe(load_recipe(name)), nl=False)
