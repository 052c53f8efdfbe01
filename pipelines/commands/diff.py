"""``hanmill diff``: what changed between two corpora."""

from __future__ import annotations

import click

from hanmill.pipelines.build.difference import difference, difference_lines
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import ManifestError


@click.command(epilog="Example: hanmill diff corpora/web-2026-10 corpora/web-2026-11")
@click.argument("before", type=LocationParameter())
@click.argument("after", type=LocationParameter())
def diff(before: Location, after: Location) -> None:
    """Says what changed from one corpus to another: settings, inputs, counts, documents, words and readings."""
    try:
        found = difference(before, after)
    except OSError as error:
        raise ManifestError(str(error)) from error
    for line in difference_lines(found):
        click.echo(line)
