"""report.html: one page that shows what was kept, what was not, and why, with real examples."""

from __future__ import annotations

import base64
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from schemas.corpus import GLYPH_FONTS, GLYPH_SIZE
from schemas.manifest import Manifest

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


def report(output: Path, manifest: Manifest, refused: Sequence[Path], templates: Counter[str]) -> str:
    """A self-contained page: no script, no link to anything outside."""
    account = manifest.accounting
    sections = [
        f"<h1>{escape(str(manifest.recipe['name']))}</h1>",
        f"<p>{account.read:,} records read = {account.kept:,} kept + {sum(account.dropped.values()):,} dropped + "
        f"{sum(account.failed.values()):,} failed. {manifest.measures.get('characters', 0):,} characters in "
        f"{len(manifest.train) + len(manifest.validation)} shards.</p>",
        "<h2>Kept</h2>",
        _kept(output, manifest),
        "<h2>Dropped and failed</h2>",
        _refused(refused, {**account.dropped, **account.failed}, account.read),
    ]
    if "glyphs" in manifest.tables:
        sections += [
            "<h2>Glyphs of the commonest characters</h2>",
            _glyphs(output / manifest.tables["glyphs"].path, output),
        ]
    if templates:
        rows = ((escape(name), f"{count:,}") for name, count in templates.most_common(_TEMPLATES))
        sections += ["<h2>Templates left out most often</h2>", _table(("template", "uses"), rows)]
    body = "\n".join(sections)
    name = escape(str(manifest.recipe["name"]))
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style>{body}</html>\n'


def _kept(output: Path, manifest: Manifest) -> str:
    counts: Counter[tuple[str, str, str]] = Counter()
    characters: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], str] = {}
    for shard in (*manifest.train, *manifest.validation):
        for batch in pq.ParquetFile(output / shard.path).iter_batches(
            256, columns=["source", "lang", "script", "title", "text"]
        ):
            for row in batch.to_pylist():
                kind = (row["source"], row["lang"], row["script"])
                counts[kind] += 1
                characters[kind] += len(row["text"])
                examples.setdefault(kind, f"{row['title']}: {row['text'][:80]}")
    most = max(characters.values(), default=1)
    rows = (
        (
            *map(escape, kind),
            f"{counts[kind]:,}",
            f"{characters[kind]:,}",
            _bar(characters[kind] / most),
            _snippet(examples[kind]),
        )
        for kind in sorted(counts)
    )
    return _table(("source", "language", "script", "documents", "characters", "", "for example"), rows)


def _refused(shards: Sequence[Path], counts: dict[str, int], read: int) -> str:
    examples: dict[str, list[str]] = defaultdict(list)
    for path in shards:
        for batch in pq.ParquetFile(path).iter_batches(
            256, columns=["rule", "measured", "threshold", "title", "snippet"]
        ):
            for row in batch.to_pylist():
                if len(examples[row["rule"]]) < _EXAMPLES:
                    examples[row["rule"]].append(_example(row))
    rows = (
        (escape(rule), f"{count:,}", _bar(count / max(1, read)), "".join(examples[rule]))
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return (
        f'<div class="dropped">{_table(("rule or kind", "records", "share", "measured, threshold, text"), rows)}</div>'
    )


def _example(row: dict[str, object]) -> str:
    measured, threshold = row["measured"], row["threshold"]
    figures = "" if measured is None else f"{measured:.4g}" + ("" if threshold is None else f" (limit {threshold:.4g})")
    return (
        f"<div>{figures} {_snippet(' '.join(part for part in (str(row['title']), str(row['snippet'])) if part))}</div>"
    )


def _glyphs(path: Path, output: Path) -> str:
    characters = pq.read_table(output / "tables" / "characters.parquet", columns=["codepoint"])["codepoint"].to_pylist()
    chosen = [index for index, point in enumerate(characters) if point in _HAN][:_GLYPH_CHARACTERS]
    column = pq.read_table(path, columns=["bitmaps"])["bitmaps"]
    cells = np.stack([np.frombuffer(column[index].as_py(), np.uint8) for index in chosen]) if chosen else np.zeros((0,))
    if not len(cells):
        return "<p>No Han character in the vocabulary.</p>"
    rows = -(-len(cells) // _GLYPH_COLUMNS)
    sheet = np.zeros((rows * _GLYPH_COLUMNS, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    sheet[: len(cells)] = cells.reshape(-1, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE)
    picture = sheet.reshape(rows, _GLYPH_COLUMNS, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE).transpose(0, 2, 3, 1, 4)
    buffer = io.BytesIO()
    Image.fromarray(255 - picture.reshape(-1, _GLYPH_COLUMNS * GLYPH_SIZE)).save(buffer, "PNG")
    return f'<img alt="three styles of each character" src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(cell: str) -> str:
    return f'<td class="n">{cell}</td>' if cell.replace(",", "").isdigit() else f"<td>{cell}</td>"


def _bar(share: float) -> str:
    return f'<span class="bar" style="width:{max(1, round(120 * share))}px"></span> {share:.1%}'


def _snippet(text: str) -> str:
    return f'<span class="snippet">{escape(text)}</span>'
