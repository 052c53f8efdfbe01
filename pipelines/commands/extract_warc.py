"""``hanmill extract warc``: the pages of WARC, WET and ARC files and what a build would make of them, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from hanmill.pipelines.clean.batch import Kept
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.clean.rules import measure_rules
from hanmill.pipelines.commands.missing_files import end_where_missing
from hanmill.pipelines.corpus.ingest import Ingest
from hanmill.pipelines.corpus.word_cutter import word_cutter
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.records import Dropped, Failed, Split
from hanmill.pipelines.text.printable import json_line
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import load_recipe


@click.command("warc", epilog="Example: hanmill extract warc crawl.warc.gz | head -3")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--recipe", "recipe_name", default="demo", show_default=True, help="Whose rules decide: a name or a file."
)
def warc(files: tuple[Path, ...], recipe_name: str) -> None:
    """Prints one JSON object for each record of each FILE that holds a page or cannot be read.

    A page that a build by the recipe would keep is shown as it would be kept, masked and normalised; of duplicates
    nothing is known here.
    """
    recipe = load_recipe(recipe_name)
    ingest = Ingest(recipe, word_cutter(recipe))
    for file in files:
        try:
            split = Split("commoncrawl", str(file), 0, file.stat().st_size, "whole")
            for line in _lines(split, ingest, recipe):
                click.echo(json_line({"file": str(file), **line}))
        except OSError as error:
            click.echo(json_line({"file": str(file), "error": f"{file}: {error.strerror}"}))
    end_where_missing(files)


def _lines(split: Split, ingest: Ingest, recipe: Recipe) -> Iterator[dict[str, Any]]:
    """An object for every record but those that are no pages (requests, metadata)."""
    extracted: dict[str, Document] = {}
    for outcome in ingest.outcomes(split, extracted):
        if isinstance(outcome, Failed):
            yield {"place": outcome.place, "error": f"{outcome.kind}: {outcome.message}"}
        elif isinstance(outcome, Dropped) and outcome.place not in extracted:
            if outcome.rule != "record_type@1":
                measured = {outcome.rule: outcome.measured}
                yield {"place": outcome.place, "url": outcome.url, "text": ""} | _verdict(outcome, measured)
        else:
            place = outcome.document.place if isinstance(outcome, Kept) else outcome.place
            yield _page(extracted.pop(place), outcome, recipe)


def _page(document: Document, outcome: Kept | Dropped, recipe: Recipe) -> dict[str, Any]:
    counted = profile(document.text)
    line: dict[str, Any] = {
        "place": document.place,
        "url": document.url,
        "title": document.title,
        "charset": document.charset,
        "charset_from": document.charset_from,
        "profile": counted._asdict(),
    }
    if isinstance(outcome, Kept):
        line |= {"lang": outcome.lang, "script": outcome.script, "text": outcome.document.text}
        line["masked"] = {**outcome.masked}
    else:
        line |= {"text": document.text}
    return line | _verdict(outcome, measure_rules(document, counted, recipe.clean.rules))


def _verdict(outcome: Kept | Dropped, measured: dict[str, float | None] | dict[str, float]) -> dict[str, Any]:
    dropped_by = outcome.rule if isinstance(outcome, Dropped) else None
    return {"kept": dropped_by is None, "dropped_by": dropped_by, "measured": measured}
