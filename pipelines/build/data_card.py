"""README.md of a corpus: what it holds, from what, under which terms, with the header that dataset readers look for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

import yaml

from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.report.flow import steps
from hanmill.pipelines.build.report.losses import meaning, setting_line
from hanmill.pipelines.build.report.markup import share
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.text.printable import printable
from hanmill.pipelines.text.tsv import read_tsv
from hanmill.schemas.manifest import Manifest

CARD_NAME = "README.md"
#: Inputs that the card names; a crawl has a hundred thousand.
_INPUTS = 1_000
#: Largest number of documents of each size category of the Hugging Face Hub.
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
)


def data_card(manifest: Manifest, findings: Findings) -> str:
    """Markdown behind a YAML header, every figure from the manifest and the findings."""
    header = yaml.safe_dump(_header(manifest, findings), allow_unicode=True, sort_keys=False)
    sections = (
        _title(manifest),
        _composition(manifest, findings),
        _files(manifest),
        _filters(manifest),
        _personal_data(manifest),
        _rights(manifest),
        _gaps(manifest),
        _citation(manifest),
        _versions(manifest),
    )
    lines = (line for section in sections for line in (*section, ""))
    return f"---\n{header}---\n\n" + "\n".join(lines)


def size_category(documents: int) -> str:
    """The Hub's name for a number of documents.

    >>> size_category(53), size_category(1000), size_category(10**9)
    ('n<1K', '1K<n<10K', 'n>1B')
    """
    return next((name for most, name in _SIZES if documents < most), "n>1B")


def _header(manifest: Manifest, findings: Findings) -> dict[str, Any]:
    parts = {"train": manifest.train, "validation": manifest.validation}
    rows = [
        {"split": part, "path": f"{part}/*.parquet"} for part, shards in parts.items() if any(s.rows for s in shards)
    ]
    configs: list[dict[str, Any]] = [{"config_name": "documents", "default": True, "data_files": rows}] if rows else []
    configs += [
        {"config_name": name, "data_files": [{"split": "train", "path": table.path}]}
        for name, table in sorted(manifest.tables.items())
        if table.rows
    ]
    sources = {item.source for item in manifest.inputs}
    licences = {row[0]: row[1] for row in read_tsv("hanmill.pipelines.build", "licences.tsv", 2)}
    return {
        "pretty_name": printable(str(manifest.recipe["name"])),
        "language": sorted({kind[1] for kind in findings.kinds} - {"und"}),
        "license": sorted({licences.get(source, "other") for source in sources}),
        "size_categories": [size_category(manifest.accounting.kept)],
        "task_categories": ["text-generation", "fill-mask"],
        "source_datasets": ["original"],
        "tags": ["hanmill", "pretraining", *sorted(sources)],
        "configs": configs,
    }


def _title(manifest: Manifest) -> Iterator[str]:
    account = manifest.accounting
    yield f"# {printable(str(manifest.recipe['name']))}"
    yield ""
    yield (
        f"Built by hanmill {manifest.hanmill_version} (corpus schema {manifest.schema_version}), "
        f"recipe sha256 `{manifest.recipe_sha256}`. `report.html` shows what was kept, what was not, and why."
    )
    yield ""
    yield (
        f"- documents: {account.kept:,} ({sum(s.rows for s in manifest.train):,} to train on, "
        f"{sum(s.rows for s in manifest.validation):,} to validate on)"
    )
    yield f"- characters: {manifest.measures.get('characters', 0):,}, words: {manifest.measures.get('words', 0):,}"
    yield (
        f"- records read: {account.read:,}; dropped: {sum(account.dropped.values()):,}; "
        f"failed: {sum(account.failed.values()):,} ({account.bytes_lost:,} bytes of input lost)"
    )


def _composition(manifest: Manifest, findings: Findings) -> Iterator[str]:
    whole = sum(characters for _, characters, _ in findings.kinds.values())
    yield "## Composition"
    yield ""
    yield f"Shares are of the {whole:,} characters of the documents kept, white space counted."
    yield ""
    kinds = (
        (*kind, f"{documents:,}", f"{characters:,}", share(characters, whole))
        for kind, (documents, characters, _) in sorted(findings.kinds.items())
    )
    yield from _table(("source", "language", "script", "documents", "characters", "share"), kinds)
    yield ""
    yield "### Inputs"
    yield ""
    shown = manifest.inputs[:_INPUTS]
    files = ((i.source, PurePath(i.name).name, f"{i.size:,}", f"`{i.sha256}`") for i in shown)
    yield from _table(("source", "file", "bytes", "sha256"), files)
    if more := len(manifest.inputs) - len(shown):
        yield ""
        yield f"and {more:,} more, which `manifest.json` names."


def _files(manifest: Manifest) -> Iterator[str]:
    yield "## Files and columns"
    yield ""
    yield (
        "`train/` and `validation/` hold one document a row: `uid`, `source`, `lang`, `script`, `title`, `url`, "
        "`revision`, `text`, and over the characters of `text` that are not white space `char_ids`, `sent_lens`, "
        "`word_lens`, `pinyin_ids`, `word_ids`, `word_roman`. Documents that are duplicates of one another are on one "
        "side of the split. Ids are row numbers of the tables:"
    )
    yield ""
    tables = ((name, f"{table.rows:,}", f"`{table.sha256}`") for name, table in sorted(manifest.tables.items()))
    yield from _table(("table", "rows", "sha256"), tables)


def _filters(manifest: Manifest) -> Iterator[str]:
    account = manifest.accounting
    yield "## Filters"
    yield ""
    yield f"What became of the {account.read:,} records read, in this order; shares are of these."
    yield ""
    lost = [
        (f"{'failed: ' if step.name == 'failed' else 'dropped by '}{name}", f"{count:,}", share(count, account.read))
        for step in steps(account)
        for name, count in step.losses
    ]
    kept = ("kept", f"{account.kept:,}", share(account.kept, account.read))
    yield from _table(("outcome", "records", "share"), [*lost, kept])
    rules = manifest.recipe.get("clean", {}).get("rules", [])
    if rules:
        yield ""
        yield "The rules of the recipe, the first that refuses a document names its loss:"
        yield ""
        rows = ((setting["rule"], setting_line(setting), meaning(setting["rule"])) for setting in rules)
        yield from _table(("rule", "setting", "measures"), rows)


def _personal_data(manifest: Manifest) -> Iterator[str]:
    account = manifest.accounting
    yield "## Personal data"
    yield ""
    if account.masked:
        yield "Masked in the documents that the rules kept; names and addresses of people are not looked for."
        yield ""
        masked = sorted(account.masked.items())
        yield from _table(("kind", "places"), ((kind, f"{count:,}") for kind, count in masked))
    elif manifest.recipe.get("clean", {}).get("mask_personal_data"):
        yield "Mail and IP addresses and telephone numbers were looked for; none was found."
    else:
        yield "Nothing was masked: the recipe does not ask for it (`clean.mask_personal_data`)."


def _rights(manifest: Manifest) -> Iterator[str]:
    yield "## Rights"
    yield ""
    yield "The texts belong to those who wrote them; this corpus adds no right to use them."
    yield ""
    for source in sorted({item.source for item in manifest.inputs}):
        yield f"- {source}: {SOURCES[source].licence}"
    if said := manifest.accounting.said_of_use():
        yield ""
        yield "What pages say of their use:"
        yield ""
        yield from _table(("licence or refusal", "documents"), [(what, f"{count:,}") for what, count in said])


def _gaps(manifest: Manifest) -> Iterator[str]:
    account = manifest.accounting
    settings = manifest.recipe
    yield "## Known gaps"
    yield ""
    yield "- Languages, scripts, words, readings and variants are found by program; none was checked by hand."
    failed = sum(account.failed.values())
    if failed:
        lost = f"{share(failed, account.read)} of those read, {account.bytes_lost:,} bytes"
        yield f"- Records that could not be read: {failed:,} ({lost})."
    unknown = manifest.measures.get("unknown_characters", 0)
    if unknown:
        total = manifest.measures.get("characters", 0)
        yield f"- {unknown:,} characters ({share(unknown, total)} of all) are not in the table and have the id 0."
    if settings.get("deduplicate") and not settings["deduplicate"].get("near"):
        yield "- Documents that are nearly equal were not removed (`deduplicate.near`)."
    if not settings.get("clean", {}).get("decontaminate", {}).get("files"):
        yield "- Nothing was compared with evaluation sets (`clean.decontaminate`)."
    if not sum(shard.rows for shard in manifest.validation):
        yield "- There is no document to validate on."


def _citation(manifest: Manifest) -> Iterator[str]:
    yield "## How to cite"
    yield ""
    yield (
        f"Name the sources above with the dates of their files, hanmill {manifest.hanmill_version}, and the "
        "sha256 of the recipe: the same recipe and the same inputs give the same bytes."
    )


def _versions(manifest: Manifest) -> Iterator[str]:
    yield "## Dictionaries, models and libraries"
    yield ""
    yield from _table(("resource", "version"), sorted(manifest.resources.items()))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield f"| {' | '.join(printable(cell).replace('|', chr(92) + '|') for cell in row)} |"
