"""``hanmill browse``: a corpus in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter


@click.command(epilog="Example: hanmill browse corpora/web --marks marks")
@click.argument("corpus", type=LocationParameter())
@click.option("--port", type=click.IntRange(0, 65535), default=8421, show_default=True, help="0: any free one.")
@click.option(
    "--marks",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("marks"),
    show_default=True,
    help="Folder for good.jsonl, bad.jsonl and readings put right.",
)
def browse(corpus: Location, port: int, marks: Path) -> None:
    """Shows documents of CORPUS, kept and refused, with their annotations, on a page of this machine.

    Search by text, address, rule, language, source or uid; what is marked good or bad is written to files that quality
    train takes, readings put right to files that readings train takes. Ctrl-C ends it.
    """
    from hanmill.pipelines.build.browse.marks import Marks
    from hanmill.pipelines.build.browse.server import ADDRESS, BrowseServer

    with BrowseServer(corpus, Marks(marks), port) as server:
        click.echo(f"http://{ADDRESS}:{server.server_port}/  (Ctrl-C ends)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("")
