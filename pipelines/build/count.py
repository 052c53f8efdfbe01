"""Count: one shard of documents becomes counts of its characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.kept import kept_documents
from hanmill.pipelines.corpus.documents import LeftOut
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
    for document in kept_documents(task):
        if isinstance(document, LeftOut):
            continue
        found, counts = count_characters([document.text])
        of_language = characters[document.lang]
        for point, number in zip(found.tolist(), counts.tolist(), strict=True):
            of_language[point] = of_language.get(point, 0) + number
    write_table(task.writing("counts"), character_counts(characters))
