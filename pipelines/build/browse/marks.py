"""What a person says of documents and readings, in the files that training takes.

``good.jsonl`` and ``bad.jsonl`` hold a document a line (``text`` and where it comes from), as the source ``tables``
and ``hanmill quality train`` read them; ``readings.sent`` and ``readings.lb`` hold marked polyphones, as
``hanmill readings train`` reads them.
"""

from __future__ import annotations

import fcntl
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hanmill.pipelines.corpus.atomic import write_text
from hanmill.schemas.errors import HanmillError

MARKS = ("good", "bad")
_MARK = "▁"
_KEPT = ("source", "lang", "script", "title", "url")


class MarksError(HanmillError, ValueError):
    """A file of marks that is none, or a mark there is not."""


class Marks:
    """The marks of one folder. A change is on disk when its method returns; threads and processes may call."""

    def __init__(self, folder: Path) -> None:
        """Raises MarksError where a file is there and cannot be read."""
        self._folder = folder
        self._lock = threading.Lock()
        self._documents: dict[str, dict[str, dict[str, Any]]] = {mark: self._read(mark) for mark in MARKS}

    def of(self, uid: str) -> str:
        """``good``, ``bad`` or nothing."""
        return next((mark for mark in MARKS if uid in self._documents[mark]), "")

    def counts(self) -> Mapping[str, int]:
        """How many documents have each mark."""
        return {mark: len(found) for mark, found in self._documents.items()}

    def set(self, uid: str, mark: str, row: Mapping[str, Any]) -> None:
        """Marks a document, or with "" takes its mark back. ``row`` is its row, of kept or refused."""
        if mark not in ("", *MARKS):
            raise MarksError(f"mark: found {mark!r}, expected good, bad or nothing")
        text = row["text"] or row.get("snippet") or ""
        line = {"id": uid, "text": text, **{name: row[name] for name in _KEPT}}
        with self._changing():
            # Another process may have marked others meanwhile.
            self._documents = {name: self._read(name) for name in MARKS}
            for name, documents in self._documents.items():
                if uid not in documents and name != mark:
                    continue
                changed = {other: document for other, document in documents.items() if other != uid}
                if name == mark:
                    changed[uid] = line
                lines = (json.dumps(document, ensure_ascii=False) + "\n" for document in changed.values())
                self._write(f"{name}.jsonl", "".join(lines))
                # Only what is on disk is shown as marked.
                self._documents[name] = changed

    def add_reading(self, before: str, character: str, after: str, syllable: str) -> None:
        """Adds a sentence in which ``character`` is read as ``syllable`` (tone last, ü as v)."""
        parts = ("".join(part.replace(_MARK, "").split()) for part in (before, character, after))
        sentence = _MARK.join(parts)
        label = syllable.replace("v", "u:")
        with self._changing():
            for name, line in (("readings.sent", sentence), ("readings.lb", label)):
                path = self._folder / name
                old = path.read_text(encoding="utf-8") if path.is_file() else ""
                self._write(name, f"{old}{line}\n")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Makes the folder, and holds it against other threads and, by ``.lock``, other processes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock, (self._folder / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, name: str, text: str) -> None:
        write_text(self._folder / name, text)

    def _read(self, mark: str) -> dict[str, dict[str, Any]]:
        path = self._folder / f"{mark}.jsonl"
        found: dict[str, dict[str, Any]] = {}
        if path.is_file():
            try:
                written = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise MarksError(f"{path}: found a byte that is no UTF-8 at {error.start:,}") from error
            for number, line in enumerate(written.split("\n"), 1):
                if not line:
                    continue
                try:
                    document = json.loads(line)
                    found[document["id"]] = document
                except (ValueError, KeyError, TypeError) as error:
                    raise MarksError(
                        f"{path}, line {number}: found {line[:60]!r}, expected a marked document"
                    ) from error
        return found
