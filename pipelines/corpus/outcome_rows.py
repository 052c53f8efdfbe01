"""Outcomes of ingest as rows: kept documents, and what was dropped or failed with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hanmill.pipelines.clean.batch import Kept
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, Failed
from hanmill.schemas.hashing import document_uid


def document_row(kept: Kept) -> dict[str, Any]:
    """A row of DOCUMENTS."""
    document = kept.document
    return {
        "uid": document_uid(document.source, document.document_id),
        "source": document.source,
        "lang": kept.lang,
        "script": kept.script,
        "title": _printable(document.title),
        "url": _printable(document.url),
        "revision": _printable(document.revision),
        "text": document.text,
        "timestamp": _printable(document.timestamp),
        "raw": None if kept.raw is None else _printable(kept.raw),
        "readings": [{"start": r.start, "end": r.end, "reading": r.reading} for r in document.readings],
        "licence": _printable(document.licence),
        "opt_out": document.opt_out,
        "columns": [{"name": name, "value": _printable(value)} for name, value in document.columns],
        "measures": _measures(kept.measures),
    }


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
        "title": _printable(dropped.title),
        "url": _printable(dropped.url),
        "place": dropped.place,
        "snippet": _printable(dropped.snippet)[:SNIPPET_CHARACTERS],
        "lang": dropped.lang,
        "script": dropped.script,
        "measures": _measures(dropped.measures),
        "text": _printable(dropped.text) if text and dropped.text else None,
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
        "snippet": _printable(failed.message)[:SNIPPET_CHARACTERS],
        "lang": "",
        "script": "",
        "measures": [],
        "text": None,
    }


def _measures(measures: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in measures]


def _printable(text: str) -> str:
    """Lone surrogates, which no file can hold, become question marks, so that offsets stay."""
    return text.encode("utf-8", "replace").decode("utf-8")
