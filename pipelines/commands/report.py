"""``hanmill report``: the page of a corpus, written again."""

from __future__ import annotations

import click

from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.report.page import REPORT_NAME
from hanmill.pipelines.build.report.page import report as page
from hanmill.pipelines.build.times import read_times
from hanmill.pipelines.corpus.atomic import write_text
from hanmill.pipelines.corpus.lock import locked
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.schemas.manifest import Manifest


@click.command(epilog="Example: hanmill report corpora/web --times")
@click.argument("corpus", type=LocationParameter())
@click.option("--times", is_flag=True, help="Show what the stages took too; the page is then no longer the build's.")
def report(corpus: Location, times: bool) -> None:
    """Writes report.html of a finished corpus again, from its manifest, findings.json and tables."""
    manifest, findings = Manifest.load(corpus), Findings.load(corpus)
    with locked(corpus):
        write_text(corpus / REPORT_NAME, page(corpus, manifest, findings, read_times(corpus) if times else ()))
    click.echo(corpus / REPORT_NAME)
