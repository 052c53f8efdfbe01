"""Batches of rows by number, epoch after epoch, and the fixed validation rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.lengths import Ranks, share
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.order import VALIDATION, EpochOrder, slots_of
from hanmill.trainer.data.recent import Recent
from hanmill.trainer.data.row_format import RowFormat
from hanmill.trainer.data.windows import Windows, gather_rows


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of each row group of one epoch (int64), and the sentences of all."""

    counts: Ints
    sentences: int


def plan_epoch(places: Sequence[RowGroupPlace], form: RowFormat, epoch: int, ranks: Ranks) -> Plan:
    """Each rank counts a share of the row groups; every rank must call, and has the same plan."""
    found = share(places, lambda mine: form.count(mine, epoch), ranks)
    return Plan(found[:, 0].copy(), int(found[:, 1].sum()))


class RowBatches:
    """Item b is the list of micro-batches of one rank in global batch b: a pure function of b."""

    def __init__(
        self, places: Sequence[RowGroupPlace], form: RowFormat, counts: Ints, epoch: int, rank: int, world: int
    ) -> None:
        data = form.data
        self._places, self._form, self._epoch = places, form, epoch
        self._ordinals = np.array([place.ordinal for place in places], np.int64)
        self._order = EpochOrder(counts, data.global_batch, data.lanes, data.shuffle_row_groups, form.seed, epoch)
        self._pieces = slots_of(data.global_batch, rank, world, data.micro_batch)
        self._slots = np.concatenate(self._pieces)
        open_blocks = self._order.lanes_of(self._slots) + 1
        self._open: Recent[int, Windows] = Recent(open_blocks * data.shuffle_row_groups)

    def __len__(self) -> int:
        """Global batches in the epoch."""
        return self._order.batches

    def __getitem__(self, batch: int) -> list[MaskedBatch]:
        """The micro-batches of this rank."""
        if not len(self._slots):
            return [self._form.empty() for _ in self._pieces]
        groups, rows = self._order.rows_of(batch, self._slots)
        parts = []
        for group in np.unique(groups):
            here = groups == group
            parts.append((here, self._open.get(int(group), self._read), rows[here]))
        gathered, ordinals = gather_rows(parts, len(groups)), self._ordinals[groups]
        micro_batches = []
        start = 0
        for piece in self._pieces:
            stop = start + len(piece)
            if start == stop:
                micro_batches.append(self._form.empty())
                continue
            part = gathered.take(slice(start, stop))
            micro_batches.append(self._form.batch(part, ordinals[start:stop], rows[start:stop], self._epoch))
            start = stop
        return micro_batches

    def _read(self, group: int) -> Windows:
        return self._form.windows(self._places[group], self._epoch)


def validation_rows(places: Sequence[RowGroupPlace], form: RowFormat, rank: int, world: int) -> Iterator[MaskedBatch]:
    """About ``validation_rows`` rows, each row group's share by its characters; cuts and masks never change.

    A rank takes every ``world``-th row group. Shards follow the sources, so the first rows alone would be one
    source's.
    """
    total = max(1, sum(place.characters for place in places))
    for place in places[rank::world]:
        windows = form.windows(place, VALIDATION)
        kept = min(len(windows), -(-form.data.validation_rows * place.characters // total))
        rows = np.arange(kept) * len(windows) // max(1, kept)
        for start in range(0, kept, form.data.micro_batch):
            chosen = rows[start : start + form.data.micro_batch]
            part = windows.take(chosen)
            yield form.batch(part, np.full(len(chosen), place.ordinal), chosen, VALIDATION)


def count_tokens(batches: Sequence[MaskedBatch]) -> int:
    """Tokens in all micro-batches that are not padding."""
    return sum(
        batch.ids.numel() if batch.segments is None else int(torch.count_nonzero(batch.segments)) for batch in batches
    )
