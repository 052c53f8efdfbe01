"""Namespace names and aliases per wiki language, from siteinfo or from built-in tables.

Source: MediaWiki's names per language, as ``api.php?meta=siteinfo&siprop=namespaces|namespacealiases`` gives them.
Built-in names are needed because a dump lists no aliases and its siteinfo may belong to another wiki.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from hanmill.pipelines.text.tsv import read_tsv

FILE = 6
TEMPLATE = 10
CATEGORY = 14
MEDIA = -2

_TABLE = "namespaces.tsv"
#: The language under which names of every wiki stand.
_EVERY = "*"
# Languages that write with the names of another wiki, besides English.
_SHARED = {"yue": "zh", "lzh": "zh", "wuu": "zh", "hak": "zh", "gan": "zh", "cdo": "zh", "nan": "zh", "sh": "sr"}


def normalise(name: str) -> str:
    """A namespace name as titles are compared: lower case, one space for underscores and white space."""
    return " ".join(name.replace("_", " ").lower().split())


@dataclass(frozen=True, slots=True, eq=False)
class Namespaces:
    """Number of a namespace by its normalised name, for one wiki. Two are equal only where they are one object."""

    numbers: Mapping[str, int]

    def number(self, name: str) -> int | None:
        """The namespace called ``name`` in any spelling, or None where there is none."""
        return self.numbers.get(normalise(name))

    def names(self, number: int) -> frozenset[str]:
        """Every normalised name of a namespace."""
        return frozenset(name for name, value in self.numbers.items() if value == number)


@lru_cache(maxsize=64)
def namespaces_for(language: str, siteinfo: tuple[tuple[int, str], ...] = ()) -> Namespaces:
    """English names, those of ``language`` and those of ``siteinfo`` (pairs of number and name) together."""
    if not siteinfo:
        return _built_in(language)
    numbers = dict(_built_in(language).numbers)
    numbers.update((normalise(name), number) for number, name in siteinfo if name and number != 0)
    return Namespaces(numbers)


@lru_cache(maxsize=64)
def _built_in(wiki: str) -> Namespaces:
    base = wiki.partition("-")[0]
    numbers: dict[str, int] = {}
    for wanted in (_EVERY, _SHARED.get(base, base)):
        for language, number, names in read_tsv(__package__, _TABLE, 3):
            if language == wanted:
                numbers.update((normalise(name), int(number)) for name in names.split())
    return Namespaces(numbers)
