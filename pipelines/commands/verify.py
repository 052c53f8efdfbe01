"""``hanmill verify``: a corpus against its manifest and its own invariants."""

from __future__ import annotations

import json

import click

from hanmill.pipelines.corpus.verify import CorpusError
from hanmill.pipelines.corpus.verify import verify as check
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import ManifestError


@click.command()
@click.argument("corpus", type=LocationParameter())
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
def verify(corpus: Location, as_json: bool) -> None:
    """Recomputes hashes, counts, lengths and the accounting; names the first thing that is off (exit 1)."""
    try:
        manifest = check(corpus)
    except (CorpusError, ManifestError, OSError) as error:
        raise click.ClickException(str(error)) from error
    counts = {
        "documents": manifest.accounting.kept,
        "characters": manifest.measures.get("characters", 0),
        "shards": len(manifest.train) + len(manifest.validation),
        "tables": len(manifest.tables),
    }
    click.echo(json.dumps(counts) if as_json else "sound: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()))
