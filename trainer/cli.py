"""Commands: parse, call, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from schemas.location import Location
from schemas.location_parameter import LocationParameter
from schemas.manifest import ManifestError
from trainer.config_file import BUILT_IN, CORPUS_MODELS, ModelName, load_config
from trainer.errors import Interrupted, TrainerError

_PATH = click.Path(path_type=Path)


def _settings(model: ModelName) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that every model has."""
    built_in = ", ".join(BUILT_IN[model])
    options = (
        click.option(
            "--config", "config_name", default="tiny", show_default=True, help=f"Built in ({built_in}) or a file."
        ),
        click.option("--output", type=_PATH, help="Folder of the run; one that exists is continued."),
        click.option("--count-parameters", is_flag=True, help="Print the number of parameters and stop; no data."),
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group()
def train() -> None:
    """Trains a model."""


def _corpus_command(model: ModelName) -> click.Command:
    @click.command(model, help=f"Trains {model} on a corpus, on one process or under torchrun.")
    @click.option("--corpus", type=LocationParameter(), help="A finished corpus: a folder, s3://… or gs://…")
    @_settings(model)
    def command(corpus: Location | None, config_name: str, output: Path | None, count_parameters: bool) -> None:
        _guard(lambda: _train(model, corpus, config_name, output, count_parameters))

    return command


for _name in CORPUS_MODELS:
    train.add_command(_corpus_command(_name))


def _tagged_files(command: Callable[..., None]) -> Callable[..., None]:
    """The options of both taggers."""
    options = (
        click.option("--train", "train_file", type=_PATH, help="A column file."),
        click.option("--dev", "dev_file", type=_PATH, help="A column file, by which the best epoch is chosen."),
        click.option("--language", default="", help="Language of both files."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@train.command()
@_tagged_files
@click.option("--mlma", "language_model", type=_PATH, help="A run of mlma or an exported one.")
@click.option("--test", "tests", multiple=True, metavar="LANG=FILE", help="Repeatable: a file of any of its languages.")
@_settings("tagger")
def tagger(config_name: str, count_parameters: bool, **paths: Any) -> None:
    """Trains an LSTM-CRF tagger over the frozen layers of an MLMA."""
    from trainer.tagging_runs import train_tagger

    _guard(lambda: _train_tagging("tagger", config_name, count_parameters, paths, train_tagger))


@train.command()
@_tagged_files
@click.option("--test", "tests", multiple=True, metavar="FILE", help="Repeatable.")
@click.option(
    "--roman", "romanised", multiple=True, metavar="FILE=JSONL", help="Output of `hanmill annotate` for a file."
)
@click.option("--vectors", "word_vectors", type=_PATH, help="Word vectors to begin with, as word2vec's text.")
@click.option("--transfer", "source", type=_PATH, help="A run of mom whose layers are copied first.")
@click.option("--groups", default="char,dense", show_default=True, help="Layer groups to copy, of char, word, dense.")
@_settings("mom")
def mom(config_name: str, count_parameters: bool, **paths: Any) -> None:
    """Trains the Mixed Orthographic Model."""
    from trainer.tagging_runs import train_mom

    _guard(lambda: _train_tagging("mom", config_name, count_parameters, paths, train_mom))


@click.command("export-model")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def export_model(run: Path, folder: Path) -> None:
    """Writes RUN to FOLDER: UnihanLM, ChineseBERT and MLMA as transformers reads them, taggers as hanmill does."""
    from trainer.export.run import export_run

    _guard(lambda: export_run(run, folder))
    click.echo(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")


@click.group()
def runs() -> None:
    """Compares runs by their logs."""


@runs.command("show")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
def show(folders: tuple[Path, ...]) -> None:
    """Prints losses and speed of each run, one line a run."""
    from trainer.curves import read_curve, table

    _guard(lambda: click.echo(table([read_curve(folder) for folder in folders])))


@runs.command("plot")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="A .png or .svg file.")
def plot(folders: tuple[Path, ...], output: Path) -> None:
    """Draws runs: loss, rate, speed and waiting as PNG, or the validation losses alone as SVG."""
    from trainer.chart import write_chart
    from trainer.curves import read_curve, svg

    if output.suffix == ".png":
        _guard(lambda: write_chart(folders, output))
    elif output.suffix == ".svg":
        _guard(lambda: output.write_text(svg([read_curve(folder) for folder in folders]), encoding="utf-8"))
    else:
        raise click.UsageError(f"--output: found {output.name!r}, expected a name ending in .png or .svg")


def _train(model: ModelName, corpus: Location | None, config_name: str, output: Path | None, count_only: bool) -> None:
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


def _train_tagging(
    model: ModelName, config_name: str, count_only: bool, paths: dict[str, Any], action: Callable[..., None]
) -> None:
    config = load_config(model, config_name)
    if count_only:
        from trainer.tasks.build import count_parameters

        click.echo(f"{count_parameters(config):,}")
        return
    needed = ["train_file", "dev_file", "language", "output", *(["language_model"] if model == "tagger" else [])]
    if any(not paths[name] for name in needed):
        names = {"train_file": "train", "dev_file": "dev", "language_model": "mlma"}
        raise click.UsageError(f"{', '.join(f'--{names.get(name, name)}' for name in needed)} are required")
    action(config, **paths)


def _guard(action: Callable[[], Any]) -> None:
    """Known errors end with one line a job and exit code 2, an interrupted run with 143."""
    try:
        action()
    except (TrainerError, ManifestError, Interrupted, OSError) as error:
        stopped = isinstance(error, Interrupted)
        if _speaks_first(error):
            click.echo(str(error) if stopped else f"error: {error}", err=True)
        sys.exit(143 if stopped else 2)


def _speaks_first(error: Exception) -> bool:
    if "WORLD_SIZE" not in os.environ:
        return True
    from trainer.failure import speaks_first

    return speaks_first(error)
