"""Batches of documents as the annotators take them."""

from __future__ import annotations

import pyarrow as pa

from hanmill.pipelines.corpus.documents import StoredDocument
from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.extract.document import Reading

_NAMES = ("uid", "source", "lang", "script", "title", "url", "revision", "text", "licence", "opt_out")


def stored_documents(batch: pa.RecordBatch) -> list[StoredDocument]:
    """Documents of a batch of DOCUMENTS or UNIQUE; without a cluster each is its own."""
    documents = []
    for row in batch.to_pylist():
        readings = tuple(Reading(**reading) for reading in row["readings"])
        cluster = row.get("cluster") or fingerprint(fold(row["text"]))
        documents.append(StoredDocument(**{name: row[name] for name in _NAMES}, readings=readings, cluster=cluster))
    return documents
