"""``hanmill simulate``: other thresholds on the measures that a corpus has stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import click

from hanmill.pipelines.build.garbage import needed
from hanmill.pipelines.clean.rules import check_rules
from hanmill.pipelines.corpus.simulate import KEPT, UNKNOWN, Example, lines_of
from hanmill.pipelines.corpus.simulate import simulate as judge_again
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import Manifest, ManifestError
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import load_recipe
from hanmill.schemas.typed_mapping import SettingError, from_mapping


@click.command(epilog="Example: hanmill simulate corpora/web stricter.yaml")
@click.argument("corpus", type=LocationParameter())
@click.argument("recipe")
@click.option("-n", "count", type=click.IntRange(0), default=3, show_default=True, help="Examples of every rule.")
def simulate(corpus: Location, recipe: str, count: int) -> None:
    """Says what the rules of RECIPE would keep of CORPUS, by what was measured when it was built.

    Reads no input. Only clean.languages and clean.rules of the recipe count; duplicates are not looked for again.
    """
    wanted = load_recipe(recipe).clean
    check_rules(wanted.rules)
    try:
        built = from_mapping(Recipe, Manifest.load(corpus).recipe).clean
    except SettingError as error:
        raise ManifestError(f"{corpus}: built by another version of hanmill: {error}") from error
    shards = sorted(path for path in needed(corpus, "simulate") if path.parent.name in ("documents", "dropped"))
    found = judge_again(shards, built, wanted, count)
    for line in _aligned(list(lines_of(found)), left=3):
        click.echo(line)
    rows = [("rule", "drops", "would drop")]
    rules = sorted(found.rules.items(), key=lambda item: (-max(item[1].values()), item[0]))
    rows += [(name, f"{c['before']:,}", f"{c['after']:,}") for name, c in rules if name not in (KEPT, UNKNOWN)]
    for line in ("", *_aligned(rows, left=1)):
        click.echo(line)
    _show("leaves", found.leaving.values())
    _show("enters, till now dropped", found.entering.values())
    if unknown := found.total()["unknown"]:
        click.echo(
            f"\n{unknown:,} documents cannot be told: a rule was not measured on them, for an earlier one dropped"
        )
        click.echo("them or it was for others; a build with clean.measure_all measures everything")


def _show(what: str, examples: Iterable[Sequence[Example]]) -> None:
    shown = list(chain.from_iterable(examples))
    if shown:
        click.echo("")
    for one in shown:
        value = "" if one.value is None else f" {one.value:.4g}"
        click.echo(f"{what} by {one.rule}{value}: {printable(one.title)} {printable(one.text)}".rstrip())


def _aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
