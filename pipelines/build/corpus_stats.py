"""The figures of a corpus, from its manifest and findings: what ``hanmill stats`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.report.flow import steps
from hanmill.pipelines.build.report.markup import share
from hanmill.pipelines.build.times import StageTime, latest
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.manifest import Manifest


def corpus_stats(manifest: Manifest, findings: Findings, times: Sequence[StageTime] = ()) -> dict[str, Any]:
    """Plain values for JSON; every count is of records, documents, characters, words, pages or places as it says.

    Of ``times`` the latest of each stage is told.
    """
    account = manifest.accounting
    return {
        "name": manifest.recipe["name"],
        "hanmill_version": manifest.hanmill_version,
        "recipe_sha256": manifest.recipe_sha256,
        "inputs": {"files": len(manifest.inputs), "bytes": sum(item.size for item in manifest.inputs)},
        "records": {
            "read": account.read,
            "kept": account.kept,
            "lost": {step.name: dict(step.losses) for step in steps(account)},
            "bytes_lost": account.bytes_lost,
        },
        "documents": {part: manifest.documents[part] for part in ("train", "validation")},
        "measures": dict(manifest.measures),
        "kinds": [
            {"source": kind[0], "lang": kind[1], "script": kind[2], "documents": documents, "characters": characters}
            for kind, (documents, characters, _) in sorted(findings.kinds.items())
        ],
        "charsets": [
            {"charset": charset, "known_from": origin, "pages": pages}
            for (charset, origin), pages in sorted(findings.charsets.items())
        ],
        "masked": dict(account.masked),
        "tables": {name: table.rows for name, table in sorted(manifest.tables.items())},
        "times": [asdict(time) for time in latest(times)],
    }


def stats_lines(stats: dict[str, Any]) -> Iterator[str]:
    """The same for a terminal."""
    records, documents = stats["records"], stats["documents"]
    read = records["read"]
    yield printable(stats["name"])
    yield f"  {stats['inputs']['files']:>13,}  input files, {stats['inputs']['bytes']:,} bytes"
    yield f"  {read:>13,}  records read"
    for step, losses in records["lost"].items():
        yield f"  {-sum(losses.values()):>13,}  {step}, {share(sum(losses.values()), read)} of the records read"
        for rule, count in losses.items():
            yield f"  {'':>13}  {count:>11,}  {printable(rule)}"
    kept = f"{share(records['kept'], read)}; {documents['train']:,} train, {documents['validation']:,} validation"
    yield f"  {records['kept']:>13,}  documents kept, {kept}"
    for name, count in stats["measures"].items():
        yield f"  {count:>13,}  {name.replace('_', ' ')}"
    whole = sum(kind["characters"] for kind in stats["kinds"])
    if whole:
        yield f"\n  {'documents':>13}  {'characters':>13}  share of the characters, white space counted"
    for kind in stats["kinds"]:
        name = f"{kind['source']} {kind['lang']} {kind['script']}"
        counts = f"{kind['documents']:>13,}  {kind['characters']:>13,}  {share(kind['characters'], whole):>7}"
        yield f"  {counts}  {printable(name)}"
    for title, unit, rows in (
        ("charsets", "pages", {f"{c['charset']}, from {c['known_from']}": c["pages"] for c in stats["charsets"]}),
        ("masked", "places", stats["masked"]),
        ("tables", "rows", stats["tables"]),
    ):
        if rows:
            yield f"\n  {unit:>13}  {title}"
            yield from (f"  {count:>13,}  {printable(name)}" for name, count in rows.items())
    if stats["times"]:
        yield f"\n  {'seconds':>13}  {'of processors':>13}  {'MB at most':>10}  {'shards made':>13}  stage"
    for time in stats["times"]:
        figures = f"{time['seconds']:>13,.1f}  {time['processor_seconds']:>13,.1f}  {time['peak_bytes'] / 1e6:>10,.0f}"
        made = f"{time['made']:,} of {time['shards']:,}"
        yield f"  {figures}  {made:>13}  {printable(time['stage'])}"
