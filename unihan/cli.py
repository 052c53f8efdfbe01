"""The command group ``hanmill unihan``: parses, calls, prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

import click

from hanmill.unihan.clusters import ClusterTable, Representative, clusters
from hanmill.unihan.codepoints import notation, parse_codepoint
from hanmill.unihan.errors import SourceError, UnihanError
from hanmill.unihan.graph import VariantGraph
from hanmill.unihan.ivs import base_character
from hanmill.unihan.sources import DEFAULT_SOURCES, expand_sources, load_graph, version_warning
from hanmill.unihan.triples import kept_triples, triples
from hanmill.unihan.vocabulary_file import read_vocabulary

_P = ParamSpec("_P")
_R = TypeVar("_R")
_FILE = click.Path(path_type=Path)
_SHOWN_PROBLEMS = 5


class _OneLineError(click.ClickException):
    """One line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Error: {' '.join(self.format_message().split())}", file=file or sys.stderr)


class _Command(click.Command):
    """A command whose every error, its own and click's, is one line and exit code 2."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise _OneLineError(error.format_message()) from error

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UnihanError as error:
            raise _OneLineError(str(error)) from error


class _Group(click.Group):
    command_class = _Command

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(context, args)
        except click.UsageError as error:
            raise _OneLineError(error.format_message()) from error


@click.group(cls=_Group)
def unihan() -> None:
    """Variants of Chinese characters: clusters, and who says so."""


def _graph_options(command: Callable[_P, _R]) -> Callable[_P, _R]:
    for option in (
        click.option("--user-tsv", type=_FILE, help="Add your own pairs: character, tab, character."),
        click.option(
            "--sources", metavar="NAMES", help="Sources between commas: default, unihan, opencc, opencc:t2s …"
        ),
        click.option("--fields", metavar="NAMES", help="Unihan fields between commas, such as kZVariant."),
        click.option(
            "--file", "file", type=_FILE, help="Unihan_Variants.txt or Unihan.zip instead of the embedded 15.0."
        ),
    ):
        command = option(command)
    return command


def _graph(file: Path | None, fields: str | None, sources: str | None, user_tsv: Path | None) -> VariantGraph:
    """A file or fields without sources mean Unihan alone; nothing at all means the default sources."""
    names = list(expand_sources(sources.split(","))) if sources else []
    if fields:
        chosen = [f"unihan:{field.strip()}" for field in fields.split(",")]
        names = [*chosen, *(name for name in names if not name.startswith("unihan:"))]
    elif not names and file is None:
        names = list(DEFAULT_SOURCES)
    elif file is not None and not any(name.startswith("unihan:") for name in names):
        names = ["unihan", *names]
    return load_graph(names, unihan_file=file, user_tsv=user_tsv)


def _cuts(values: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for value in values:
        first, dash, second = value.partition("-")
        if not (first and dash and second):
            raise SourceError(f"--cut: found {value!r}; expected two characters and a hyphen, such as 历-曆")
        pairs.append((first, second))
    return pairs


@unihan.command("clusters")
@_graph_options
@click.option("--vocabulary", type=_FILE, help="One token a line; an edge counts where both its ends are in it.")
@click.option(
    "--representative",
    type=click.Choice(["first", "most_frequent"]),
    default="first",
    show_default=True,
    help="What stands for a cluster; most_frequent takes the counts of the vocabulary file.",
)
@click.option("--cut", multiple=True, metavar="A-B", help="Remove the edges between two characters; repeatable.")
@click.option("--max-size", type=int, help="Split larger clusters, keeping what most sources state.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--parquet", type=_FILE, help="Write the table to this file.")
def clusters_command(
    file: Path | None,
    fields: str | None,
    sources: str | None,
    user_tsv: Path | None,
    vocabulary: Path | None,
    representative: Representative,
    cut: tuple[str, ...],
    max_size: int | None,
    as_json: bool,
    parquet: Path | None,
) -> None:
    """Prints the clusters of a variant graph.

    With a vocabulary every token has a cluster; without one, every character with a variant. --file or --fields
    without --sources mean Unihan alone (the four fields of UnihanLM unless told); with none of the three, the default
    sources: Unihan 15.0, OpenCC, compatibility ideographs, radicals and variation sequences.
    """
    graph = _graph(file, fields, sources, user_tsv)
    listed = read_vocabulary(vocabulary) if vocabulary is not None else None
    counts = listed.counts if listed is not None else None
    tokens = listed.tokens if listed is not None else None
    table = clusters(graph, tokens, counts, representative, cuts=_cuts(cut), max_size=max_size)
    if parquet is not None:
        from hanmill.unihan.cluster_files import parquet_bytes, write_whole

        write_whole(parquet, parquet_bytes(table, graph.versions))
    if as_json:
        click.echo(json.dumps(_as_json(graph, table), ensure_ascii=False))
        return
    _report(graph, table, tokens)
    if parquet is None:
        for number, (stands, members) in enumerate(zip(table.representatives, table.members, strict=True)):
            click.echo(f"{number}\t{stands}\t{' '.join(members)}")


def _as_json(graph: VariantGraph, table: ClusterTable) -> dict[str, Any]:
    return {
        "version": graph.unihan.version if graph.unihan else None,
        "entries": graph.unihan.count() if graph.unihan else None,
        "clusters": table.members,
        "representatives": table.representatives,
        "sources": dict(graph.versions),
        "splits": [
            {"reason": split.reason, "before": split.before, "parts": split.parts, "removed": split.removed}
            for split in table.splits
        ],
        "warning": version_warning(graph),
        "problems": [{"line": p.line, "found": p.found, "expected": p.expected} for p in _problems(graph)],
        "sha256": table.sha256(),
    }


def _problems(graph: VariantGraph) -> tuple[Any, ...]:
    return graph.unihan.problems if graph.unihan else ()


def _report(graph: VariantGraph, table: ClusterTable, tokens: Sequence[str] | None) -> None:
    """What was read and made, on stderr."""
    problems = _problems(graph)
    for problem in problems[:_SHOWN_PROBLEMS]:
        click.echo(f"{graph.unihan.name if graph.unihan else ''}, {problem}", err=True)
    if len(problems) > _SHOWN_PROBLEMS:
        click.echo(f"… and {len(problems) - _SHOWN_PROBLEMS:,} more lines", err=True)
    if graph.unihan:
        click.echo(f"Unihan {graph.unihan.version}: {graph.unihan.count():,} entries of five types", err=True)
    warning = version_warning(graph)
    if warning is not None:
        click.echo(f"warning: {warning}", err=True)
    merges = table.merges()
    largest = " ".join("".join(cluster) for cluster in table.largest(3) if len(cluster) > 1)
    click.echo(
        f"clusters: {len(table.members):,}, of two and more: {len(merges):,} "
        f"over {sum(map(len, merges)):,} characters; largest: {largest or 'none'}",
        err=True,
    )
    if tokens is None or all(form in table.cluster_of for triple in triples() for form in triple):
        click.echo(
            f"Simplified/Traditional/Japanese triples joined: {len(kept_triples(table))} of {len(triples())}", err=True
        )
    for split in table.splits:
        removed = ", ".join("-".join(pair) for pair in split.removed)
        into = " | ".join("".join(part) for part in split.parts)
        verb = "splits" if len(split.parts) > 1 else "does not split"
        click.echo(f"{split.reason} ({removed}) {verb} {''.join(split.before)}: {into}", err=True)


@unihan.command("show")
@click.argument("character")
@_graph_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def show_command(
    character: str, file: Path | None, fields: str | None, sources: str | None, user_tsv: Path | None, as_json: bool
) -> None:
    """Prints the cluster of one character, where each form is used, and every edge with its source."""
    from hanmill.unihan.usage import usage

    graph = _graph(file, fields, sources, user_tsv)
    character = _one_character(character)
    members = graph.component(character)
    edges = graph.edges_among(members)
    if as_json:
        value = {
            "character": character,
            "cluster": members,
            "usage": {member: usage(member) for member in members},
            "edges": [{"head": e.head, "tail": e.tail, "source": e.source, "tags": e.tags} for e in edges],
            "sources": dict(graph.versions),
        }
        click.echo(json.dumps(value, ensure_ascii=False))
        return
    click.echo(f"{character} {notation(character)}: cluster of {len(members)}: {' '.join(members)}")
    for member in members:
        click.echo(f"  {member}  {notation(member):<8} {' '.join(usage(member)) or '-'}")
    for edge in edges:
        version = graph.versions[edge.source].split(" sha256:")[0]
        tags = f"  <{', '.join(edge.tags)}>" if edge.tags else ""
        click.echo(f"  {edge.head} → {edge.tail}  {edge.source} ({version}){tags}")


def _one_character(text: str) -> str:
    found = parse_codepoint(text.upper()) if text[:2] in ("U+", "u+") else text
    # A byte that is not UTF-8 reaches an argument as a lone surrogate.
    if found is None or len(base_character(found)) != 1 or "\ud800" <= found <= "\udfff":
        raise SourceError(f"character: found {text!r}; expected one character, such as 気 or U+6C17")
    return found


@unihan.command("diff")
@click.argument("first")
@click.argument("second")
@click.option("--vocabulary", type=_FILE, help="Compare within this vocabulary.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def diff_command(first: str, second: str, vocabulary: Path | None, as_json: bool) -> None:
    """Lists clusters that split or merge from FIRST to SECOND.

    Each is a Unihan file, the embedded version (15.0.0) or source names, joined by +: Unihan_Variants-12.0.0.txt.bz2,
    15.0.0+opencc, default.
    """
    from hanmill.unihan.comparison import compare, load_setting

    tokens = read_vocabulary(vocabulary).tokens if vocabulary is not None else None
    tables = [clusters(load_setting(setting), tokens) for setting in (first, second)]
    found = compare(*tables)
    if as_json:
        value = {
            "first": first,
            "second": second,
            "split": [{"cluster": change.cluster, "parts": change.parts} for change in found.split],
            "merged": [{"cluster": change.cluster, "parts": change.parts} for change in found.merged],
        }
        click.echo(json.dumps(value, ensure_ascii=False))
        return
    click.echo(
        f"{len(found.split):,} clusters of {first} split, {len(found.merged):,} clusters of {second} merge; triples "
        f"joined: {len(kept_triples(tables[0]))} and {len(kept_triples(tables[1]))} of {len(triples())}",
        err=True,
    )
    for change in found.split:
        click.echo(f"split\t{''.join(change.cluster)}\t{' | '.join(map(''.join, change.parts))}")
    for change in found.merged:
        click.echo(f"merge\t{' | '.join(map(''.join, change.parts))}\t{''.join(change.cluster)}")


@unihan.command("graph")
@click.argument("character")
@_graph_options
@click.option("--svg", type=_FILE, required=True, help="File to write.")
def graph_command(
    character: str, file: Path | None, fields: str | None, sources: str | None, user_tsv: Path | None, svg: Path
) -> None:
    """Draws everything that variants join to CHARACTER (figure 1 of the UnihanLM paper)."""
    from hanmill.unihan.cluster_files import write_whole
    from hanmill.unihan.drawing import draw

    graph = _graph(file, fields, sources, user_tsv)
    write_whole(svg, draw(graph, _one_character(character)).encode())
    click.echo(svg)


@unihan.command("fetch")
@click.argument("version")
@click.option("--file", "file", type=_FILE, help="Check and unpack this local Unihan.zip or variants file; no network.")
@click.option("--out", type=_FILE, help="File to write.  [default: Unihan_Variants-VERSION.txt]")
def fetch_command(version: str, file: Path | None, out: Path | None) -> None:
    """Gets Unihan_Variants.txt of VERSION from unicode.org and checks it against the known hash."""
    from hanmill.unihan.bounded import read_bytes
    from hanmill.unihan.cluster_files import write_whole
    from hanmill.unihan.fetch import KNOWN_SHA256, archive_address, checked_variants, download_archive, full_version
    from hanmill.unihan.variants_file import ARCHIVE_MEMBERS

    version = full_version(version)
    name = str(file) if file is not None else archive_address(version)
    stored = read_bytes(file, ARCHIVE_MEMBERS) if file is not None else download_archive(version)
    data, variants = checked_variants(stored, name, version)
    path = out or Path(f"Unihan_Variants-{version}.txt")
    write_whole(path, data)
    known = "as known" if version in KNOWN_SHA256 else "no known hash to check against"
    click.echo(f"{path}: Unihan {version}, {variants.count():,} entries, sha256 {variants.sha256} ({known})")
