"""``hanmill annotate``: the annotators from a shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

import click

from hanmill.pipelines.commands.refusal import Refusal

_BATCH = 64


@click.command(epilog="Example: echo 银行行长 | hanmill annotate - --lang zh")
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
@click.option("--lang", type=click.Choice(["zh", "ja", "auto"]), default="auto", show_default=True)
@click.option("--recipe", "recipe_name", default="demo", show_default=True, help="A built-in recipe or a YAML file.")
def annotate(file: BinaryIO, lang: str, recipe_name: str) -> None:
    """Prints one JSON object per line of FILE (UTF-8): characters with cluster and pinyin, words with readings."""
    from hanmill.pipelines.annotate.line_annotator import LineAnnotator
    from hanmill.pipelines.annotate.pinyin.context_model import ReadingsModelError
    from hanmill.pipelines.annotate.words import SegmenterError
    from hanmill.pipelines.clean.language import LanguageIdentifier
    from hanmill.pipelines.clean.profile import profiles
    from hanmill.pipelines.text.printable import json_line
    from hanmill.pipelines.vocabulary.characters import VocabularyError
    from hanmill.schemas.recipe_file import RecipeError, load_recipe
    from hanmill.unihan import UnihanError

    identifier = LanguageIdentifier() if lang == "auto" else None
    try:
        annotator = LineAnnotator(load_recipe(recipe_name))
        for batch in _batches(_decoded(file)):
            if identifier is None:
                languages = [lang] * len(batch)
            else:
                languages = [found.lang for found in identifier.identify(batch, profiles(batch))]
            for annotated in annotator.annotate(batch, languages):
                click.echo(json_line(annotated))
    except (ReadingsModelError, RecipeError, SegmenterError, VocabularyError, UnihanError) as error:
        raise Refusal(str(error)) from error


def _decoded(file: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        try:
            yield line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            name = getattr(file, "name", "-")
            message = f"{name}, line {number}: byte {line[error.start]:#04x} at {error.start} is not UTF-8"
            raise click.ClickException(message) from error


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch
