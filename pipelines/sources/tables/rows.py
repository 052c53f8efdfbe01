"""A row of a table as a raw page, or why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from hanmill.pipelines.sources.records import Dropped, Failed, RawPage, Record
from hanmill.pipelines.sources.tables.columns import Columns, language

SOURCE = "tables"
#: Kinds of failure.
BAD_JSON, BAD_UTF8, BAD_ROW, ROW_TOO_LONG = "bad_json", "bad_utf8", "bad_row", "row_too_long"
DAMAGED = "truncated_stream"


class _NotPlain(ValueError):
    """A value that is no text, number or time."""


def row_record(row: Mapping[str, Any], columns: Columns, place: str, size: int) -> Record:
    """The record of one row; ``row`` holds values by column, inner ones as mappings; ``size`` is its length in bytes.

    Empty text is dropped by extraction, a row without any is dropped here (``no_text@1``).
    """
    text = value_at(row, columns.text)
    if text is not None and not isinstance(text, str):
        return failed(BAD_ROW, place, f"found {columns.text} of type {type(text).__name__}, expected text", size)
    try:
        found = {name: plain(value_at(row, name)) for name in columns.others}
    except _NotPlain as error:
        return failed(BAD_ROW, place, str(error), size)
    text = text or ""
    document_id = found.get(columns.id, "") or text_id(place, text)
    url, title = found.get(columns.url, ""), found.get(columns.title, "")
    if not text.strip():
        return Dropped(SOURCE, document_id, "no_text@1", 0.0, 1.0, title, url, place, title)
    timestamp = found.get(columns.timestamp, "")
    return RawPage(
        source=SOURCE,
        document_id=document_id,
        form="text",
        content=text,
        place=place,
        size=size,
        title=title,
        url=url,
        lang=language(found.get(columns.lang, "")),
        revision=timestamp,
        timestamp=timestamp,
        licence=found.get(columns.licence, ""),
        columns=tuple((name, found[name]) for name in columns.carry if found[name]),
    )


def text_id(place: str, text: str) -> str:
    """Files of one name lie in many folders, so a place alone says too little."""
    return f"{place}#{blake2b(text.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def failed(kind: str, place: str, message: str, size: int) -> Failed:
    """The record of a row that cannot be read."""
    return Failed(SOURCE, place, kind, place, message, size)


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """The value of a column, or of one inside it by a path with dots; None where there is none."""
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def plain(value: Any) -> str:
    """A value as text; of a list its first. Raises ValueError for structures and bytes."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return plain(value[0]) if value else ""
    raise _NotPlain(f"found a value of type {type(value).__name__}, expected text, a number or a time")
