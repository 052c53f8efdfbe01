"""``hanmill inspect``: documents of a corpus."""

from __future__ import annotations

import shutil

import click

from hanmill.pipelines.corpus.inspect import inspect as annotated_lines
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import ManifestError


@click.command()
@click.argument("corpus", type=LocationParameter())
@click.option("--lang", default="", help="Only documents of this language.")
@click.option("-n", "count", type=click.IntRange(1), default=3, show_default=True, help="Documents.")
@click.option("--characters", type=click.IntRange(1), default=160, show_default=True, help="Characters shown of each.")
@click.option("--raw", is_flag=True, help="Also the text before masks and normalisation.")
def inspect(corpus: Location, lang: str, count: int, characters: int, raw: bool) -> None:
    """Shows documents with every annotation under the text."""
    width = shutil.get_terminal_size((110, 24)).columns
    try:
        for line in annotated_lines(corpus, lang, count, characters, width, raw):
            click.echo(line)
    except BrokenPipeError:
        # Whoever reads has seen enough; click ends in silence.
        raise
    except OSError as error:
        raise ManifestError(str(error)) from error
