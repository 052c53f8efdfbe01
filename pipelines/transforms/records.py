"""Records as rows: what readers give, one row a record, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from hanmill.pipelines.extract.document import Document, Reading
from hanmill.pipelines.sources.records import Dropped, Failed
from hanmill.pipelines.transforms.batches import batch_of
from hanmill.schemas.corpus import COLUMN, SPAN

Outcome = Document | Dropped | Failed
PAGE, DROPPED, FAILED = "page", "dropped", "failed"


def _text(name: str) -> pa.Field:
    return pa.field(name, pa.string(), nullable=False)


#: ``outcome`` is page, dropped or failed. A page has its text; what a source dropped has ``rule``, ``measured``,
#: ``threshold`` and ``snippet``; what failed has its kind in ``rule``, its message in ``snippet`` and ``bytes_lost``.
RECORDS = pa.schema(
    [
        _text("outcome"),
        *map(_text, ("source", "document_id", "lang", "title", "url", "revision", "timestamp", "place")),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("readings", pa.list_(SPAN), nullable=False),
        pa.field("link_characters", pa.uint32(), nullable=False),
        *map(_text, ("charset", "charset_from", "licence")),
        pa.field("opt_out", pa.bool_(), nullable=True),
        pa.field("columns", pa.list_(COLUMN), nullable=False),
        pa.field("flags", pa.list_(pa.string()), nullable=False),
        _text("rule"),
        pa.field("measured", pa.float64(), nullable=True),
        pa.field("threshold", pa.float64(), nullable=True),
        _text("snippet"),
        pa.field("bytes_lost", pa.uint64(), nullable=False),
    ]
)
_EMPTY: dict[str, Any] = {
    field.name: "" if pa.types.is_string(field.type) or pa.types.is_large_string(field.type) else None
    for field in RECORDS
} | {"readings": [], "flags": [], "columns": [], "link_characters": 0, "bytes_lost": 0}
_PAGE_FIELDS = (
    *("source", "document_id", "lang", "title", "url", "revision", "timestamp", "place", "text"),
    *("link_characters", "charset", "charset_from", "licence", "opt_out"),
)


def records_batch(outcomes: Iterable[Outcome]) -> pa.RecordBatch:
    """A batch of RECORDS, a row an outcome, in order."""
    return batch_of([_EMPTY | _row(outcome) for outcome in outcomes], RECORDS)


def outcomes_of(batch: pa.RecordBatch) -> Iterator[Outcome]:
    """The outcomes of a batch of RECORDS, in order."""
    for row in batch.to_pylist():
        if row["outcome"] == PAGE:
            readings = tuple(Reading(**reading) for reading in row["readings"])
            fields = {name: row[name] for name in _PAGE_FIELDS}
            columns = tuple((column["name"], column["value"]) for column in row["columns"])
            yield Document(**fields, readings=readings, flags=tuple(row["flags"]), columns=columns)
        elif row["outcome"] == DROPPED:
            yield Dropped(
                source=row["source"],
                document_id=row["document_id"],
                rule=row["rule"],
                measured=row["measured"],
                threshold=row["threshold"],
                title=row["title"],
                url=row["url"],
                place=row["place"],
                snippet=row["snippet"],
            )
        else:
            where = (row["source"], row["document_id"], row["rule"], row["place"])
            yield Failed(*where, row["snippet"], row["bytes_lost"])


def _row(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Document):
        readings = [{"start": r.start, "end": r.end, "reading": r.reading} for r in outcome.readings]
        fields = {name: _printable(getattr(outcome, name)) for name in _PAGE_FIELDS}
        columns = [{"name": name, "value": _printable(value)} for name, value in outcome.columns]
        return {"outcome": PAGE, **fields, "readings": readings, "flags": list(outcome.flags), "columns": columns}
    if isinstance(outcome, Dropped):
        names = ("source", "document_id", "rule", "measured", "threshold", "title", "url", "place", "snippet")
        return {"outcome": DROPPED, **{name: _printable(getattr(outcome, name)) for name in names}}
    return {
        "outcome": FAILED,
        "source": outcome.source,
        "document_id": _printable(outcome.document_id),
        "rule": outcome.kind,
        "place": outcome.place,
        "snippet": _printable(outcome.message),
        "bytes_lost": outcome.bytes_lost,
    }


def _printable(value: Any) -> Any:
    """Lone surrogates, which no file can hold, as question marks, so that offsets stay."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
