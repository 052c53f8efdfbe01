"""``hanmill fetch``: dumps and archives from their servers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from hanmill.pipelines.sources.commoncrawl import crawl_paths
from hanmill.pipelines.sources.downloads import Downloads, RemoteFile, checked_server
from hanmill.pipelines.sources.wikipedia import dump_status
from hanmill.pipelines.text.printable import printable

_OUTPUT = click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="The folder for the files.")
_LIST = click.option("--list", "only_list", is_flag=True, help="Prints addresses and sizes and fetches nothing.")


@click.group()
def fetch() -> None:
    """Downloads dumps and archives: one connection, checked, and gone on with where it broke off."""


@fetch.command(epilog="Example: hanmill fetch wikipedia jawiki 20261101 --output dumps")
@click.argument("wiki")
@click.argument("date")
@_OUTPUT
@click.option(
    "--job", default=dump_status.ARTICLES, show_default=True, help="Whose files, as the dump's status names it."
)
@_LIST
@click.option("--server", default=dump_status.SERVER, show_default=True, help="A mirror.")
def wikipedia(wiki: str, date: str, output: Path | None, job: str, only_list: bool, server: str) -> None:
    """Fetches the dump of a WIKI (jawiki, zhwiki, zh_yuewiki, …) of a DATE.

    Sizes and checksums are those of the dump's own status.
    """
    downloads = Downloads()
    _carry_out(
        dump_status.files_of_dump(checked_server(server), wiki, date, job, downloads), downloads, output, only_list
    )


@fetch.command(epilog="Example: hanmill fetch commoncrawl CC-MAIN-2026-10 --kind warc --first 3 --output crawl")
@click.argument("crawl")
@_OUTPUT
@click.option("--kind", type=click.Choice(crawl_paths.KINDS), default="warc", show_default=True)
@click.option("--first", type=click.IntRange(1), default=1, show_default=True, help="So many files of the list.")
@_LIST
@click.option("--server", default=crawl_paths.SERVER, show_default=True, help="A mirror.")
def commoncrawl(crawl: str, output: Path | None, kind: str, first: int, only_list: bool, server: str) -> None:
    """Fetches the first files of a CRAWL. The server publishes no checksums, so lengths alone are checked."""
    downloads = Downloads()
    files = crawl_paths.files_of_crawl(checked_server(server), crawl, kind, first, downloads)
    _carry_out(files, downloads, output, only_list)


def _carry_out(files: Sequence[RemoteFile], downloads: Downloads, output: Path | None, only_list: bool) -> None:
    if only_list:
        for file in files:
            click.echo(f"{'' if file.size is None else f'{file.size:,}':>16}  {printable(file.address)}")
        return
    if output is None:
        raise click.UsageError("Missing option '--output' (or --list).")
    for number, file in enumerate(files, 1):
        size = "" if file.size is None else f", {file.size:,} bytes"
        click.echo(f"{number} of {len(files)}: {printable(file.name)}{size}", err=True)
        fetched = downloads.fetch(file, output)
        click.echo(f"{output / file.name}{'' if fetched else '  (there already)'}")
