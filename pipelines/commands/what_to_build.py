"""The arguments that say what is built, and where: those of ``build`` and of ``plan``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import click

from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import load_recipe


class InputSpec(click.ParamType[tuple[str, str]]):
    """``SOURCE=GLOB``."""

    name = "source=glob"

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> tuple[str, str]:
        """A pair of source and pattern."""
        source, separator, pattern = value.partition("=")
        if not separator or not pattern:
            self.fail(f"{value!r}: expected SOURCE=GLOB, such as wikipedia='dumps/*.bz2'", parameter, context)
        return source, pattern


def what_to_build(command: Callable[..., None]) -> Callable[..., None]:
    """Adds ``recipe_name``, ``inputs``, ``output``, ``unihan_file`` and ``evaluation_files`` to a command."""
    options = (
        click.argument("recipe_name", metavar="RECIPE"),
        click.option(
            "--input", "inputs", type=InputSpec(), multiple=True, required=True, help="Repeatable: SOURCE=GLOB."
        ),
        click.option(
            "--output", required=True, type=LocationParameter(), help="The corpus: a folder, s3://… or gs://…"
        ),
        click.option("--unihan-file", default="", help="A Unihan_Variants.txt for the recipe's cluster table."),
        click.option(
            "--decontaminate",
            "evaluation_files",
            multiple=True,
            metavar="FILE",
            help="Repeatable: drop documents that hold an item of this evaluation file.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def recipe_with(name: str, unihan_file: str, evaluation_files: Sequence[str]) -> Recipe:
    """The recipe of a name or file, with what the command line adds to it. Raises RecipeError."""
    settings = load_recipe(name)
    if unihan_file:
        settings = replace(settings, unihan=replace(settings.unihan, file=unihan_file))
    if evaluation_files:
        clean = settings.clean
        decontaminate = replace(clean.decontaminate, files=(*clean.decontaminate.files, *evaluation_files))
        settings = replace(settings, clean=replace(clean, decontaminate=decontaminate))
    return settings
