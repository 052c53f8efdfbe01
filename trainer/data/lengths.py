"""Lengths of sentences, which say how many batches an epoch has: read by all ranks together, each a share.

They stand in the footer of each shard (``schemas/sentence_lengths.py``), so a plan reads one footer a shard. A shard
written before footers had them gives three of its columns instead, which takes longer and counts the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np
import pyarrow.parquet as pq

from hanmill.schemas.location import Location
from hanmill.schemas.sentence_lengths import LengthsError, SentenceLengths, lengths_of_footer, measure_lengths
from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.row_group import open_files, read_row_group
from hanmill.trainer.errors import CorpusError

T = TypeVar("T")

_COLUMNS = ["lang", "sent_lens", "word_lens"]


class Ranks(Protocol):
    """The processes of a run, as far as data is concerned: ``distributed.process.Process``."""

    @property
    def rank(self) -> int:
        """Number of this one, from 0."""
        ...

    @property
    def world(self) -> int:
        """How many there are."""
        ...

    def add(self, counts: Ints) -> Ints:
        """Sums of the arrays of all ranks, which must be of one shape. Every rank must call."""
        ...


def share(items: Sequence[T], count: Callable[[Sequence[T]], Ints], ranks: Ranks) -> Ints:
    """``count`` of all items, [items, …], of which each rank counts a run of neighbours.

    ``count`` must give as many rows as items, of one shape; every rank must call.
    """
    first, last = (len(items) * number // ranks.world for number in (ranks.rank, ranks.rank + 1))
    mine = count(items[first:last])
    everything = np.zeros((len(items), *mine.shape[1:]), np.int64)
    everything[first:last] = mine
    return ranks.add(everything)


def read_lengths(places: Sequence[RowGroupPlace]) -> Iterator[dict[str, SentenceLengths]]:
    """Of each row group, by language. Raises CorpusError where a shard contradicts itself or the manifest."""
    path: Location | None = None
    groups: list[dict[str, SentenceLengths]] | None = None
    for place, file in open_files(places):
        if place.path != path:
            path, groups = place.path, _of_footer(place, file)
        if groups is not None:
            if place.index >= len(groups):
                raise CorpusError(
                    f"{place.path}: row group {place.index}: lengths in the footer: of {len(groups)} row groups"
                )
            yield groups[place.index]
            continue
        try:
            yield measure_lengths(read_row_group(place, _COLUMNS))
        except LengthsError as error:
            raise CorpusError(f"{place.path}: row group {place.index}: {error}") from error


def _of_footer(place: RowGroupPlace, file: pq.ParquetFile) -> list[dict[str, SentenceLengths]] | None:
    try:
        return lengths_of_footer(file.metadata.metadata)
    except LengthsError as error:
        raise CorpusError(f"{place.path}: {error}") from error
