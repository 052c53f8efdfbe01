"""``hanmill readings``: context models of one's own, and how right they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
    from hanmill.pipelines.annotate.pinyin.text_reader import TextReader
    from hanmill.pipelines.training.japanese_reading_files import ReadingFiles

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def readings() -> None:
    """Readings of Chinese polyphones and Japanese words in context: training and scores.

    SENT holds a sentence a line with one character marked, as in ▁行▁; LB its pinyin a line, such as hang2.
    """


@readings.command(epilog="Example: hanmill readings train cpp.sent cpp.lb --output readings.bin")
@click.argument("files", metavar="SENT LB | ANNOTATED...", nargs=-1, required=True, type=_FILE)
@click.option("--lang", type=click.Choice(["zh", "ja"]), default="zh", show_default=True)
@click.option(
    "--words",
    type=(_FILE, _FILE),
    metavar="SENT LB",
    help="Marked words of a dictionary and the like: learnt beside, never scored.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the model goes.")
@click.option("--folds", type=click.IntRange(2), default=5, show_default=True, help="Of the cross-validation.")
@click.option("--contexts", type=_FILE, multiple=True, help="ja: words in short contexts, a tab-separated file.")
@click.option("--taught", type=_FILE, multiple=True, help="ja: text read by another program, in ANNOTATED's form.")
@click.option("--judged", type=_FILE, multiple=True, help="ja: the same in long words, which names must agree with.")
@click.option("--jmdict", type=_FILE, help="ja: jamdict-data's file; phrases are made of it and written too.")
@click.option("--names", type=_FILE, help="ja: names and their katakana, for the phrases.")
@click.option("--phrases", type=click.Path(dir_okay=False, path_type=Path), help="ja: where the phrases go.")
def train(
    files: tuple[Path, ...],
    lang: str,
    words: tuple[Path, Path] | None,
    output: Path,
    folds: int,
    contexts: tuple[Path, ...],
    taught: tuple[Path, ...],
    judged: tuple[Path, ...],
    jmdict: Path | None,
    names: Path | None,
    phrases: Path | None,
) -> None:
    """Trains a model on all sentences and prints how right it is on sentences held out (cross-validation).

    Chinese takes SENT and LB, Japanese corpora with a word and its reading a line.
    """
    if lang == "ja":
        from hanmill.pipelines.training.japanese_reading_files import ReadingFiles

        _train_japanese(ReadingFiles(files, contexts, taught, judged), jmdict, names, phrases, output, folds)
        return
    if len(files) != 2:
        raise click.UsageError(f"found {len(files)} files, expected SENT and LB")
    _train_chinese(*files, words, output, folds)


def _train_japanese(
    files: ReadingFiles,
    jmdict: Path | None,
    names: Path | None,
    phrases: Path | None,
    output: Path,
    folds: int,
) -> None:
    from hanmill.pipelines.annotate.japanese.reading_model import (
        SHIPPED_PHRASES,
        read_phrases,
        write_model,
        write_phrases,
    )
    from hanmill.pipelines.training.japanese_dictionaries import DictionaryFileError
    from hanmill.pipelines.training.japanese_marked_text import JapaneseTextError
    from hanmill.pipelines.training.japanese_reading_files import make_model, make_phrases, with_more_phrases
    from hanmill.schemas.hashing import file_sha256

    if (jmdict is None) != (phrases is None):
        raise click.UsageError("--jmdict and --phrases: expected both or neither")
    try:
        found = make_phrases(files, jmdict, names) if jmdict else read_phrases(SHIPPED_PHRASES).phrases()
        model, score = make_model(files, found, folds)
        if jmdict and phrases:
            found = with_more_phrases(found, model, jmdict)
            write_phrases(phrases, found, files.made_from(jmdict, *([names] if names else [])))
            click.echo(f"{phrases}: {len(found):,} phrases, sha256 {file_sha256(phrases)}")
    except (JapaneseTextError, DictionaryFileError) as error:
        raise click.ClickException(str(error)) from error
    write_model(output, model)
    click.echo(f"{score.words:,} words with several readings, {folds} folds; share read right")
    for name, count in (("dictionary", score.dictionary), ("model", score.model)):
        click.echo(f"{name:<18} {count / max(score.words, 1):.4f}")
    weights = sum(len(word.weights) for word in model.words.values())
    click.echo(f"{output}: {len(model.words):,} words, {weights:,} features, sha256 {file_sha256(output)}")


def _train_chinese(sent: Path, lb: Path, words: tuple[Path, Path] | None, output: Path, folds: int) -> None:
    from hanmill.pipelines.annotate.pinyin.context_model import write_model
    from hanmill.pipelines.training.marked_polyphones import MarkedTextError, read_marked
    from hanmill.pipelines.training.pinyin_context_training import cross_validate
    from hanmill.pipelines.training.pinyin_context_training import train as train_model
    from hanmill.schemas.hashing import file_sha256

    reader = _reader()
    try:
        sentences = read_marked(sent, lb)
        beside = read_marked(*words) if words else []
        found = cross_validate(sentences, reader, folds, beside)
        files = (sent, lb, *(words or ()))
        made_from = {"files": {path.name: file_sha256(path) for path in files}, "sentences": len(sentences)}
        model = train_model(sentences, reader, made_from, beside)
    except (MarkedTextError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    write_model(output, model)
    click.echo(f"{found.sentences:,} sentences, {folds} folds; share of marked characters read right")
    for name, count in (
        ("pypinyin", found.pypinyin),
        ("commonest reading", found.commonest),
        ("context", found.context),
    ):
        click.echo(f"{name:<18} {count / found.sentences:.4f}")
    click.echo(
        f"{output}: {len(model.readings):,} characters, {len(model.slots):,} weights, sha256 {file_sha256(output)}"
    )


@readings.command(epilog="Example: hanmill readings score dev.sent dev.lb --model readings.bin")
@click.argument("sent", type=_FILE)
@click.argument("lb", type=_FILE)
@click.option("--model", type=_FILE, help="A model file; the one that comes with the program without it.")
def score(sent: Path, lb: Path, model: Path | None) -> None:
    """Prints how many marked characters pypinyin and a model read right.

    The model should not have been trained on these sentences.
    """
    from hanmill.pipelines.annotate.pinyin.context import ContextPinyin
    from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL, ReadingsModelError, read_model
    from hanmill.pipelines.annotate.pinyin.neural_reader import neural_reader
    from hanmill.pipelines.training.marked_polyphones import MarkedTextError, read_marked
    from hanmill.pipelines.training.pinyin_context_training import right
    from hanmill.schemas.hashing import file_sha256

    reader = _reader()
    try:
        sentences = read_marked(sent, lb)
        weights = read_model(model or SHIPPED_MODEL)
        annotators: dict[str, PinyinAnnotator | ContextPinyin] = {
            "pypinyin": reader.dictionary,
            "context": ContextPinyin(weights, reader, neural_reader()),
        }
    except (MarkedTextError, ReadingsModelError) as error:
        raise click.ClickException(str(error)) from error
    if file_sha256(sent) in weights.made_from.get("files", {}).values():
        click.echo("the model was trained on these sentences: its share says nothing about others", err=True)
    click.echo(f"{len(sentences):,} sentences; share of marked characters read right")
    for name, annotator in annotators.items():
        click.echo(f"{name:<18} {right(annotator, sentences).mean():.4f}")


def _reader() -> TextReader:
    """pypinyin's dictionaries over the words of the segmenter that comes with the program."""
    from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
    from hanmill.pipelines.annotate.pinyin.text_reader import TextReader
    from hanmill.pipelines.annotate.segmenters import Segmenters
    from hanmill.schemas.recipe import SegmentRecipe

    return TextReader(PinyinAnnotator(), Segmenters(SegmentRecipe()).of("zh"))
