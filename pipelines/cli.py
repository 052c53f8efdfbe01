"""The command ``hanmill``: parses, calls, prints."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from pipelines import __version__
from pipelines.lazy_group import LazyGroup
from schemas.location_parameter import LocationParameter

if TYPE_CHECKING:
    from schemas.location import Location
    from schemas.recipe import Recipe

#: Commands by module and attribute, imported when asked for: torch and the annotators take seconds to load.
_LAZY = {
    "annotate": "pipelines.annotate.annotate_command:annotate",
    "export-model": "trainer.commands.export_model:export_model",
    "glyphs": "pipelines.annotate.glyphs_command:glyphs",
    "readings": "pipelines.annotate.pinyin_context_command:readings",
    "runs": "trainer.commands.runs:runs",
    "segmenter": "pipelines.annotate.segmenter_command:segmenter",
    "train": "trainer.commands.train:train",
    "unihan": "unihan.cli:unihan",
}
_LAZY_EXTRACT = {
    "html": "pipelines.extract.html_command:html",
    "warc": "pipelines.extract.warc_command:warc",
    "wikitext": "pipelines.extract.wikitext_command:wikitext",
}


class _Commands(LazyGroup):
    lazy = _LAZY


class _Extract(LazyGroup):
    lazy = _LAZY_EXTRACT


class InputSpec(click.ParamType):
    """``SOURCE=GLOB``."""

    name = "source=glob"

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> tuple[str, str]:
        """A pair of source and pattern."""
        source, separator, pattern = value.partition("=")
        if not separator or not pattern:
            self.fail(f"{value!r}: expected SOURCE=GLOB, such as wikipedia='dumps/*.bz2'", parameter, context)
        return source, pattern


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="hanmill")
def main() -> None:
    """Builds reproducible Chinese and Japanese pretraining corpora, and trains on them."""


@main.group(cls=_Extract)
def extract() -> None:
    """Shows what the readers make of a file, one JSON object a line."""


@main.group()
def recipe() -> None:
    """Recipes: what a corpus is made of."""


@recipe.command("show")
@click.argument("name")
def recipe_show(name: str) -> None:
    """Prints a recipe in full, every default written out."""
    from schemas.recipe_file import RecipeError, dump_recipe, load_recipe

    try:
        click.echo(dump_recipe(load_recipe(name)), nl=False)
    except RecipeError as error:
        _refuse(error)


def _what_to_build(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what is built, and where."""
    options = (
        click.argument("recipe_name", metavar="RECIPE"),
        click.option(
            "--input", "inputs", type=InputSpec(), multiple=True, required=True, help="Repeatable: SOURCE=GLOB."
        ),
        click.option(
            "--output", required=True, type=LocationParameter(), help="The corpus: a folder, s3://… or gs://…"
        ),
        click.option("--unihan-file", default="", help="A Unihan_Variants.txt for the recipe's cluster table."),
        click.option(
            "--decontaminate",
            "evaluation_files",
            multiple=True,
            metavar="FILE",
            help="Repeatable: drop documents that hold an item of this evaluation file.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _recipe_with(name: str, unihan_file: str, evaluation_files: Sequence[str]) -> Recipe:
    from schemas.recipe_file import load_recipe

    settings = load_recipe(name)
    if unihan_file:
        settings = replace(settings, unihan=replace(settings.unihan, file=unihan_file))
    if evaluation_files:
        clean = settings.clean
        decontaminate = replace(clean.decontaminate, files=(*clean.decontaminate.files, *evaluation_files))
        settings = replace(settings, clean=replace(clean, decontaminate=decontaminate))
    return settings


@main.command(context_settings={"ignore_unknown_options": True})
@_what_to_build
@click.option(
    "--workers", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="Local processes."
)
@click.option(
    "--force",
    multiple=True,
    type=click.Choice(["ingest", "deduplicate", "vocabulary", "annotate"]),
    help="Repeatable: make this stage's shards again though they are there.",
)
@click.option("--runner", default="", help="A Beam runner instead: FnApiRunner, PrismRunner, SparkRunner, …")
@click.option("--spark-master", default="", help="SparkRunner: the cluster, spark://HOST:PORT.")
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED, metavar="[BEAM OPTIONS]...")
def build(
    recipe_name: str,
    inputs: Sequence[tuple[str, str]],
    output: Location,
    unihan_file: str,
    evaluation_files: tuple[str, ...],
    workers: int,
    force: tuple[str, ...],
    runner: str,
    spark_master: str,
    beam_options: tuple[str, ...],
) -> None:
    """Builds the corpus of RECIPE (a built-in name or a YAML file)."""
    from pipelines.build import Build
    from pipelines.progress import show_progress
    from pipelines.single_job import SINGLE_JOB_RUNNERS, read_manifest, run_single_job
    from pipelines.stages.beam_stages import EngineError
    from pipelines.stages.engine import BeamRunner, LocalProcesses
    from pipelines.stages.engine_options import given_options
    from pipelines.stages.pool import TaskError, WorkerDiedError
    from pipelines.storage.lock import CorpusLockedError
    from schemas.manifest import ManifestError

    if spark_master:
        beam_options = (f"--spark_master_url={spark_master}", *beam_options)
        runner = runner or "SparkRunner"
    if beam_options and not runner:
        raise click.UsageError(f"{beam_options[0]}: no such option (Beam options need --runner)")
    if force and runner in SINGLE_JOB_RUNNERS:
        raise click.UsageError(f"--force is for builds that are led from here, not for {runner}")
    try:
        settings = _recipe_with(recipe_name, unihan_file, evaluation_files)
        if runner in SINGLE_JOB_RUNNERS:
            run_single_job(settings, inputs, output, runner, beam_options)
            if "template_location" in given_options(beam_options):
                click.echo("template of the whole build; no corpus was built")
                return
            manifest = read_manifest(output)
        else:
            engine = BeamRunner(runner, beam_options) if runner else LocalProcesses(workers)
            manifest = Build(settings, tuple(inputs), output, engine, show_progress, frozenset(force)).run()
    except _refusals() as error:
        _refuse(error)
    except (CorpusLockedError, EngineError, ManifestError, OSError, TaskError, WorkerDiedError) as error:
        raise click.ClickException(f"{error}\nnothing finished is lost: run the same command again") from error
    account = manifest.accounting
    failed = sum(account.failed.values())
    click.echo(f"read     {account.read:>9,}")
    click.echo(f"kept     {account.kept:>9,}   {manifest.measures.get('characters', 0):,} characters")
    for rule, count in sorted(account.dropped.items(), key=lambda item: -item[1]):
        click.echo(f"dropped  {count:>9,}   {rule}")
    for kind, count in sorted(account.failed.items(), key=lambda item: -item[1]):
        click.echo(f"failed   {count:>9,}   {kind}")
    if failed:
        click.echo(f"failed   {failed / account.read:>9.3%}   of the records read")
        click.echo(f"lost     {account.bytes_lost:>9,}   bytes of input, as far as the failures tell")
    click.echo(f"corpus   {output}\ncounts   {output / 'manifest.json'}\nreport   {output / 'report.html'}")
    allowed = manifest.recipe["clean"]["max_failed_share"]
    if failed > allowed * account.read:
        raise click.ClickException(f"{failed:,} of {account.read:,} records failed; the recipe allows {allowed:.0%}")


@main.command()
@_what_to_build
def plan(
    recipe_name: str,
    inputs: Sequence[tuple[str, str]],
    output: Location,
    unihan_file: str,
    evaluation_files: tuple[str, ...],
) -> None:
    """Shows what a build would run, and why; writes nothing."""
    from pipelines.outlook import outlook

    try:
        stages = outlook(_recipe_with(recipe_name, unihan_file, evaluation_files), inputs, output)
    except _refusals() as error:
        _refuse(error)
        return
    click.echo(f"{'stage':<12} {'shards':>9} {'to run':>9}   why")
    for stage in stages:
        number = f"{stage.to_run:,}" if stage.certain else f"≤ {stage.to_run:,}"
        first, *others = stage.reasons or ("",)
        click.echo(f"{stage.name:<12} {stage.shards:>9,} {number:>9}   {first}".rstrip())
        for reason in others:
            click.echo(f"{'':<35}{reason}")


@main.command()
@click.argument("corpus", type=LocationParameter())
@click.option("--delete", is_flag=True, help="Remove them; without it they are only listed.")
def gc(corpus: Location, delete: bool) -> None:
    """Lists the shards that a finished corpus no longer needs, or removes them."""
    from pipelines.finish.garbage import garbage
    from pipelines.storage.lock import CorpusLockedError, UnwritableError, locked
    from schemas.manifest import ManifestError

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
    except (ManifestError, UnwritableError) as error:
        _refuse(error)
        return
    except (CorpusLockedError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(found):,} files, {size:,} bytes{' removed' if delete else '; nothing removed (--delete does)'}")


@main.command()
@click.argument("corpus", type=LocationParameter())
@click.option("--lang", default="", help="Only documents of this language.")
@click.option("-n", "count", type=click.IntRange(1), default=3, show_default=True, help="Documents.")
@click.option("--characters", type=click.IntRange(1), default=160, show_default=True, help="Characters shown of each.")
@click.option("--raw", is_flag=True, help="Also the text before normalisation.")
def inspect(corpus: Location, lang: str, count: int, characters: int, raw: bool) -> None:
    """Shows documents with every annotation under the text."""
    from pipelines.inspect import inspect as lines
    from schemas.manifest import ManifestError

    try:
        for line in lines(corpus, lang, count, characters, shutil.get_terminal_size((110, 24)).columns, raw):
            click.echo(line)
    except (ManifestError, OSError) as error:
        _refuse(error)


@main.command()
@click.argument("corpus", type=LocationParameter())
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
def verify(corpus: Location, as_json: bool) -> None:
    """Recomputes hashes, counts, lengths and the accounting; names the first thing that is off (exit 1)."""
    from pipelines.verify import CorpusError
    from pipelines.verify import verify as check
    from schemas.manifest import ManifestError

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


def _refusals() -> tuple[type[Exception], ...]:
    """What is wrong with a recipe, an input or an output, found before anything is written."""
    from pipelines.annotate.faces import FaceError
    from pipelines.annotate.words import SegmenterError
    from pipelines.build import OutputError
    from pipelines.clean.rules import RuleError
    from pipelines.content_address import NamedFileError
    from pipelines.dedup.evaluation import EvaluationFileError
    from pipelines.sources.plan import InputError
    from pipelines.stages.engine_options import EngineOptionError
    from pipelines.storage.lock import UnwritableError
    from pipelines.vocabulary.characters import VocabularyError
    from schemas.recipe_file import RecipeError
    from unihan import UnihanError

    return (
        EngineOptionError,
        EvaluationFileError,
        FaceError,
        InputError,
        NamedFileError,
        OutputError,
        RecipeError,
        RuleError,
        SegmenterError,
        UnihanError,
        UnwritableError,
        VocabularyError,
    )


def _refuse(error: Exception) -> None:
    """One line on stderr, exit code 2: what was asked for cannot be done."""
    click.echo(f"hanmill: {error}", err=True)
    sys.exit(2)
