"""report.html: one page that shows what was kept, what was not, and why, with real examples."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from hanmill.pipelines.text.printable import printable
from hanmill.schemas.corpus import GLYPH_FONTS, GLYPH_SIZE
from hanmill.schemas.location import Location, parquet_source
from hanmill.schemas.manifest import Manifest

_EXAMPLES = 5
_TEMPLATES = 25
_GLYPH_COLUMNS = 32
_GLYPH_CHARACTERS = 96
_HAN = range(0x4E00, 0xA000)

_STYLE = """
body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Noto Sans CJK JP",sans-serif;margin:2em auto;max-width:70em;
padding:0 1em;color:#222}
h1,h2{line-height:1.2}table{border-collapse:collapse;margin:.5em 0}td,th{border-bottom:1px solid #ddd;
padding:.25em .8em;text-align:left;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
.bar{background:#3b7dd8;height:.8em;display:inline-block}.dropped .bar{background:#c75146}
.snippet{color:#444;font-size:.92em}img{image-rendering:pixelated;border:1px solid #ddd;max-width:100%}
"""


@dataclass(slots=True)
class Findings:
    """What the page shows beside the manifest, gathered from the shards' footers in the order of the plan.

    ``kinds``: (source, language, script) to documents, characters and the beginning of the first. ``examples``: rule or
    kind of failure to a few of measured, threshold, title and snippet.
    """

    kinds: dict[tuple[str, str, str], tuple[int, int, str]] = field(default_factory=dict)
    examples: dict[str, list[Sequence[Any]]] = field(default_factory=dict)
    templates: Counter[str] = field(default_factory=Counter)

    def add_footers(self, ingested: Mapping[str, Any], annotated: Iterable[Mapping[str, Any]]) -> None:
        """Takes in what the shards of one split say."""
        self.templates.update(ingested["templates_dropped"])
        self._add_examples(ingested["examples"])
        for footer in annotated:
            for *kind, documents, characters, example in footer["kinds"]:
                self._add_kind(tuple(kind), documents, characters, example)

    def add(self, other: Findings) -> None:
        """Takes in those of the splits after these."""
        self.templates.update(other.templates)
        self._add_examples(other.examples)
        for kind, (documents, characters, example) in other.kinds.items():
            self._add_kind(kind, documents, characters, example)

    def _add_kind(self, kind: tuple[str, str, str], documents: int, characters: int, example: str) -> None:
        before = self.kinds.get(kind, (0, 0, example))
        self.kinds[kind] = before[0] + documents, before[1] + characters, before[2]

    def _add_examples(self, examples: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        for rule, shown in examples.items():
            known = self.examples.setdefault(rule, [])
            known.extend(shown[: _EXAMPLES - len(known)])


def report(output: Location, manifest: Manifest, findings: Findings) -> str:
    """A self-contained page: no script, no link to anything outside."""
    account = manifest.accounting
    sections = [
        f"<h1>{escape(str(manifest.recipe['name']))}</h1>",
        f"<p>{account.read:,} records read = {account.kept:,} kept + {sum(account.dropped.values()):,} dropped + "
        f"{sum(account.failed.values()):,} failed ({account.bytes_lost:,} bytes of input lost). "
        f"{manifest.measures.get('characters', 0):,} characters in "
        f"{len(manifest.train) + len(manifest.validation)} shards.</p>",
        "<h2>Kept</h2>",
        _kept(findings),
        "<h2>Dropped and failed</h2>",
        _refused(findings, {**account.dropped, **account.failed}, account.read),
    ]
    if account.masked:
        rows = ((escape(kind), f"{count:,}") for kind, count in sorted(account.masked.items()))
        sections += ["<h2>Personal data masked</h2>", _table(("kind", "places"), rows)]
    if account.licences or account.opt_out:
        said = {**account.licences, **{f"use for training: {name}": n for name, n in account.opt_out.items()}}
        rows = ((escape(printable(name)), f"{n:,}") for name, n in sorted(said.items(), key=lambda item: -item[1]))
        sections += ["<h2>What pages say of their use</h2>", _table(("licence or refusal", "documents"), rows)]
    if "glyphs" in manifest.tables:
        sections += [
            "<h2>Glyphs of the commonest characters</h2>",
            _glyphs(output / manifest.tables["glyphs"].path, output),
        ]
    if findings.templates:
        common = sorted(findings.templates.items(), key=lambda item: (-item[1], item[0]))[:_TEMPLATES]
        rows = ((escape(printable(name)), f"{count:,}") for name, count in common)
        sections += ["<h2>Templates left out most often</h2>", _table(("template", "uses"), rows)]
    body = "\n".join(sections)
    name = escape(str(manifest.recipe["name"]))
    head = f'<meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en">{head}{body}</html>\n'


def _kept(findings: Findings) -> str:
    most = max((characters for _, characters, _ in findings.kinds.values()), default=1)
    rows = (
        (
            *map(escape, kind),
            f"{documents:,}",
            f"{characters:,}",
            _bar(characters / max(1, most)),
            _snippet(example),
        )
        for kind, (documents, characters, example) in sorted(findings.kinds.items())
    )
    return _table(("source", "language", "script", "documents", "characters", "", "for example"), rows)


def _refused(findings: Findings, counts: Mapping[str, int], read: int) -> str:
    rows = (
        (
            escape(rule),
            f"{count:,}",
            _bar(count / max(1, read)),
            "".join(_example(*example) for example in findings.examples.get(rule, ())),
        )
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return (
        f'<div class="dropped">{_table(("rule or kind", "records", "share", "measured, threshold, text"), rows)}</div>'
    )


def _example(measured: float | None, threshold: float | None, title: str, snippet: str) -> str:
    figures = "" if measured is None else f"{measured:.4g}" + ("" if threshold is None else f" (limit {threshold:.4g})")
    return f"<div>{figures} {_snippet(' '.join(part for part in (title, snippet) if part))}</div>"


def _glyphs(path: Location, output: Location) -> str:
    table = pq.read_table(parquet_source(output / "tables" / "characters.parquet"), columns=["codepoint"])
    characters = table["codepoint"].to_pylist()
    chosen = [index for index, point in enumerate(characters) if point in _HAN][:_GLYPH_CHARACTERS]
    column = pq.read_table(parquet_source(path), columns=["bitmaps"])["bitmaps"]
    cells = np.stack([np.frombuffer(column[index].as_py(), np.uint8) for index in chosen]) if chosen else np.zeros((0,))
    if not len(cells):
        return "<p>No Han character in the vocabulary.</p>"
    rows = -(-len(cells) // _GLYPH_COLUMNS)
    sheet = np.zeros((rows * _GLYPH_COLUMNS, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    sheet[: len(cells)] = cells.reshape(-1, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE)
    picture = sheet.reshape(rows, _GLYPH_COLUMNS, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE).transpose(0, 2, 3, 1, 4)
    buffer = io.BytesIO()
    Image.fromarray(255 - picture.reshape(-1, _GLYPH_COLUMNS * GLYPH_SIZE)).save(buffer, "PNG")
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="three styles of each character" src="data:image/png;base64,{encoded}">'


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(cell: str) -> str:
    return f'<td class="n">{cell}</td>' if cell.replace(",", "").isdigit() else f"<td>{cell}</td>"


def _bar(share: float) -> str:
    return f'<span class="bar" style="width:{max(1, round(120 * share))}px"></span> {share:.1%}'


def _snippet(text: str) -> str:
    return f'<span class="snippet">{escape(printable(text))}</span>'
