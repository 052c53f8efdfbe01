"""``hanmill stats``: the figures of a corpus."""

from __future__ import annotations

import click

from hanmill.pipelines.build.corpus_stats import corpus_stats, stats_lines
from hanmill.pipelines.build.report.findings import FINDINGS_NAME, Findings
from hanmill.pipelines.build.times import read_times
from hanmill.pipelines.text.printable import json_line
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import Manifest


@click.command(epilog="Example: hanmill stats corpora/web --json | jq .records")
@click.argument("corpus", type=LocationParameter())
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def stats(corpus: Location, as_json: bool) -> None:
    """Says how many records, documents, characters and words a corpus has, by source, language and script,
    and how long the stages of local builds took."""
    manifest = Manifest.load(corpus)
    # A corpus of WriteCorpus has none.
    findings = Findings.load(corpus) if (corpus / FINDINGS_NAME).is_file() else Findings()
    found = corpus_stats(manifest, findings, read_times(corpus))
    for line in [json_line(found)] if as_json else stats_lines(found):
        click.echo(line)
