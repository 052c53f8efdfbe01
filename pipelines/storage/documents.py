"""Reading kept documents back, duplicates left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup.duplicates import DUPLICATES
from pipelines.records import Reading


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A row of ``documents/`` with the fingerprint of its folded text."""

    uid: int
    source: str
    lang: str
    script: str
    title: str
    url: str
    revision: str
    text: str
    readings: tuple[Reading, ...]
    fingerprint: bytes


def duplicate_rows(duplicates: Path, shard: str) -> dict[int, str]:
    """Row number to rule (``duplicate@1``, ``same_document@1``) of a documents shard's rows to leave out."""
    table = pq.read_table(duplicates, schema=DUPLICATES, filters=pc.field("shard") == shard)
    return dict(zip(table["row"].to_pylist(), table["rule"].to_pylist(), strict=True))


def read_documents(documents: Path, duplicates: Path, *, batch_rows: int = 64) -> Iterator[StoredDocument]:
    """The documents of a shard in order, without duplicates; holds ``batch_rows`` at a time."""
    left_out = duplicate_rows(duplicates, documents.name)
    signatures = pq.ParquetFile(documents.parent.parent / "signatures" / documents.name)
    fingerprints = (
        value
        for batch in signatures.iter_batches(batch_rows, columns=["fingerprint"])
        for value in batch["fingerprint"].to_pylist()
    )
    columns = ["uid", "source", "lang", "script", "title", "url", "revision", "text", "readings"]
    row = 0
    for batch in pq.ParquetFile(documents).iter_batches(batch_rows, columns=columns):
        # The batch first: zip must not draw a fingerprint that no document is left for.
        for value, fingerprint in zip(batch.to_pylist(), fingerprints, strict=False):
            if row not in left_out:
                readings = tuple(Reading(**reading) for reading in value.pop("readings"))
                yield StoredDocument(**value, readings=readings, fingerprint=fingerprint)
            row += 1
