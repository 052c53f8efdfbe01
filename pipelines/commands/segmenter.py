"""``hanmill segmenter``: word segmenters of one's own."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def segmenter() -> None:
    """Chinese word segmenters: training and scores."""


@segmenter.command()
@click.option(
    "--train", "training", type=_FILE, required=True, multiple=True,
    help="Words with spaces between, or CoNLL-U; also .xz. May be given several times.",
)  # fmt: skip
@click.option("--dev", "development", type=_FILE, required=True, help="The same, for the score (LTP: and the pass).")
@click.option("--model", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where weights go.")
@click.option("--kind", type=click.Choice(["pointwise", "ltp"]), default="pointwise", show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the text.  [default: 5; ltp: 8]")
def train(training: tuple[Path, ...], development: Path, model: Path, kind: str, epochs: int | None) -> None:
    """Trains weights and prints their score on the development text beside rjieba's."""
    from hanmill.pipelines.annotate.chinese.pointwise_model import write_model
    from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
    from hanmill.pipelines.training.segmented_text import SegmentedTextError, read_segmented
    from hanmill.pipelines.training.segmenter_score import score
    from hanmill.pipelines.training.segmenter_training import train_ltp, train_pointwise
    from hanmill.schemas.hashing import file_sha256
    from hanmill.schemas.recipe import SegmentRecipe

    try:
        sentences = [sentence for path in training for sentence in read_segmented(path)]
        held_out = read_segmented(development)
    except SegmentedTextError as error:
        raise click.ClickException(str(error)) from error
    model.parent.mkdir(parents=True, exist_ok=True)
    if kind == "ltp":
        train_ltp(sentences, held_out, epochs or 8).save(str(model))
    else:
        files = {path.name: file_sha256(path) for path in training}
        write_model(model, train_pointwise(sentences, epochs or 5, {"files": files, "epochs": epochs or 5}))
    vocabulary = frozenset(word for sentence in sentences for word in sentence)
    texts = ["".join(sentence) for sentence in held_out]
    click.echo("segmenter\tprecision\trecall\tF\tOOV rate\tOOV recall\tIV recall")
    trained = SegmentRecipe("ltp" if kind == "ltp" else "pointwise", str(model))
    for name, settings in ((kind, trained), ("rjieba", SegmentRecipe(chinese="rjieba"))):
        found = [words.surfaces for words in ChineseSegmenter(settings).segment(texts)]
        result = score(held_out, found, vocabulary)
        rates = (
            result.precision, result.recall, result.f, result.unseen_rate, result.unseen_recall, result.seen_recall
        )  # fmt: skip
        click.echo("\t".join([name, *(f"{rate:.4f}" for rate in rates)]))
