"""Finding documents of a corpus, kept and refused, by what a person remembers of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.build.garbage import NEEDED_NAME, needed
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, open_parquet, relative
from hanmill.schemas.manifest import Manifest

KEPT, REFUSED = "kept", "refused"
STATES = (KEPT, REFUSED, "all")
#: What a page of results shows of a text, in characters, and what of it stands before the words looked for.
_SNIPPET, _BEFORE = 160, 40
_KEPT_COLUMNS = ("uid", "source", "lang", "script", "title", "url", "text")
_REFUSED_COLUMNS = (*_KEPT_COLUMNS[:-1], "outcome", "rule", "measured", "threshold", "snippet", "text")


class BrowseError(HanmillError, ValueError):
    """A document or a query that there is none of."""


@dataclass(frozen=True, slots=True)
class Query:
    """What documents must have; an empty string asks for nothing.

    ``state`` is one of STATES; ``text`` and ``address`` are parts of text or title, and of the address, letters of
    either case; ``rule`` is a rule's versioned name or a failure's kind; ``uid`` is hexadecimal.
    """

    state: str = KEPT
    text: str = ""
    address: str = ""
    rule: str = ""
    lang: str = ""
    source: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a shard of the corpus; the shard by its path inside it."""

    shard: str
    row: int


@dataclass(frozen=True, slots=True)
class Hit:
    """What a list shows of a document. ``rule`` is empty for kept ones, ``measured`` None where nothing was."""

    place: Place
    uid: int
    source: str
    lang: str
    script: str
    title: str
    url: str
    rule: str
    measured: float | None
    threshold: float | None
    snippet: str


class CorpusSearch:
    """Looks through the shards of a finished corpus from front to back; holds one row group at a time."""

    def __init__(self, corpus: Location) -> None:
        """Raises ManifestError where there is no finished corpus."""
        self._corpus = corpus
        self.manifest = Manifest.load(corpus)
        kept = [shard.path for shard in (*self.manifest.train, *self.manifest.validation)]
        # A corpus that was exported, or written by a pipeline of one's own, has no shards of a build beside it.
        built = needed(corpus, "browse") if (corpus / NEEDED_NAME).is_file() else set()
        refused = sorted(relative(path, corpus) for path in built if path.parent.name == "dropped")
        self._shards = {KEPT: kept, REFUSED: refused, "all": [*kept, *refused]}

    def find(self, query: Query, start: Place | None, count: int) -> tuple[list[Hit], Place | None]:
        """At most ``count`` documents from ``start`` on, and where the next page begins (None at the end).

        Raises BrowseError for a state, a uid or a place that is none.
        """
        if query.state not in STATES:
            raise BrowseError(f"state: found {query.state!r}, expected one of {', '.join(STATES)}")
        shards = self._shards[query.state]
        if start is not None and start.shard not in shards:
            raise BrowseError(f"shard: found {start.shard!r}, expected one of the corpus")
        found: list[Hit] = []
        for shard in shards[shards.index(start.shard) if start else 0 :]:
            first = start.row if start and shard == start.shard else 0
            for hit in self._in_shard(shard, query, first):
                if len(found) == count:
                    return found, hit.place
                found.append(hit)
        return found, None

    def row(self, place: Place) -> tuple[str, Mapping[str, Any]]:
        """KEPT or REFUSED, and the whole row. Raises BrowseError where there is none."""
        state = KEPT if place.shard in self._shards[KEPT] else REFUSED
        if place.shard in self._shards[state]:
            row = place.row
            with open_parquet(self._corpus / place.shard) as file:
                for group in range(file.metadata.num_row_groups):
                    rows = file.metadata.row_group(group).num_rows
                    if 0 <= row < rows:
                        return state, file.read_row_group(group).slice(row, 1).to_pylist()[0]
                    row -= rows
        raise BrowseError(f"document: found row {place.row} of {place.shard!r}, expected one of the corpus")

    def _in_shard(self, shard: str, query: Query, first: int) -> Iterator[Hit]:
        with open_parquet(self._corpus / shard) as file:
            refused = "outcome" in file.schema_arrow.names
            if query.rule and not refused:
                return
            begin = 0
            for group in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if begin + rows > first:
                    columns = list(_REFUSED_COLUMNS if refused else _KEPT_COLUMNS)
                    table = file.read_row_group(group, columns=columns)
                    wanted = np.flatnonzero(_matching(table, query))
                    for row in wanted[wanted + begin >= first].tolist():
                        yield _hit(Place(shard, begin + row), table.slice(row, 1).to_pylist()[0], query.text)
                begin += rows


def _matching(table: pa.Table, query: Query) -> Sequence[bool]:
    mask = pa.array(np.ones(table.num_rows, dtype=bool))
    for name, wanted in (("lang", query.lang), ("source", query.source), ("rule", query.rule)):
        if wanted:
            mask = pc.and_(mask, pc.equal(table[name].cast(pa.string()), wanted))
    if query.uid:
        mask = pc.and_(mask, pc.equal(table["uid"], pa.scalar(_uid(query.uid), pa.uint64())))
    if query.address:
        mask = pc.and_(mask, pc.match_substring(table["url"], query.address, ignore_case=True))
    if query.text:
        texts = [table[name] for name in ("title", "text", "snippet") if name in table.column_names]
        holds = [pc.fill_null(pc.match_substring(text, query.text, ignore_case=True), False) for text in texts]
        anywhere = holds[0]
        for one in holds[1:]:
            anywhere = pc.or_(anywhere, one)
        mask = pc.and_(mask, anywhere)
    matching: Sequence[bool] = (mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask).to_numpy(False)
    return matching


def _uid(written: str) -> int:
    try:
        number = int(written, 16)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 64:
        raise BrowseError(f"uid: found {written[:40]!r}, expected up to 16 hexadecimal digits")
    return number


def _hit(place: Place, row: Mapping[str, Any], looked_for: str) -> Hit:
    text = row["text"] or row.get("snippet") or ""
    begin = max(0, text.lower().find(looked_for.lower()) - _BEFORE) if looked_for else 0
    snippet = ("…" if begin else "") + text[begin : begin + _SNIPPET] + ("…" if begin + _SNIPPET < len(text) else "")
    named = {name: row[name] for name in ("uid", "source", "lang", "script", "title", "url")}
    return Hit(
        place, **named, rule=row.get("rule") or "", measured=row.get("measured"), threshold=row.get("threshold"),
        snippet=snippet,
    )  # fmt: skip
