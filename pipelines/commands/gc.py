"""``hanmill gc``: shards that are no longer needed."""

from __future__ import annotations

import click

from hanmill.pipelines.build.garbage import garbage
from hanmill.pipelines.corpus.lock import locked
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import ManifestError


@click.command()
@click.argument("corpus", type=LocationParameter())
@click.option("--delete", is_flag=True, help="Remove them; without it they are only listed.")
def gc(corpus: Location, delete: bool) -> None:
    """Lists the shards that a finished corpus no longer needs, or removes them."""
    try:
        if not corpus.is_dir():
            raise ManifestError(f"{corpus}: no finished corpus here")
        with locked(corpus):
            found = garbage(corpus)
            size = sum(path.stat().st_size for path in found)
            for path in found:
                click.echo(path)
                if delete:
                    path.unlink()
    except OSError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(found):,} files, {size:,} bytes{' removed' if delete else '; nothing removed (--delete does)'}")
