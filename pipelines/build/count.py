"""Count: one shard of documents becomes counts of its characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.kept import kept_texts
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
    texts: dict[str, list[str]] = defaultdict(list)
    held = 0
    for lang, text in kept_texts(task):
        texts[lang].append(text)
        held += len(text)
        if held >= _TOGETHER:
            _add(texts, characters)
            held = 0
    _add(texts, characters)
    write_table(task.writing("counts"), character_counts(characters))


#: Characters counted together: counting passes over all code points up to the last, however short a text is.
_TOGETHER = 1 << 20


def _add(texts: dict[str, list[str]], characters: dict[str, dict[int, int]]) -> None:
    for lang, several in texts.items():
        of_language = characters[lang]
        for point, number in zip(*(column.tolist() for column in count_characters(several)), strict=True):
            of_language[point] = of_language.get(point, 0) + number
    texts.clear()
