"""Ingest: one split of a source becomes a shard of documents and a shard of what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.clean.batch import Cleaner, Kept
from pipelines.dedup.duplicates import SIGNATURES
from pipelines.dedup.fold import fingerprint, fold
from pipelines.dedup.minhash import shingle_hashes, signature
from pipelines.dedup.near import SHORT_SHINGLES
from pipelines.jobs.job import Task
from pipelines.records import SNIPPET_CHARACTERS, Document, Dropped, Failed, Record, Split
from pipelines.sources import commoncrawl, wikipedia
from pipelines.storage.shards import ShardWriter
from schemas.corpus import DOCUMENTS, DROPPED
from schemas.hashing import document_uid
from schemas.manifest import Accounting
from schemas.recipe import Recipe

#: A batch ends at whichever comes first; the worker holds no more than this much text.
BATCH_DOCUMENTS = 64
BATCH_CHARACTERS = 1 << 20


@dataclass(frozen=True, slots=True)
class IngestJob:
    """Reads, filters, cleans and normalises splits."""

    recipe: Recipe
    name: str = "ingest"

    def open(self) -> Callable[[Task], None]:
        """Loads the language model, OpenCC and word lists."""
        cleaner = Cleaner(self.recipe.clean, self.recipe.normalize)

        def run(task: Task) -> None:
            ingest(task, cleaner, self.recipe)

        return run


def ingest(task: Task, cleaner: Cleaner, recipe: Recipe) -> None:
    """Writes the shards ``dropped``, ``signatures`` and, last, ``documents``, whose footer has the accounting."""
    templates: Counter[str] = Counter()
    done = Path(task.done)
    rows = recipe.output.row_group_rows
    output = done.parent.parent
    with (
        ShardWriter(done, DOCUMENTS, rows) as documents,
        ShardWriter(output / "signatures" / done.name, SIGNATURES, rows) as signatures,
        ShardWriter(output / "dropped" / done.name, DROPPED, rows) as refused,
    ):
        read = kept = 0
        dropped: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for outcome in clean_records(read_records(task.split, recipe, templates), cleaner):
            read += 1
            if isinstance(outcome, Kept):
                kept += 1
                row = _document_row(outcome)
                documents.append(row)
                signatures.append(_signature_row(row, near=recipe.deduplicate.near))
            elif isinstance(outcome, Dropped):
                dropped[outcome.rule] += 1
                refused.append(_dropped_row(outcome))
            else:
                failed[outcome.kind] += 1
                refused.append(_failed_row(outcome))
        documents.metadata.update(
            stage="ingest",
            key=task.key,
            accounting=asdict(Accounting(read, kept, dict(dropped), dict(failed))),
            templates_dropped=dict(sorted(templates.items(), key=lambda item: (-item[1], item[0]))[:200]),
        )


def read_records(split: Split, recipe: Recipe, templates: Counter[str]) -> Iterator[Record]:
    """The records of a split, by its source's reader."""
    if split.source == "wikipedia":
        return wikipedia.read_split(split, recipe.sources.wikipedia, templates)
    return commoncrawl.read_split(split, recipe.sources.commoncrawl)


def clean_records(records: Iterable[Record], cleaner: Cleaner) -> Iterator[Kept | Dropped | Failed]:
    """Cleans documents batch by batch; what a source dropped or failed passes through."""
    batch: list[Document] = []
    characters = 0
    for record in records:
        if not isinstance(record, Document):
            yield record
            continue
        batch.append(record)
        characters += len(record.text)
        if len(batch) == BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield from cleaner.clean(batch)
            batch, characters = [], 0
    if batch:
        yield from cleaner.clean(batch)


def _document_row(kept: Kept) -> dict[str, Any]:
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
        "raw": None if kept.raw is None else _printable(kept.raw),
        "readings": [{"start": r.start, "end": r.end, "reading": r.reading} for r in document.readings],
    }


def _signature_row(row: Mapping[str, Any], *, near: bool) -> dict[str, Any]:
    folded = fold(row["text"])
    hashes = shingle_hashes(folded) if near else None
    short = hashes is not None and len(hashes) < SHORT_SHINGLES
    return {
        "uid": row["uid"],
        "source": row["source"],
        "length": len(folded),
        "fingerprint": fingerprint(folded),
        "minhash": None if hashes is None else signature(hashes).tobytes(),
        "shingles": np.unique(hashes.astype(np.uint32)) if hashes is not None and short else (),
    }


def _dropped_row(dropped: Dropped) -> dict[str, Any]:
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
    }


def _failed_row(failed: Failed) -> dict[str, Any]:
    return {
        "uid": document_uid(failed.source, failed.document_id or failed.place),
        "source": failed.source,
        "outcome": "failed",
        "rule": failed.kind,
        "measured": None,
        "threshold": None,
        "title": "",
        "url": "",
        "place": failed.place,
        "snippet": _printable(failed.message)[:SNIPPET_CHARACTERS],
    }


def _printable(text: str) -> str:
    """Lone surrogates, which no file can hold, become question marks, so that offsets stay."""
    return text.encode("utf-8", "replace").decode("utf-8")
