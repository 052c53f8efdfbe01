"""``hanmill segmenter``: word segmenters of one's own."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def segmenter() -> None:
    """Chinese word segmenters: training and scores."""


@segmenter.command()
@click.option("--train", "training", type=_FILE, required=True, help="Words with spaces between, or CoNLL-U; also .xz.")
@click.option("--dev", "development", type=_FILE, required=True, help="The same, for the choice of pass and the score.")
@click.option("--model", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where weights go.")
@click.option("--epochs", type=click.IntRange(1), default=8, show_default=True)
def train(training: Path, development: Path, model: Path, epochs: int) -> None:
    """Trains LTP weights and prints their score on the development text beside rjieba's."""
    from pipelines.annotate.chinese import ChineseSegmenter
    from pipelines.annotate.segmented_text import SegmentedTextError, read_segmented
    from pipelines.annotate.segmenter_score import score
    from pipelines.annotate.segmenter_training import train as train_weights
    from schemas.recipe import SegmentRecipe

    try:
        sentences, held_out = read_segmented(training), read_segmented(development)
    except SegmentedTextError as error:
        raise click.ClickException(str(error)) from error
    weights = train_weights(sentences, held_out, epochs)
    model.parent.mkdir(parents=True, exist_ok=True)
    weights.save(str(model))
    vocabulary = frozenset(word for sentence in sentences for word in sentence)
    texts = ["".join(sentence) for sentence in held_out]
    click.echo("segmenter\tprecision\trecall\tF\tOOV rate\tOOV recall\tIV recall")
    for name, settings in (
        ("ltp", SegmentRecipe(chinese="ltp", chinese_model=str(model))),
        ("rjieba", SegmentRecipe(chinese="rjieba")),
    ):
        found = [words.surfaces for words in ChineseSegmenter(settings).segment(texts)]
        result = score(held_out, found, vocabulary)
        rates = (
            result.precision, result.recall, result.f, result.unseen_rate, result.unseen_recall, result.seen_recall
        )  # fmt: skip
        click.echo("\t".join([name, *(f"{rate:.4f}" for rate in rates)]))
