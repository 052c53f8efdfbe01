"""Commands: parse, call, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from schemas.manifest import ManifestError
from trainer.config import BUILT_IN, MODELS, ModelName, load_config
from trainer.errors import Interrupted, TrainerError


@click.command()
@click.argument("model", type=click.Choice(MODELS))
@click.option("--corpus", type=click.Path(path_type=Path), help="A finished corpus.")
@click.option("--config", "config_name", default="tiny", show_default=True, help=f"{', '.join(BUILT_IN)} or a file.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the run; one that exists is continued.")
@click.option("--count-parameters", is_flag=True, help="Print the number of parameters and stop; needs no corpus.")
def train(model: ModelName, corpus: Path | None, config_name: str, output: Path | None, count_parameters: bool) -> None:
    """Train MODEL on a corpus, on one process or under torchrun."""
    _guard(lambda: _train(model, corpus, config_name, output, count_parameters))


@click.command("export-model")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def export_model(run: Path, folder: Path) -> None:
    """Write the newest checkpoint of RUN to FOLDER as transformers reads it."""
    from trainer.export.hugging_face import export_run

    _guard(lambda: export_run(run, folder))
    click.echo(f"{folder}: config.json, model.safetensors, tokenizer.json")


@click.group()
def runs() -> None:
    """Compare runs by their logs."""


@runs.command("show")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
def show(folders: tuple[Path, ...]) -> None:
    """Print losses and speed of each run, one line a run."""
    from trainer.curves import read_curve, table

    _guard(lambda: click.echo(table([read_curve(folder) for folder in folders])))


@runs.command("plot")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="An SVG file.")
def plot(folders: tuple[Path, ...], output: Path) -> None:
    """Draw the validation losses of runs."""
    from trainer.curves import read_curve, svg

    _guard(lambda: output.write_text(svg([read_curve(folder) for folder in folders]), encoding="utf-8"))


def _train(model: ModelName, corpus: Path | None, config_name: str, output: Path | None, count_only: bool) -> None:
    config = load_config(model, config_name)
    # PyTorch loads slowly, and neither help nor a misspelt configuration needs it.
    if count_only:
        from trainer.tasks.build import count_parameters

        click.echo(f"{count_parameters(config):,}")
        return
    if corpus is None or output is None:
        raise click.UsageError("--corpus and --output are required")
    from trainer.data.corpus import Corpus
    from trainer.run import train as run_training

    run_training(model, config, Corpus(corpus), output)


def _guard(action: Callable[[], Any]) -> None:
    """Known errors end with one line a job and exit code 2, an interrupted run with 143."""
    try:
        action()
    except (TrainerError, ManifestError, Interrupted) as error:
        stopped = isinstance(error, Interrupted)
        if _speaks_first(error):
            click.echo(str(error) if stopped else f"error: {error}", err=True)
        sys.exit(143 if stopped else 2)


def _speaks_first(error: Exception) -> bool:
    if "WORLD_SIZE" not in os.environ:
        return True
    from trainer.failure import speaks_first

    return speaks_first(error)
