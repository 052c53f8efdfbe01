"""``hanmill quality``: scorers of one's own for what reads well."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hanmill.pipelines.commands.refusal import Refusal

if TYPE_CHECKING:
    from hanmill.pipelines.clean.quality.model import QualityModel
    from hanmill.pipelines.training.quality_training import FileScore, TextFile

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 60


@click.group()
def quality() -> None:
    """Scorers of text quality: training, and what they say of texts."""


@quality.command(epilog="Example: hanmill quality train --good wiki.jsonl --good law.txt --bad ads.txt --bad menus.txt")
@click.option(
    "--good", type=_FILE, required=True, multiple=True,
    help="Texts as wanted: Parquet, JSON lines, CSV, TSV, or a text a line. Several times, a file for each source.",
)  # fmt: skip
@click.option("--bad", type=_FILE, required=True, multiple=True, help="Texts as not wanted, the same.")
@click.option("--model", type=click.Path(dir_okay=False, path_type=Path), default="quality.parquet", show_default=True)
@click.option("--text", "column", default="text", show_default=True, help="The column that holds the text.")
@click.option(
    "--characters", type=click.IntRange(1000), default=400_000, show_default=True, help="Taken of each file at most.",
)  # fmt: skip
@click.option("--folds", type=click.IntRange(2), default=5, show_default=True, help="Of files, for cross-validation.")
@click.option("--top", type=click.IntRange(0), default=15, show_default=True, help="Most telling features shown.")
def train(
    good: tuple[Path, ...], bad: tuple[Path, ...], model: Path, column: str, characters: int, folds: int, top: int
) -> None:
    """Trains a scorer for the rule quality@1, and prints what it makes of files it has not seen.

    It learns from n-grams of characters and from how lines, marks and repetition are spread. A file is a source: each
    is scored by a model that was trained without it and without the other files of its fold.
    """
    from hanmill.pipelines.clean.quality.model import write_model
    from hanmill.pipelines.training.quality_files import read_texts
    from hanmill.pipelines.training.quality_training import area, cross_validate, telling_features
    from hanmill.pipelines.training.quality_training import train as train_model
    from hanmill.schemas.hashing import file_sha256

    # Training takes minutes: a folder that cannot be made or written is told before.
    try:
        model.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"--model {model}: {error.strerror}") from error
    if not os.access(model.parent, os.W_OK):
        raise Refusal(f"--model {model}: found a folder that cannot be written, expected one that can")
    files = [read_texts(path, True, column, characters) for path in good]
    files += [read_texts(path, False, column, characters) for path in bad]
    if min(len(good), len(bad)) >= 2:
        scored = cross_validate(files, folds)
        for line in table(scored):
            click.echo(line)
        click.echo(f"area under the ROC curve {area(scored):.4f}, every file weighing the same")
    else:
        click.echo("no cross-validation: it takes two files of each side")
    made_from = {"files": {path.name: file_sha256(path) for path in (*good, *bad)}, "characters": characters}
    trained = write_model(model, train_model(files, made_from))
    _show_telling(*telling_features(trained, files, top))
    click.echo(f"{model}: {_weights(trained):,} weights")


@quality.command(epilog="Example: hanmill quality score --model quality.parquet pages.jsonl")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--model", type=_FILE, help="A scorer.  [default: the one that comes with hanmill]")
@click.option("--text", "column", default="text", show_default=True, help="The column that holds the text.")
@click.option("-n", "count", type=click.IntRange(0), default=10, show_default=True, help="Texts of each file.")
def score(files: tuple[Path, ...], model: Path | None, column: str, count: int) -> None:
    """Prints the score of the first texts of FILES, the highest first."""
    from itertools import islice

    from hanmill.pipelines.clean.quality.model import read_model, shipped_model
    from hanmill.pipelines.text.printable import printable
    from hanmill.pipelines.training.quality_files import texts_of

    scorer = read_model(model) if model else shipped_model()
    for path in files:
        texts = islice(texts_of(path, column), count)
        for value, text in sorted(((scorer.score(text), text) for text in texts), reverse=True):
            click.echo(f"{value:.3f}  {printable(' '.join(text[: 4 * _SHOWN].split())[:_SHOWN])}")


def table(scored: Iterable[FileScore]) -> list[str]:
    """A line a file: its side, its texts, their quartiles and how many are on their side of one half."""
    import numpy as np

    lines = ["side  texts   25%   50%   75%  right  file"]
    for one in scored:
        low, middle, high = np.quantile(one.scores, (0.25, 0.5, 0.75))
        side = "good" if one.file.good else "bad "
        lines.append(
            f"{side} {len(one.scores):>6} {low:5.2f} {middle:5.2f} {high:5.2f}  {one.right:5.3f}  {_name(one.file)}"
        )
    return lines


def _name(file: TextFile) -> str:
    from hanmill.pipelines.text.printable import printable

    return printable(file.name)


def _weights(model: QualityModel) -> int:
    return int((model.weights != 0).sum())


def _show_telling(good: list[str], bad: list[str]) -> None:
    click.echo("\nspeaks for: " + "; ".join(good))
    click.echo("speaks against: " + "; ".join(bad))
