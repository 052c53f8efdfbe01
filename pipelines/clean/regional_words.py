"""Words and characters that tell Chinese regions, Cantonese and Standard Chinese apart: ``data/regional_words.tsv``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from hanmill.pipelines.text.tsv import read_tsv


@cache
def word_lists() -> Mapping[str, tuple[str, ...]]:
    """Every list by its name, in the file's order."""
    lists: dict[str, tuple[str, ...]] = {}
    for name, words in read_tsv("hanmill.pipelines.clean", "regional_words.tsv", 2):
        lists[name] = (*lists.get(name, ()), *words.split(" | "))
    return MappingProxyType(lists)
