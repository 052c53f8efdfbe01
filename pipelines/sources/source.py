"""What a source is: everything the rest of the program knows of one, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hanmill.pipelines.sources.records import Record, Split
from hanmill.schemas.location import Location
from hanmill.schemas.manifest import InputFile
from hanmill.schemas.recipe import SourcesRecipe


@dataclass(frozen=True, slots=True)
class PlannedSplit:
    """A split and its identity, which does not depend on the folder the file lies in."""

    split: Split
    identity: str


#: Splits of about so many bytes of a file, as stored, by the settings.
SplitFile = Callable[[str, int, Any], list[Split]]
#: Splits of many inputs at once, with entries for the manifest: of the inputs, the settings and the splits' size.
SplitAll = Callable[[Sequence[Location], Any, int], tuple[list[InputFile], list[PlannedSplit]]]


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of input.

    ``name`` is what ``--input NAME=…`` says, ``expected`` what its files are, for messages. ``recognise`` is given the
    first bytes as stored and as decoded, and says whether a file may be one of its own (a damaged one may). A source
    cuts its inputs one at a time (``split``), or where their splits depend on all of them, together (``split_all``).
    ``read`` gives the records of a split; ``settings`` picks what these are told of the recipe.
    ``licence`` is a line of the data card. Of two copies of a document that of the lower ``rank`` is kept.
    ``declares_language`` says that its word on a document's language is taken, where it gives one.
    """

    name: str
    expected: str
    licence: str
    rank: int
    recognise: Callable[[bytes, bytes], bool]
    read: Callable[[Split, Any], Iterator[Record]]
    settings: Callable[[SourcesRecipe], Any]
    split: SplitFile | None = None
    split_all: SplitAll | None = None
    declares_language: bool = False
