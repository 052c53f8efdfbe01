"""``hanmill build``: builds a corpus."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import click

from hanmill.pipelines.build.build import Build
from hanmill.pipelines.build.stages import PARTS
from hanmill.pipelines.commands.plan import show_plan
from hanmill.pipelines.commands.progress import ProgressForm, progress_in
from hanmill.pipelines.commands.what_to_build import recipe_with, what_to_build
from hanmill.pipelines.engines.beam_runner import BeamRunner
from hanmill.pipelines.engines.engine import LocalProcesses
from hanmill.pipelines.engines.engine_options import given_options
from hanmill.pipelines.engines.single_job import SINGLE_JOB_RUNNERS, read_manifest, run_single_job
from hanmill.schemas.errors import STOPPED, HanmillError
from hanmill.schemas.location import Location
from hanmill.schemas.manifest import Manifest, ManifestError

_EXAMPLE = (
    "Example: hanmill build web --input 'wikipedia=dumps/*.bz2' --input 'commoncrawl=crawl/*.warc.gz' "
    "--output corpora/web --set clean.languages=[zh]"
)


@click.command(context_settings={"ignore_unknown_options": True}, epilog=_EXAMPLE)
@what_to_build
@click.option(
    "--workers", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="Local processes."
)
@click.option(
    "--force",
    multiple=True,
    type=click.Choice(PARTS),
    help="Repeatable: make this part's shards again though they are there.",
)
@click.option("--runner", default="", help="A Beam runner instead: FnApiRunner, PrismRunner, SparkRunner, …")
@click.option("--spark-master", default="", help="SparkRunner: the cluster, spark://HOST:PORT.")
@click.option("--dry-run", is_flag=True, help="Only show what would run, as hanmill plan does; write nothing.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of progress."
)
@click.option("-v", "--verbose", is_flag=True, help="Name every shard that is done.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED, metavar="[BEAM OPTIONS]...")
def build(
    recipe_name: str,
    inputs: Sequence[tuple[str, str]],
    output: Location,
    changes: tuple[str, ...],
    unihan_file: str,
    evaluation_files: tuple[str, ...],
    workers: int,
    force: tuple[str, ...],
    runner: str,
    spark_master: str,
    dry_run: bool,
    log_format: str,
    verbose: bool,
    quiet: bool,
    beam_options: tuple[str, ...],
) -> None:
    """Builds the corpus of RECIPE (a built-in name or a YAML file)."""
    if spark_master:
        beam_options = (f"--spark_master_url={spark_master}", *beam_options)
        runner = runner or "SparkRunner"
    if beam_options and not runner:
        raise click.UsageError(f"{beam_options[0]}: no such option (Beam options need --runner)")
    if force and runner in SINGLE_JOB_RUNNERS:
        raise click.UsageError(f"--force is for builds that are led from here, not for {runner}")
    recipe = recipe_with(recipe_name, changes, unihan_file, evaluation_files)
    if dry_run:
        show_plan(recipe, inputs, output)
        return
    progress = progress_in(ProgressForm(log_format, verbose, quiet))
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if runner in SINGLE_JOB_RUNNERS:
            run_single_job(recipe, inputs, output, runner, beam_options)
            if "template_location" in given_options(beam_options):
                click.echo("template of the whole build; no corpus was built")
                return
            manifest = read_manifest(output)
        elif runner:
            manifest = BeamRunner(runner, beam_options).build(recipe, inputs, output, frozenset(force))
        else:
            local = Build(recipe, tuple(inputs), output, LocalProcesses(workers), progress, frozenset(force))
            manifest = local.run()
    except KeyboardInterrupt:
        click.echo("\nhanmill: stopped; nothing finished is lost: run the same command again", err=True)
        sys.exit(STOPPED)
    except ManifestError as error:
        raise click.ClickException(str(error)) from error
    except (HanmillError, OSError) as error:
        if isinstance(error, HanmillError) and error.exit_code != STOPPED:
            raise
        click.echo(f"hanmill: {error}\nnothing finished is lost: run the same command again", err=True)
        sys.exit(STOPPED)
    finally:
        # Whoever called this from a program of his own has his handler again.
        signal.signal(signal.SIGTERM, before)
    _summarise(manifest, output)


def _summarise(manifest: Manifest, output: Location) -> None:
    account = manifest.accounting
    failed = sum(account.failed.values())
    click.echo(f"read     {account.read:>9,}")
    click.echo(f"kept     {account.kept:>9,}   {manifest.measures.get('characters', 0):,} characters")
    for rule, count in sorted(account.dropped.items(), key=lambda item: -item[1]):
        click.echo(f"dropped  {count:>9,}   {rule}")
    for mask, count in sorted(account.masked.items(), key=lambda item: -item[1]):
        click.echo(f"masked   {count:>9,}   {mask}")
    for kind, count in sorted(account.failed.items(), key=lambda item: -item[1]):
        click.echo(f"failed   {count:>9,}   {kind}")
    if failed:
        click.echo(f"failed   {failed / account.read:>9.3%}   of the records read")
        click.echo(f"lost     {account.bytes_lost:>9,}   bytes of input, as far as the failures tell")
    click.echo(f"corpus   {output}\ncounts   {output / 'manifest.json'}\nreport   {output / 'report.html'}")
    allowed = manifest.recipe["clean"]["max_failed_share"]
    if failed > allowed * account.read:
        raise click.ClickException(f"{failed:,} of {account.read:,} records failed; the recipe allows {allowed:.0%}")
    if not account.kept:
        raise click.ClickException(f"no document was kept of {account.read:,} records read: the report says why")
