"""Count: one shard of documents becomes counts of its characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.kept import document_batches, kept_documents
from hanmill.pipelines.corpus.shards import write_table
from hanmill.pipelines.text.characters import count_characters
from hanmill.pipelines.vocabulary.characters import character_counts


@dataclass(frozen=True, slots=True)
class CountJob:
    """Counts what the table of characters is made from."""

    name: str = "count"

    def open(self) -> Callable[[Task], None]:
        """Nothing to load."""
        return count


def count(task: Task) -> None:
    """Writes ``counts``, sorted by language and code point."""
    characters: dict[str, dict[int, int]] = defaultdict(dict)
    # Many short texts at once: counting passes over all code points up to the last, however short a text is.
    for batch in document_batches(kept_documents(task)):
        texts: dict[str, list[str]] = defaultdict(list)
        for document in batch:
            texts[document.lang].append(document.text)
        for lang, several in texts.items():
            of_language = characters[lang]
            for point, number in zip(*(column.tolist() for column in count_characters(several)), strict=True):
                of_language[point] = of_language.get(point, 0) + number
    write_table(task.writing("counts"), character_counts(characters))
