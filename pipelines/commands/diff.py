"""``hanmill diff``: what changed between two corpora."""

from __future__ import annotations

import click

from hanmill.pipelines.build.difference import difference, difference_lines
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter


@click.command(epilog="Example: hanmill diff corpora/web-2026-10 corpora/web-2026-11")
@click.argument("before", type=LocationParameter())
@click.argument("after", type=LocationParameter())
def diff(before: Location, after: Location) -> None:
    """Says what changed from one corpus to another: settings, inputs, counts, documents, words and readings."""
    for line in difference_lines(difference(before, after)):
        click.echo(line)
