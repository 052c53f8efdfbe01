"""The page: its parts in order, in one self-contained file without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources

import pyarrow.parquet as pq
import yaml

from hanmill.pipelines.build.other_readings import commonest
from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.report.flow import flow
from hanmill.pipelines.build.report.glyph_sheet import glyph_sheet
from hanmill.pipelines.build.report.histogram import histogram
from hanmill.pipelines.build.report.losses import losses
from hanmill.pipelines.build.report.markup import bar, is_han, note, quoted, section, share, table, text
from hanmill.pipelines.build.report.twins import side_by_side
from hanmill.pipelines.build.times import StageTime, latest
from hanmill.pipelines.text.han import CHINESE
from hanmill.schemas.location import Location, parquet_source
from hanmill.schemas.manifest import Manifest

REPORT_NAME = "report.html"
_TEMPLATES, _CHARACTERS, _LENGTHS = 25, 40, 12
#: Nothing may be fetched or run, whatever a text holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def report(corpus: Location, manifest: Manifest, findings: Findings, times: Sequence[StageTime] = ()) -> str:
    """A self-contained page: no script, no link to anything outside; the same bytes for the same arguments."""
    name = text(manifest.recipe["name"])
    parts = (
        ("flow", "From records read to tokens kept", _flow(manifest)),
        ("languages", "Languages, scripts and regions", _kinds(findings)),
        ("losses", "What was lost, and why", losses(manifest, findings)),
        ("lengths", "Lengths of sentences", _lengths(findings)),
        ("duplicates", "Duplicates", _duplicates(findings)),
        ("charsets", "Charsets", _charsets(findings)),
        ("masks", "Personal data masked", _masks(manifest)),
        ("rights", "What pages say of their use", _rights(manifest)),
        ("templates", "Templates that showed nothing", _templates(findings)),
        ("characters", "Commonest Han characters", _characters(corpus, manifest)),
        ("readings", "Characters read otherwise than alone", _readings(corpus, manifest, findings)),
        ("glyphs", "Glyphs of the commonest characters", _glyphs(corpus, manifest)),
        ("times", "Time and memory by stage", _times(manifest, latest(times))),
        ("inputs", "Inputs", _inputs(manifest, findings)),
        ("recipe", "Recipe", _recipe(manifest)),
        ("versions", "Dictionaries, models and libraries", _versions(manifest)),
    )
    links = " ".join(f'<a href="#{key}">{escape(title)}</a>' for key, title, body in parts if body)
    body = "\n".join(section(*part) for part in parts)
    style = resources.files(__package__).joinpath("data", "style.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}</title><style>\n{style}</style></head><body>\n"
        f"<h1>{name}</h1>\n{_summary(manifest)}\n<nav>{links}</nav>\n{body}\n</body></html>\n"
    )


def _summary(manifest: Manifest) -> str:
    account, measures = manifest.accounting, manifest.measures
    validation = sum(shard.rows for shard in manifest.validation)
    tiles = (
        (account.kept, f"documents, {share(account.kept, account.read)} of the records read"),
        (measures.get("characters", 0), "characters, white space left out"),
        (measures.get("words", 0), "words"),
        (validation, f"documents for validation, {share(validation, account.kept)} of those kept"),
        (account.bytes_lost, "bytes of input lost by failures"),
    )
    sources = ", ".join(sorted({item.source for item in manifest.inputs}))
    shown = "".join(f'<div class="tile"><b>{number:,}</b><span>{escape(said)}</span></div>' for number, said in tiles)
    shards = len(manifest.train) + len(manifest.validation)
    said = f"From {len(manifest.inputs):,} files of {sources or 'no source'}, in {shards:,} shards."
    return f'<p class="note">{text(said)}</p><div class="tiles">{shown}</div>'


def _flow(manifest: Manifest) -> str:
    account, measures = manifest.accounting, manifest.measures
    outcome = f"{measures.get('characters', 0):,} characters, {measures.get('words', 0):,} words"
    dropped, failed = sum(account.dropped.values()), sum(account.failed.values())
    sum_line = (
        f"{account.read:,} records read = {account.kept:,} kept + {dropped:,} dropped + {failed:,} failed. "
        "Every share is one of the records read; a loss leads to its examples."
    )
    wide, narrow = flow(account, outcome, 860, 320), flow(account, outcome, 350, 84)
    return f'{note(sum_line)}<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'


def _kinds(findings: Findings) -> str:
    whole = sum(characters for _, characters, _ in findings.kinds.values())
    rows = []
    for (source, lang, script), (documents, characters, example) in sorted(findings.kinds.items()):
        written, _, region = script.partition("-")
        counts = (f"{documents:,}", f"{characters:,}", share(characters, whole), bar(characters, whole))
        rows.append(
            (text(source), text(lang), text(written), text(region), *counts, quoted(example, f"{lang}-{script}"))
        )
    header = ("source", "language", "script", "region", "documents", "characters", "share", "", "for example")
    said = f"Shares are of the {whole:,} characters of the documents kept, white space counted."
    return note(said) + table(header, rows, (4, 5, 6)) if rows else ""


def _lengths(findings: Findings) -> str:
    figures = []
    ordered = sorted(findings.lengths.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    for lang, sentences in ordered[:_LENGTHS]:
        counts = {float(words): number for words, number in sentences.items()}
        total, words = sum(sentences.values()), sum(length * number for length, number in sentences.items())
        said = f"{lang}: {total:,} sentences, {words / max(1, total):.1f} words on average"
        figures.append(
            f'<figure class="kept">{histogram(counts, (), "sentences")}<figcaption>{text(said)}</figcaption></figure>'
        )
    if not figures:
        return ""
    said = "Words of a sentence, the languages with most sentences first."
    return f'{note(said)}<div class="histograms">{"".join(figures)}</div>'


def _duplicates(findings: Findings) -> str:
    whole = sum(size * clusters for size, clusters in findings.duplicates.items())
    rows = (
        (f"{size:,}", f"{clusters:,}", f"{size * clusters:,}", share(size * clusters, whole))
        for size, clusters in sorted(findings.duplicates.items())
    )
    said = f"Shares are of the {whole:,} documents that have a twin among those that the rules kept."
    header = ("documents in a cluster", "clusters", "documents", "share")
    return note(said) + table(header, rows, (0, 1, 2, 3)) + side_by_side(findings.twins) if whole else ""


def _charsets(findings: Findings) -> str:
    whole = sum(findings.charsets.values())
    ordered = sorted(findings.charsets.items(), key=lambda item: (-item[1], item[0]))
    rows = ((text(c), text(o), f"{n:,}", share(n, whole), bar(n, whole)) for (c, o), n in ordered)
    said = f"Shares are of the {whole:,} pages that came as bytes and that the rules kept."
    return note(said) + table(("charset", "known from", "pages", "share", ""), rows, (2, 3)) if whole else ""


def _masks(manifest: Manifest) -> str:
    masked = manifest.accounting.masked
    whole = sum(masked.values())
    ordered = sorted(masked.items(), key=lambda item: (-item[1], item[0]))
    rows = ((text(kind), f"{count:,}", share(count, whole), bar(count, whole)) for kind, count in ordered)
    said = f"Shares are of the {whole:,} places masked in documents that the rules kept."
    return note(said) + table(("kind", "places", "share", ""), rows, (1, 2)) if whole else ""


def _rights(manifest: Manifest) -> str:
    uses = manifest.accounting.said_of_use()
    rows = ((text(what), f"{count:,}") for what, count in uses)
    said = "Licences that pages name of themselves, and refusals of use for training, in documents that the rules kept."
    return note(said) + table(("licence or refusal", "documents"), rows, (1,)) if uses else ""


def _templates(findings: Findings) -> str:
    common = sorted(findings.templates.items(), key=lambda item: (-item[1], item[0]))[:_TEMPLATES]
    said = f"The commonest of {len(findings.templates):,} names counted; their text is not in the corpus."
    return note(said) + table(("template", "uses"), ((quoted(n), f"{c:,}") for n, c in common), (1,)) if common else ""


def _characters(corpus: Location, manifest: Manifest) -> str:
    path = corpus / "tables" / "characters.parquet"
    if "characters" not in manifest.tables or not path.is_file():
        return ""
    read = pq.read_table(parquet_source(path), columns=["character", "counts", "representative"])
    names, links = read["character"].to_pylist(), read["representative"].to_pylist()
    counts = [{item["lang"]: item["count"] for item in row} for row in read["counts"].to_pylist()]
    totals = [sum(row.values()) for row in counts]
    whole = manifest.measures.get("characters", 0)
    han = (row for row, name in enumerate(names) if is_han(name))
    ordered = sorted(han, key=lambda row: (-totals[row], row))[:_CHARACTERS]
    rows = (
        (
            quoted(names[row]),
            f"{totals[row]:,}",
            share(totals[row], whole),
            bar(totals[row], totals[ordered[0]]),
            ", ".join(f"{text(lang)} {count:,}" for lang, count in sorted(counts[row].items())),
            "" if links[row] == row else quoted(names[links[row]]),
        )
        for row in ordered
        if totals[row]
    )
    said = f"Shares are of the {whole:,} characters of the corpus; a full bar is the commonest Han character. "
    said += "The last column is the character that stands for its cluster of variants, where that is another."
    header = ("character", "times", "share", "", "by language", "of the cluster of")
    return note(said) + table(header, rows, (1, 2)) if ordered else ""


def _readings(corpus: Location, manifest: Manifest, findings: Findings) -> str:
    folder = corpus / "tables"
    there = all((folder / f"{name}.parquet").is_file() for name in ("characters", "syllables"))
    if not findings.other_readings or not there:
        return ""
    columns = ["character", "counts", "default_pinyin"]
    characters = pq.read_table(parquet_source(folder / "characters.parquet"), columns=columns).to_pylist()
    written = pq.read_table(parquet_source(folder / "syllables.parquet"), columns=["syllable"])
    syllables = written["syllable"].to_pylist()
    rows = []
    for character, syllable, times in commonest(findings.other_readings)[:_CHARACTERS]:
        row = characters[character]
        whole = sum(count["count"] for count in row["counts"] if count["lang"] in CHINESE)
        alone = text(syllables[row["default_pinyin"]])
        rows.append(
            (quoted(row["character"], "zh"), text(syllables[syllable]), alone, f"{times:,}", share(times, whole))
        )
    said = "Shares are of the times that the character stands in Chinese text. Of a shard the 200 commonest count."
    header = ("character", "read as", "alone", "times", "share")
    return note(said) + table(header, rows, (3, 4))


def _glyphs(corpus: Location, manifest: Manifest) -> str:
    if "glyphs" not in manifest.tables:
        return ""
    return glyph_sheet(corpus / manifest.tables["glyphs"].path, corpus / "tables" / "characters.parquet")


def _times(manifest: Manifest, times: Sequence[StageTime]) -> str:
    if not times:
        return ""
    whole = sum(time.seconds for time in times)
    rows = (
        (
            text(time.stage),
            f"{time.seconds:,.1f}",
            share(time.seconds, whole),
            f"{time.processor_seconds:,.1f}",
            f"{time.peak_bytes / 1e6:,.0f}",
            f"{time.made:,} of {time.shards:,}",
            text(time.ended),
        )
        for time in times
    )
    header = ("stage", "seconds", "share", "seconds of processors", "MB at most", "shards made", "ended (UTC)")
    pace = f", {manifest.measures['characters'] / whole:,.0f} characters a second" if whole and _is_whole(times) else ""
    said = f"The latest run of each stage on local processes: {whole:,.1f} seconds together{pace}."
    return note(said) + table(header, rows, (1, 2, 3, 4, 5))


def _is_whole(times: Sequence[StageTime]) -> bool:
    """Whether every stage made all of its shards, so that a pace is that of the corpus."""
    return all(time.made == time.shards for time in times)


def _inputs(manifest: Manifest, findings: Findings) -> str:
    rows = (
        (text(item.source), text(item.name), f"{item.size:,}", f"<code>{text(item.sha256[:16])}…</code>")
        for item in manifest.inputs
    )
    spans = (f"{source} {first} to {last}" for source, (first, last) in sorted(findings.dates.items()))
    said = f"Days of the documents that the rules kept, by their time stamps: {'; '.join(spans)}."
    dated = note(said) if findings.dates else ""
    return dated + table(("source", "file", "bytes", "sha256"), rows, (2,)) if manifest.inputs else ""


def _recipe(manifest: Manifest) -> str:
    written = yaml.safe_dump(dict(manifest.recipe), allow_unicode=True, sort_keys=True)
    lines = "\n".join(text(line) for line in written.splitlines())
    return (
        f"<p>sha256 <code>{text(manifest.recipe_sha256)}</code></p>"
        f"<details><summary>every setting</summary><pre>{lines}</pre></details>"
    )


def _versions(manifest: Manifest) -> str:
    versions = {"hanmill": manifest.hanmill_version, "corpus schema": str(manifest.schema_version)}
    named = [*versions.items(), *sorted(manifest.resources.items())]
    return table(("resource", "version"), ((text(name), f"<code>{text(version)}</code>") for name, version in named))
