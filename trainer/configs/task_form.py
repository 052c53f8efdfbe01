"""What the files of a task look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FormConfig:
    """What a task's files look like, where they do not say so themselves; empty or None: found by their contents.

    ``word_column`` and ``tag_column`` of column files count from 0, or from the end with -1. ``units`` ``characters``
    cuts words into characters. ``entity_types`` ``three`` maps the types of several sets to PER, ORG and LOC and leaves
    the others out. ``first``, ``second`` and ``label`` name columns or keys of texts. ``labels`` says whether labels of
    texts are names or numbers. ``rule`` is what answers are scored by. ``language`` (zh, ja, …) is that of all files.
    """

    word_column: int | None = None
    tag_column: int | None = None
    units: Literal["as_is", "characters"] = "as_is"
    entity_types: Literal["as_is", "three"] = "as_is"
    first: str = ""
    second: str = ""
    label: str = ""
    labels: Literal["", "classes", "numbers"] = ""
    rule: Literal["", "squad", "jsquad", "cmrc"] = ""
    language: str = ""
