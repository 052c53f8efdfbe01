"""Batches of documents as the annotators take them."""

from __future__ import annotations

import pyarrow as pa

from hanmill.pipelines.corpus.documents import StoredDocument, stored_documents, values_of
from hanmill.pipelines.dedup.fold import fingerprints, fold_texts


def documents_of(batch: pa.RecordBatch) -> list[StoredDocument]:
    """Documents of a batch of DOCUMENTS or UNIQUE; without a cluster each is its own."""
    clustered = "cluster" in batch.schema.names
    clusters = values_of(batch["cluster"]) if clustered else fingerprints(fold_texts(values_of(batch["text"])))
    return list(stored_documents(batch, clusters))
