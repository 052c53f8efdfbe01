"""Count: one shard of documents becomes counts of its characters, and of its words where the recipe wants them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.annotate.characters import count_characters
from pipelines.annotate.segmenters import Segmenters
from pipelines.jobs.job import Task
from pipelines.jobs.kept import kept_documents
from pipelines.storage.documents import LeftOut
from pipelines.storage.shards import write_table
from schemas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class CountJob:
    """Counts what the vocabulary is made from."""

    recipe: Recipe
    name: str = "vocabulary"

    def open(self) -> Callable[[Task], None]:
        """Loads the segmenters only where words are counted."""
        segmenters = Segmenters(self.recipe.segment) if self.recipe.vocabulary.words else None

        def run(task: Task) -> None:
            count(task, segmenters)

        return run


def count(task: Task, segmenters: Segmenters | None) -> None:
    """Writes ``word_counts`` where wanted and then ``counts``, each sorted by language and code point or word."""
    characters: dict[str, dict[int, int]] = defaultdict(dict)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for document in kept_documents(task):
        if isinstance(document, LeftOut):
            continue
        found, counts = count_characters([document.text])
        of_language = characters[document.lang]
        for point, number in zip(found.tolist(), counts.tolist(), strict=True):
            of_language[point] = of_language.get(point, 0) + number
        if segmenters is not None:
            words[document.lang].update(segmenters.of(document.lang).segment([document.text])[0].surfaces)
    if segmenters is not None:
        write_table(task.writing("word_counts"), _counts(words, "word", pa.string()))
    write_table(task.writing("counts"), _counts(characters, "codepoint", pa.uint32()))


def _counts(counts: dict[str, dict[int, int]] | dict[str, Counter[str]], name: str, kind: pa.DataType) -> pa.Table:
    rows = [(lang, key, number) for lang in sorted(counts) for key, number in sorted(counts[lang].items())]
    langs, keys, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        [pa.array(langs, pa.string()), pa.array(keys, kind), pa.array(np.array(numbers, np.uint64))],
        pa.schema([("lang", pa.string()), (name, kind), ("count", pa.uint64())]),
    )
