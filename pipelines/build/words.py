"""Words: the kept documents of one shard cut into words, once for the vocabulary and for annotation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.pipelines.annotate.words import Words
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.kept import document_batches, kept_documents
from hanmill.pipelines.corpus.shards import ShardWriter, write_table
from hanmill.pipelines.vocabulary.words import word_counts
from hanmill.schemas.location import Location, open_parquet
from hanmill.schemas.recipe import Recipe

#: One row a kept document, in order: characters per word, and katakana per word where the language has readings.
CUT_WORDS = pa.schema(
    [
        pa.field("lengths", pa.list_(pa.uint32()), nullable=False),
        pa.field("readings", pa.list_(pa.string()), nullable=True),
    ]
)
_ROWS = 64


@dataclass(frozen=True, slots=True)
class WordsJob:
    """Cuts words and counts them."""

    recipe: Recipe
    name: str = "words"

    def open(self) -> Callable[[Task], None]:
        """Loads the segmenters."""
        segmenters = Segmenters(self.recipe.segment)

        def run(task: Task) -> None:
            cut_words(task, segmenters)

        return run


def cut_words(task: Task, segmenters: Segmenters) -> None:
    """Writes ``word_counts``, sorted by language and word, and then ``words``."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with ShardWriter(task.writing("words"), CUT_WORDS, _ROWS) as shard:
        for documents in document_batches(kept_documents(task)):
            texts = [document.text for document in documents]
            languages = [document.lang for document in documents]
            cut = segmenters.cut(texts, languages, [document.readings for document in documents])
            for language, words in zip(languages, cut, strict=True):
                counts[language].update(words.surfaces)
                shard.append({"lengths": words.lengths, "readings": words.readings})
        write_table(task.writing("word_counts"), word_counts(counts))


class CutWords:
    """The words that ``cut_words`` has left of a shard, document by document in their order."""

    def __init__(self, path: Location) -> None:
        self._rows = self._read(path)

    def of(self, text: str) -> Words:
        """The words of the next document, whose text this is."""
        lengths, readings = next(self._rows)
        compact = "".join(text.split())
        ends = np.cumsum(lengths)
        surfaces = [compact[start:end] for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True)]
        return Words(lengths, surfaces, readings)

    @staticmethod
    def _read(path: Location) -> Iterator[tuple[np.ndarray, list[str] | None]]:
        for batch in open_parquet(path).iter_batches(_ROWS):
            for lengths, readings in zip(batch["lengths"], batch["readings"].to_pylist(), strict=True):
                yield lengths.values.to_numpy().astype(np.int64), readings
