"""``hanmill plan``: what a build would do."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hanmill.pipelines.build.dry_run import dry_run
from hanmill.pipelines.commands.what_to_build import recipe_with, what_to_build
from hanmill.schemas.location import Location


@click.command()
@what_to_build
def plan(
    recipe_name: str,
    inputs: Sequence[tuple[str, str]],
    output: Location,
    unihan_file: str,
    evaluation_files: tuple[str, ...],
) -> None:
    """Shows what a build would run, and why; writes nothing."""
    parts = dry_run(recipe_with(recipe_name, unihan_file, evaluation_files), inputs, output)
    click.echo(f"{'part':<12} {'shards':>9} {'to run':>9}   why")
    for part in parts:
        number = f"{part.to_run:,}" if part.certain else f"≤ {part.to_run:,}"
        first, *others = part.reasons or ("",)
        click.echo(f"{part.name:<12} {part.shards:>9,} {number:>9}   {first}".rstrip())
        for reason in others:
            click.echo(f"{'':<35}{reason}")
