"""All tables of a corpus, built from the counts of its documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.corpus.atomic import replacing
from hanmill.pipelines.corpus.shards import write_table
from hanmill.pipelines.corpus.tables import make_tables
from hanmill.pipelines.vocabulary.characters import (
    CHARACTER_COUNTS,
    add_character_counts,
)
from hanmill.pipelines.vocabulary.words import WORD_COUNTS
from hanmill.schemas.hashing import canonical_json, file_sha256
from hanmill.schemas.location import parquet_source
from hanmill.schemas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TablesJob:
    """One task: every table, from the counts of all shards."""

    recipe: Recipe
    name: str = "tables"

    def open(self) -> Callable[[Task], None]:
        """Loads when the task is done; there is one."""
        return self.run

    def run(self, task: Task) -> None:
        """Makes the tables of all counts."""
        counts = add_character_counts(
            pq.read_table(parquet_source(path), schema=CHARACTER_COUNTS) for path in task.reading_all("merged")
        )
        words = [pq.read_table(parquet_source(path), schema=WORD_COUNTS) for path in task.reading_all("commonest")]
        write_tables(task, counts, pa.concat_tables([WORD_COUNTS.empty_table(), *words]), self.recipe)


def write_tables(task: Task, counts: pa.Table, words: pa.Table, recipe: Recipe) -> None:
    """Writes a file a table, and then ``tables``, which says what they are.

    ``counts`` are CHARACTER_COUNTS, ``words`` WORD_COUNTS of the words that are common enough.
    """
    tables, versions = make_tables(counts, words, recipe)
    listing = task.writing("tables")
    files = {}
    for name, table in sorted(tables.items()):
        path = listing.parent / f"{name}-{task.key}.parquet"
        write_table(path, table)
        files[name] = [path.name, file_sha256(path), table.num_rows]
    with replacing(listing, listing.parent.parent) as temporary:
        temporary.write_text(canonical_json({"versions": versions, "files": files}), encoding="utf-8")
