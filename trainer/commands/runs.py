"""``runs``: curves from logs."""

from __future__ import annotations

from pathlib import Path

import click

from hanmill.trainer.commands.refusal import refusals


@click.group()
def runs() -> None:
    """Compares runs by their logs."""


@runs.command("show", epilog="Example: hanmill runs show runs/*")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
def show(folders: tuple[Path, ...]) -> None:
    """Prints losses and speed of each run, one line a run; then scores of its tasks, one line each."""
    from hanmill.trainer.runs.curves import read_curve, read_lines, table, task_points, task_table

    with refusals():
        click.echo(table([read_curve(folder) for folder in folders]))
        tasks = [(folder.name, task_points(read_lines(folder))) for folder in folders]
        if any(found for _, found in tasks):
            click.echo("\n" + task_table(tasks))


@runs.command("plot", epilog="Example: hanmill runs plot runs/* --output chart.png")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="A .png or .svg file.")
def plot(folders: tuple[Path, ...], output: Path) -> None:
    """Draws runs: loss, rate, speed, waiting and scores of tasks as PNG, or the validation losses alone as SVG."""
    from hanmill.trainer.runs.chart import write_chart
    from hanmill.trainer.runs.curves import read_curve, svg

    if output.suffix not in (".png", ".svg"):
        raise click.UsageError(f"--output: found {output.name!r}, expected a name ending in .png or .svg")
    with refusals():
        if output.suffix == ".png":
            write_chart(folders, output)
        else:
            output.write_text(svg([read_curve(folder) for folder in folders]), encoding="utf-8")
