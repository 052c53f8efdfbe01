"""Words with their tags after a slash, a sentence a line, as Peking University's corpus of the People's Daily."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hanmill.trainer.finetuning.files.task_file import TaskFileError, shown

#: A word and its tag; brackets put around several words have a tag of their own: ``[中央/n 电视台/n]nt``.
_TAGGED = re.compile(r"\[?(?P<word>.+)/(?P<tag>[A-Za-z][\w-]*)(?:\][A-Za-z]\w*)?")
_LOOKED_AT = 200


def is_slashed(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether all words of the first lines have a tag."""
    looked = [line for _, line in lines if line.strip()][:_LOOKED_AT]
    return bool(looked) and all(_TAGGED.fullmatch(word) for line in looked for word in line.split())


def read_slashed(lines: Sequence[tuple[int, str]], path: Path) -> list[tuple[list[str], list[str]]]:
    """Words and tags of each sentence. Raises TaskFileError naming the line of a word without a tag."""
    found = []
    for number, line in lines:
        words: list[str] = []
        tags: list[str] = []
        for word in line.split():
            match = _TAGGED.fullmatch(word)
            if match is None:
                raise TaskFileError(f"{path}, line {number}: word found: {shown(word)}, expected a tag after a slash")
            words.append(match["word"])
            tags.append(match["tag"])
        if words:
            found.append((words, tags))
    return found
