"""DATA_CARD.md: what a corpus holds, from what, under which terms, for the people who use it."""

from __future__ import annotations

from pathlib import PurePath

from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.manifest import Accounting, Manifest


def data_card(manifest: Manifest) -> str:
    """Markdown, every figure from the manifest."""
    account = manifest.accounting
    characters = manifest.measures.get("characters", 0)
    lines = [
        f"# {manifest.recipe['name']}",
        "",
        f"Built by hanmill {manifest.hanmill_version} (corpus schema {manifest.schema_version}), "
        f"recipe sha256 `{manifest.recipe_sha256}`.",
        "",
        f"- documents: {account.kept:,} ({sum(s.rows for s in manifest.train):,} to train on, "
        f"{sum(s.rows for s in manifest.validation):,} to validate on)",
        f"- characters: {characters:,}, words: {manifest.measures.get('words', 0):,}",
        f"- records read: {account.read:,}; dropped: {sum(account.dropped.values()):,}; "
        f"failed: {sum(account.failed.values()):,} ({account.bytes_lost:,} bytes of input lost)",
        "",
        "## Inputs",
        "",
        "| source | file | bytes | sha256 |",
        "|---|---|---|---|",
        *(f"| {i.source} | {printable(PurePath(i.name).name)} | {i.size:,} | `{i.sha256}` |" for i in manifest.inputs),
        "",
        "## Licences",
        "",
        *(f"- {source}: {SOURCES[source].licence}" for source in sorted({i.source for i in manifest.inputs})),
        "",
        "## Records by outcome",
        "",
        "| outcome | records |",
        "|---|---|",
        f"| kept | {account.kept:,} |",
        *(f"| dropped by {rule} | {count:,} |" for rule, count in sorted(account.dropped.items())),
        *(f"| failed: {kind} | {count:,} |" for kind, count in sorted(account.failed.items())),
        "",
        *(["## Personal data masked", "", "| kind | places |", "|---|---|"] if account.masked else []),
        *(f"| {kind} | {count:,} |" for kind, count in sorted(account.masked.items())),
        *([""] if account.masked else []),
        *(["## What pages say of their use", "", "| | documents |", "|---|---|"] if _said(account) else []),
        *(f"| {printable(what).replace('|', '/')} | {count:,} |" for what, count in _said(account)),
        *([""] if _said(account) else []),
        "## Tables",
        "",
        "| table | rows | sha256 |",
        "|---|---|---|",
        *(f"| {name} | {table.rows:,} | `{table.sha256}` |" for name, table in sorted(manifest.tables.items())),
        "",
        "## Dictionaries, models and libraries",
        "",
        "| resource | version |",
        "|---|---|",
        *(f"| {name} | {version} |" for name, version in sorted(manifest.resources.items())),
        "",
    ]
    return "\n".join(lines)


def _said(account: Accounting) -> list[tuple[str, int]]:
    """Licences by falling count, then refusals, of the documents that the rules kept."""
    licences = sorted(account.licences.items(), key=lambda item: (-item[1], item[0]))
    return [*licences, *((f"use for training: {answer}", count) for answer, count in sorted(account.opt_out.items()))]
