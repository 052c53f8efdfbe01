"""Documents of a corpus as a person can check them: text, and aligned under it cluster, pinyin, word and romaji."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanmill.corpus import Tables
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.corpus import NO_SYLLABLE, UNKNOWN_CHARACTER
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, open_parquet, parquet_source
from hanmill.schemas.manifest import Manifest

_ROWS = (("char", "bold"), ("cluster", "yellow"), ("pinyin", "cyan"), ("word", "white"), ("romaji", "green"))
_LABEL_WIDTH = 8
_SAME = "·"


class NoDocumentError(HanmillError, ValueError):
    """A language of which a corpus has no document."""


@dataclass(frozen=True, slots=True)
class Block:
    """One word: a cell per character (character, cluster representative, pinyin), its surface and its romaji."""

    cells: tuple[tuple[str, str, str], ...]
    word: str
    romaji: str


def inspect(corpus: Location, lang: str, count: int, characters: int, width: int, raw: bool) -> Iterator[str]:
    """Lines to print for the first ``count`` documents of a language (empty: of any).

    ``characters`` limits what is shown of each; ``width`` is the terminal's, in columns; ``raw`` adds the text as it
    was before normalisation. Raises NoDocumentError.
    """
    manifest = Manifest.load(corpus)
    tables = Tables.read(corpus)
    rows = list(islice(_rows(corpus, manifest, lang), count))
    before = _raw_texts(corpus, [row["uid"] for row in rows]) if raw else {}
    for row in rows:
        yield from document_lines(row, tables, characters, width, before.get(row["uid"], "") if raw else None)
    if not rows:
        langs = ", ".join(sorted({name for counts in _languages(corpus) for name in counts}))
        raise NoDocumentError(f"no document in {lang or 'any language'}; the corpus has: {langs or 'none'}")


def _rows(corpus: Location, manifest: Manifest, lang: str) -> Iterator[dict[str, Any]]:
    for shard in (*manifest.train, *manifest.validation):
        for batch in open_parquet(corpus / shard.path).iter_batches(32):
            yield from (row for row in batch.to_pylist() if not lang or row["lang"] == lang)


def _raw_texts(corpus: Location, uids: Sequence[int]) -> dict[int, str]:
    """Texts before normalisation, by uid, of the documents that it changed: the build's own shards hold them."""
    found: dict[int, str] = {}
    wanted = pc.field("uid").isin(pa.array(uids, pa.uint64()))
    shards: list[Location] = list((corpus / "documents").glob("part-*.parquet"))
    for path in sorted(shards, key=str):
        if len(found) == len(uids):
            break
        table = pq.read_table(parquet_source(path), columns=["uid", "raw"], filters=wanted)
        found |= {row["uid"]: row["raw"] for row in table.to_pylist() if row["raw"] is not None}
    return found


def _languages(corpus: Location) -> Iterator[dict[str, int]]:
    table = pq.read_table(parquet_source(corpus / "tables" / "characters.parquet"), columns=["counts"])
    return ({item["lang"]: item["count"] for item in counts} for counts in table["counts"].to_pylist())


def document_lines(
    row: dict[str, Any], tables: Tables, characters: int, width: int, raw: str | None = None
) -> Iterator[str]:
    """A header, the text, and the aligned rows, sentence by sentence.

    ``raw`` is the text before masks and normalisation, empty where they changed nothing or the build did not keep it;
    None leaves it out.
    """
    yield click.style(f"{printable(row['title']) or '(no title)'}  ", bold=True) + click.style(
        f"{row['lang']} {row['script']}  {row['source']}  uid {row['uid']:016x}", dim=True
    )
    yield click.style(f"{printable(row['url'])}  revision {printable(row['revision'])}", dim=True)
    shown = row["text"][:characters]
    yield printable(shown, lines=True) + ("…" if len(shown) < len(row["text"]) else "")
    if raw is not None:
        begun = raw[:characters] + "…" * (len(raw) > characters)
        yield click.style("raw ", dim=True) + (
            printable(begun, lines=True) or click.style("as above, or not kept", dim=True)
        )
    yield ""
    visible = sum(not character.isspace() for character in shown)
    yield from aligned_lines(list(blocks(row, tables, visible)), width)


def blocks(row: dict[str, Any], tables: Tables, characters: int) -> Iterator[Block]:
    """The words that begin within the first ``characters`` characters."""
    written = [character for character in row["text"] if not character.isspace()]
    position = 0
    romaji = row["word_roman"] or [""] * len(row["word_lens"])
    for length, roman in zip(row["word_lens"], romaji, strict=True):
        if position >= characters:
            return
        places = range(position, position + length)
        surface = printable("".join(written[place] for place in places))
        cells = tuple(
            (printable(written[place]), _cluster(row, tables, place), _pinyin(row, tables, place)) for place in places
        )
        yield Block(cells, surface, "" if roman == surface else printable(roman))
        position += length


def _cluster(row: dict[str, Any], tables: Tables, place: int) -> str:
    identifier = row["char_ids"][place]
    if identifier == UNKNOWN_CHARACTER:
        return "?"
    representative = tables.representatives[identifier]
    return _SAME if representative == identifier else tables.characters[representative]


def _pinyin(row: dict[str, Any], tables: Tables, place: int) -> str:
    if row["pinyin_ids"] is None or row["pinyin_ids"][place] == NO_SYLLABLE:
        return ""
    return str(tables.syllables[row["pinyin_ids"][place]])


def display_width(text: str) -> int:
    """Terminal columns of a text (UAX #11): wide and full-width characters take two, combining marks none."""
    return sum(
        0
        if unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Mn", "Me")
        else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def aligned_lines(words: Sequence[Block], width: int) -> Iterator[str]:
    """The five rows, broken where the terminal ends; a row that is empty throughout is left out."""
    line: list[tuple[str, ...]] = []
    used = _LABEL_WIDTH
    for block in words:
        columns = _columns(block)
        needed = display_width(columns[0]) + 1
        if line and used + needed > width:
            yield from _print_line(line)
            line, used = [], _LABEL_WIDTH
        line.append(columns)
        used += needed
    if line:
        yield from _print_line(line)


def _columns(block: Block) -> tuple[str, ...]:
    """The five rows of one word, all of one display width."""
    widths = [max(map(display_width, cell)) for cell in block.cells]
    rows = [
        " ".join(_pad(cell[kind], size) for cell, size in zip(block.cells, widths, strict=True)) for kind in range(3)
    ]
    rows += [block.word, block.romaji]
    whole = max(map(display_width, rows))
    return tuple(_pad(row, whole) for row in rows)


def _print_line(line: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for index, (name, colour) in enumerate(_ROWS):
        text = " ".join(columns[index] for columns in line)
        if text.strip(f" {_SAME}") or index == 0:
            style = {"bold": True} if colour == "bold" else {"fg": colour}
            yield click.style(name.ljust(_LABEL_WIDTH), dim=True) + click.style(text.rstrip(), **style)
    yield ""
