"""Annotate: one shard of documents becomes one shard of training rows and one of validation rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from pipelines.annotate.pinyin import PinyinAnnotator
from pipelines.annotate.rows import RowBuilder
from pipelines.annotate.segmenters import Segmenters
from pipelines.jobs.job import Task
from pipelines.storage.documents import StoredDocument, duplicate_rows, read_documents
from pipelines.storage.shards import ShardWriter
from schemas.corpus import CORPUS
from schemas.recipe import Recipe

#: A row group ends here even when it has fewer rows than the recipe says, so that memory stays bounded.
ROW_GROUP_CHARACTERS = 1 << 20
#: Resolution of the validation share.
_BUCKETS = 1 << 32


@dataclass(frozen=True, slots=True)
class AnnotateJob:
    """Segments, romanises and looks up ids; ``tables`` is the corpus's folder of tables."""

    recipe: Recipe
    tables: str
    name: str = "annotate"

    def open(self) -> Callable[[Task], None]:
        """Loads tables, dictionaries and models."""
        tables = Path(self.tables)
        builder = RowBuilder(
            read_character_ids(tables / "characters.parquet"),
            Segmenters(self.recipe.segment),
            PinyinAnnotator() if self.recipe.readings.pinyin else None,
            read_word_ids(tables),
            romaji=self.recipe.readings.romaji,
        )

        def run(task: Task) -> None:
            annotate(task, builder, self.recipe)

        return run


def annotate(task: Task, builder: RowBuilder, recipe: Recipe) -> None:
    """Writes ``validation/part-KEY.parquet`` and then ``train/part-KEY.parquet``."""
    documents, duplicates = task.reading("documents"), task.reading("duplicates")
    done = Path(task.done)
    output = recipe.output
    with (
        ShardWriter(done, CORPUS, output.row_group_rows) as train,
        ShardWriter(done.parent.parent / "validation" / done.name, CORPUS, output.row_group_rows) as validation,
    ):
        groups = [
            _RowGroup(train, builder, output.row_group_rows),
            _RowGroup(validation, builder, output.row_group_rows),
        ]
        for document in read_documents(documents, duplicates):
            groups[is_validation(document.fingerprint, output.validation_share)].append(document)
        for group in groups:
            group.close(task.key)
        train.metadata["duplicates"] = dict(Counter(duplicate_rows(duplicates, documents.name).values()))


class _RowGroup:
    """Collects documents up to one row group, annotates them together, and keeps the shard's own account."""

    def __init__(self, shard: ShardWriter, builder: RowBuilder, rows: int) -> None:
        self._shard = shard
        self._builder = builder
        self._rows = rows
        self._documents: list[StoredDocument] = []
        self._characters = 0
        self._measures: Counter[str] = Counter()
        self._groups: list[dict[str, int]] = []

    def append(self, document: StoredDocument) -> None:
        self._documents.append(document)
        self._characters += len(document.text)
        if len(self._documents) == self._rows or self._characters >= ROW_GROUP_CHARACTERS:
            self._flush()

    def close(self, key: str) -> None:
        self._flush()
        self._shard.metadata.update(
            stage="annotate", key=key, row_groups=self._groups, measures=dict(sorted(self._measures.items()))
        )

    def _flush(self) -> None:
        if not self._documents:
            return
        annotated = self._builder.build(self._documents)
        self._shard.write_row_group(annotated.table)
        self._measures.update(annotated.measures)
        self._groups.append({"rows": len(self._documents), "characters": annotated.measures["characters"]})
        self._documents, self._characters = [], 0


def is_validation(fingerprint: bytes, share: float) -> bool:
    """Whether documents of this fingerprint are validation rows; twins have one fingerprint, so stay together."""
    return int.from_bytes(fingerprint[:4], "big") < share * _BUCKETS


def read_character_ids(path: Path) -> npt.NDArray[np.uint16]:
    """uint16 [0x110000]: the id of each code point by the ``characters`` table, 0 where it has none."""
    table = pq.read_table(path, columns=["id", "codepoint"])
    ids = np.zeros(0x110000, np.uint16)
    ids[table["codepoint"].to_numpy()] = table["id"].to_numpy()
    return ids


def read_word_ids(tables: Path) -> dict[str, dict[str, int]]:
    """Language to word to id, by the ``words.LANG`` tables there are."""
    found = {}
    for path in sorted(tables.glob("words.*.parquet")):
        table = pq.read_table(path, columns=["word", "id"])
        lang = path.name.removeprefix("words.").removesuffix(".parquet")
        found[lang] = dict(zip(table["word"].to_pylist(), table["id"].to_pylist(), strict=True))
    return found
