"""The documents that a task of a later stage reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.corpus.documents import LeftOut, StoredDocument, StoredShard, read_documents, read_texts

#: A batch ends at whichever comes first.
BATCH_DOCUMENTS = 64
BATCH_CHARACTERS = 1 << 20


def kept_documents(task: Task) -> Iterator[StoredDocument | LeftOut]:
    """Documents of the shard that a task reads, duplicates and repeated lines left out."""
    return read_documents(_shard(task))


def kept_texts(task: Task) -> Iterator[tuple[str, str]]:
    """Language and text of those that are kept, for half the time."""
    return read_texts(_shard(task))


def _shard(task: Task) -> StoredShard:
    verdict, repeated = (next(iter(task.reading_all(kind)), None) for kind in ("verdict", "repeated"))
    return StoredShard(task.reading("documents"), task.reading("signatures"), verdict, repeated)


def document_batches(documents: Iterable[StoredDocument | LeftOut]) -> Iterator[list[StoredDocument]]:
    """Documents that are kept, some at a time, in order."""
    batch: list[StoredDocument] = []
    characters = 0
    for document in documents:
        if isinstance(document, LeftOut):
            continue
        batch.append(document)
        characters += len(document.text)
        if len(batch) == BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
