"""``hanmill extract warc``: the pages of WARC and WET files and what the rules make of them, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipelines.clean.language import LanguageIdentifier
    from pipelines.sources.records import Record
    from schemas.recipe import CleanRecipe


@click.command("warc")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--recipe", "recipe_name", default="demo", show_default=True, help="Whose rules decide: a name or a file."
)
def warc(files: tuple[Path, ...], recipe_name: str) -> None:
    """Prints one JSON object for each record of each WARC or WET FILE that holds a page or cannot be read."""
    from pipelines.clean.language import LanguageIdentifier
    from pipelines.clean.rules import RuleError, check_rules
    from pipelines.sources.commoncrawl.reader import read_split
    from pipelines.sources.records import Split
    from schemas.recipe import CommonCrawlRecipe
    from schemas.recipe_file import RecipeError, load_recipe

    try:
        recipe = load_recipe(recipe_name)
        check_rules(recipe.clean.rules)
    except (RecipeError, RuleError) as error:
        raise click.ClickException(str(error)) from error
    identifier = LanguageIdentifier()
    settings = CommonCrawlRecipe(max_record_bytes=recipe.sources.commoncrawl.max_record_bytes)
    for file in files:
        try:
            split = Split("commoncrawl", str(file), 0, file.stat().st_size, "whole")
            for record in read_split(split, settings):
                line = describe(record, recipe.clean, identifier)
                if line:
                    click.echo(json.dumps({"file": str(file), **line}, ensure_ascii=False))
        except OSError as error:
            click.echo(json.dumps({"file": str(file), "error": f"{file}: {error.strerror}"}, ensure_ascii=False))


def describe(record: Record, clean: CleanRecipe, identifier: LanguageIdentifier) -> dict[str, Any]:
    """One record as a JSON-able object; empty for records that are no pages (requests, metadata)."""
    from pipelines.clean.profile import profile
    from pipelines.clean.rules import apply_rules, measure_rules
    from pipelines.sources.records import Dropped, Failed

    if isinstance(record, Failed):
        return {"place": record.place, "error": f"{record.kind}: {record.message}"}
    if isinstance(record, Dropped):
        if record.rule == "record_type@1":
            return {}
        return {
            "place": record.place,
            "url": record.url,
            "text": "",
            "kept": False,
            "dropped_by": record.rule,
            "measured": {record.rule: record.measured},
        }
    measured = profile(record.text)
    language = identifier.identify([record.text], [measured])[0]
    verdict = apply_rules([record], [measured], clean.rules)[0]
    dropped_by = verdict.rule if verdict else _refused_language(language.lang, clean.languages)
    return {
        "place": record.place,
        "url": record.url,
        "title": record.title,
        "charset": record.charset,
        "charset_from": record.charset_from,
        "lang": language.lang,
        "script": language.script,
        "profile": asdict(measured),
        "text": record.text,
        "kept": not dropped_by,
        "dropped_by": dropped_by,
        "measured": measure_rules(record, measured, clean.rules),
    }


def _refused_language(lang: str, languages: Sequence[str]) -> str | None:
    return "language@1" if languages and lang not in languages else None
