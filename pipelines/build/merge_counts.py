"""Counts of many shards added up: characters at once, words by partitions, so that no process holds all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.corpus.atomic import replacing
from hanmill.pipelines.corpus.shards import write_table
from hanmill.pipelines.dedup.partitions import as_batch, partition_places, read_batch, write_batches
from hanmill.pipelines.vocabulary.characters import CHARACTER_COUNTS, add_character_counts
from hanmill.pipelines.vocabulary.words import WORD_COUNTS, add_word_counts, commonest_words, word_keys
from hanmill.schemas.location import parquet_source


@dataclass(frozen=True, slots=True)
class MergeJob:
    """Adds up the counts of some shards; words are cut into ``partitions``, 0 where none are counted."""

    partitions: int
    name: str = "merge counts"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``word_partitions`` where words are counted, and ``merged``."""
        if self.partitions:
            shards = (pq.read_table(parquet_source(p), schema=WORD_COUNTS) for p in task.reading_all("word_counts"))
            words = add_word_counts(shards)
            path = task.writing("word_partitions")
            with replacing(path, path.parent.parent) as temporary:
                write_batches(temporary, WORD_COUNTS, self._batches(words))
        shards = (pq.read_table(parquet_source(path), schema=CHARACTER_COUNTS) for path in task.reading_all("counts"))
        write_table(task.writing("merged"), add_character_counts(shards))

    def _batches(self, words: pa.Table) -> Iterator[pa.RecordBatch]:
        for places in partition_places(word_keys(words), self.partitions):
            yield as_batch(words.take(pa.array(places)))


@dataclass(frozen=True, slots=True)
class CommonestWordsJob:
    """The commonest words of one partition, of which there are enough for the whole table."""

    size: int
    name: str = "commonest words"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return self.run

    def run(self, task: Task) -> None:
        """Writes ``commonest``."""
        batches = (read_batch(path, task.number) for path in task.reading_all("word_partitions"))
        counts = add_word_counts(pa.Table.from_batches([batch], WORD_COUNTS) for batch in batches)
        write_table(task.writing("commonest"), commonest_words(counts, self.size))
