"""The documents that a task of a later stage reads."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.jobs.job import Task
from pipelines.storage.documents import LeftOut, StoredDocument, StoredShard, read_documents


def kept_documents(task: Task) -> Iterator[StoredDocument | LeftOut]:
    """Documents of the split that ``number`` says, duplicates and repeated lines left out."""
    return read_documents(
        StoredShard(
            task.number,
            task.reading("documents"),
            task.reading("signatures"),
            task.reading("clusters"),
            next(iter(task.reading_all("repeated")), None),
        )
    )
