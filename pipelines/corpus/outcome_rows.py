"""Outcomes of ingest as rows: kept documents, and what was dropped or failed with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from hanmill.pipelines.clean.batch import Kept
from hanmill.pipelines.corpus.shards import plain_schema
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, Failed
from hanmill.schemas.corpus import DOCUMENTS
from hanmill.schemas.hashing import document_uid


def documents_table(kept: Sequence[Kept]) -> pa.Table:
    """DOCUMENTS in order, but for dictionaries: those columns are plain."""
    documents = [one.document for one in kept]
    names = {name: _printable([getattr(document, name) for document in documents]) for name in _NAMES}
    columns = names | {
        "uid": [document_uid(document.source, document.document_id) for document in documents],
        "source": [document.source for document in documents],
        "lang": [one.lang for one in kept],
        "script": [one.script for one in kept],
        "text": [document.text for document in documents],
        "raw": [None if one.raw is None else _without_surrogates(one.raw) for one in kept],
        "readings": [
            [{"start": r.start, "end": r.end, "reading": r.reading} for r in document.readings]
            for document in documents
        ],
        "opt_out": [document.opt_out for document in documents],
        "columns": [
            [{"name": name, "value": _without_surrogates(value)} for name, value in document.columns]
            for document in documents
        ],
        "measures": [_measures(one.measures) for one in kept],
    }
    plain = plain_schema(DOCUMENTS)
    return pa.Table.from_arrays([pa.array(columns[field.name], field.type) for field in plain], schema=plain)


#: Columns of text as sources give it.
_NAMES = ("title", "url", "revision", "timestamp", "licence")


def refused_row(outcome: Dropped | Failed, *, text: bool = False) -> dict[str, Any]:
    """A row of DROPPED, with the text of what was dropped where it is wanted and there is one."""
    return _dropped_row(outcome, text) if isinstance(outcome, Dropped) else _failed_row(outcome)


def _dropped_row(dropped: Dropped, text: bool) -> dict[str, Any]:
    return {
        "uid": document_uid(dropped.source, dropped.document_id),
        "source": dropped.source,
        "outcome": "dropped",
        "rule": dropped.rule,
        "measured": dropped.measured,
        "threshold": dropped.threshold,
        "title": _without_surrogates(dropped.title),
        "url": _without_surrogates(dropped.url),
        "place": dropped.place,
        "snippet": _without_surrogates(dropped.snippet)[:SNIPPET_CHARACTERS],
        "lang": dropped.lang,
        "script": dropped.script,
        "measures": _measures(dropped.measures),
        "text": _without_surrogates(dropped.text) if text and dropped.text else None,
    }


def _failed_row(failed: Failed) -> dict[str, Any]:
    return {
        "uid": document_uid(failed.source, failed.document_id or failed.place),
        "source": failed.source,
        "outcome": "failed",
        "rule": failed.kind,
        "measured": float(failed.bytes_lost),
        "threshold": None,
        "title": "",
        "url": "",
        "place": failed.place,
        "snippet": _without_surrogates(failed.message)[:SNIPPET_CHARACTERS],
        "lang": "",
        "script": "",
        "measures": [],
        "text": None,
    }


def _measures(measures: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in measures]


def _printable(texts: list[str]) -> list[str]:
    """Lone surrogates, which no file can hold, become question marks, so that offsets stay."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return list(map(_without_surrogates, texts))
    return texts


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
