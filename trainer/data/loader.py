"""Batches of an epoch by number, and the fixed validation batches."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from trainer.data.batch import Batch
from trainer.data.corpus import RowGroupPlace
from trainer.data.input_format import VALIDATION, InputFormat, Ints, gather
from trainer.data.order import EpochOrder, slots_of
from trainer.data.recent import Recent
from trainer.data.windows import Windows
from trainer.errors import LoaderDied, TrainerError

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of each row group in one epoch (int64, by ordinal), and the sentences of all."""

    counts: Ints
    sentences: int


def plan_epoch(places: tuple[RowGroupPlace, ...], form: InputFormat, epoch: int) -> Plan:
    """Reads the sentence lengths of every row group. The same on every rank."""
    found = [form.count(place, epoch) for place in places]
    return Plan(np.array([rows for rows, _ in found], np.int64), sum(sentences for _, sentences in found))


class EpochBatches(Dataset[list[Batch]]):
    """Item b is the list of micro-batches of one rank in global batch b: a pure function of b."""

    def __init__(
        self, places: tuple[RowGroupPlace, ...], form: InputFormat, counts: Ints, epoch: int, rank: int, world: int
    ) -> None:
        data = form.data
        self._places, self._form, self._epoch = places, form, epoch
        self._order = EpochOrder(counts, data.global_batch, data.lanes, data.shuffle_row_groups, form.seed, epoch)
        self._pieces = slots_of(data.global_batch, rank, world, data.micro_batch)
        self._slots = np.concatenate(self._pieces)
        open_blocks = self._order.lanes_of(self._slots) + 1
        self._open: Recent[int, Windows] = Recent(open_blocks * data.shuffle_row_groups)

    def __len__(self) -> int:
        """Global batches in the epoch."""
        return self._order.batches

    def __getitem__(self, batch: int) -> list[Batch]:
        """The micro-batches of this rank."""
        if not len(self._slots):
            return [self._form.empty() for _ in self._pieces]
        groups, rows = self._order.rows_of(batch, self._slots)
        parts = []
        for group in np.unique(groups):
            here = groups == group
            parts.append((here, self._open.get(int(group), self._read), rows[here]))
        gathered = gather(parts, len(groups), self._form.data.window)
        micro_batches = []
        start = 0
        for piece in self._pieces:
            stop = start + len(piece)
            if start == stop:
                micro_batches.append(self._form.empty())
                continue
            part = Windows(
                gathered.ids[start:stop],
                gathered.segment[start:stop],
                gathered.unit[start:stop],
                gathered.pinyin[start:stop],
                gathered.language[start:stop],
            )
            micro_batches.append(self._form.batch(part, groups[start:stop], rows[start:stop], self._epoch))
            start = stop
        return micro_batches

    def _read(self, group: int) -> Windows:
        return self._form.windows(self._places[group], self._epoch)


def iterate(batches: Dataset[list[B]], first: int, workers: int, pin: bool) -> Iterator[list[B]]:
    """Batches from ``first`` to the end of the epoch, prepared by ``workers`` processes ahead of their use.

    Raises CorpusError as the batches do, and LoaderDied where a loader process was killed.
    """
    length = len(batches)
    loader = DataLoader(
        _Carried(batches),
        batch_size=None,
        sampler=range(first, length),
        num_workers=workers,
        multiprocessing_context=_loader_processes() if workers else None,
        prefetch_factor=4 if workers else None,
        pin_memory=pin,
    )
    try:
        for found in loader:
            if isinstance(found, TrainerError):
                raise found
            yield found
    except (RuntimeError, EOFError, OSError) as error:
        # PyTorch sees that a process is gone, or its batch breaks off while it is handed over.
        if not workers or (isinstance(error, RuntimeError) and "DataLoader worker" not in str(error)):
            raise
        reason = " ".join(f"{type(error).__name__} {error}".split())[:200]
        raise LoaderDied(
            f"a loader process of {workers} (data.workers) ended, mostly for lack of memory ({reason})"
        ) from error


class _Carried(Dataset[Any]):
    """Errors as items: PyTorch would wrap them in the traceback of the loader process."""

    def __init__(self, batches: Dataset[Any]) -> None:
        self._batches = batches

    def __getitem__(self, number: int) -> Any:
        try:
            return self._batches[number]
        except TrainerError as error:
            return error


def _loader_processes() -> BaseContext:
    """Forks from a server that has imported this module and read nothing: Arrow's threads do not survive a fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def validation_batches(places: tuple[RowGroupPlace, ...], form: InputFormat, rank: int, world: int) -> Iterator[Batch]:
    """About ``validation_rows`` rows, each row group's share by its characters; cuts and masks never change.

    A rank takes every ``world``-th row group. Shards follow the sources, so the first rows alone would be one
    source's.
    """
    total = max(1, sum(place.characters for place in places))
    for place in places[rank::world]:
        windows = form.windows(place, VALIDATION)
        share = min(len(windows.ids), -(-form.data.validation_rows * place.characters // total))
        rows = np.arange(share) * len(windows.ids) // max(1, share)
        for start in range(0, share, form.data.micro_batch):
            chosen = rows[start : start + form.data.micro_batch]
            everywhere = np.ones(len(chosen), bool)
            part = gather([(everywhere, windows, chosen)], len(chosen), form.data.window)
            yield form.batch(part, np.full(len(chosen), place.ordinal), chosen, VALIDATION)


def count_targets(batches: list[Batch]) -> int:
    """Tokens to predict in all micro-batches."""
    return sum(len(batch.targets) for batch in batches)


def count_tokens(batches: list[Batch]) -> int:
    """Tokens in all micro-batches that are not padding."""
    return sum(
        batch.ids.numel() if batch.segments is None else int(torch.count_nonzero(batch.segments)) for batch in batches
    )
