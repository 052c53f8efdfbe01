"""A stage's global batches from where a run stands, epoch after epoch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Generic, NamedTuple

from hanmill.trainer.configs.stage import Shape, StageConfig
from hanmill.trainer.data.batch_source import B, BatchSource
from hanmill.trainer.data.loader import iterate
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.pretraining.stop import StopRequest
from hanmill.trainer.runs.checkpoint import Progress


class GlobalBatch(NamedTuple, Generic[B]):
    """One rank's part of a global batch: ``number`` of its ``epoch``."""

    epoch: int
    number: int
    micro_batches: list[B]


class Counts(NamedTuple):
    """Sums over all ranks: of the batch as ``BatchSizes``, and how many ranks were asked to stop."""

    targets: float
    tokens: float
    cells: float
    stop: float


def counted_batches(
    source: BatchSource[B], stage: StageConfig, begin: Progress, workers: int, process: Process,
    stop: StopRequest,
) -> Generator[tuple[GlobalBatch[B], Callable[[], Counts]], None, None]:  # fmt: skip
    """Batches of a stage from ``begin``, each with what waits for its counts.

    Ranks add these up one batch ahead, while they compute the one before. Raises CorpusError and LoaderDied.
    """
    with closing(_batches(source, stage, begin, workers, process.device.type == "cuda")) as batches:
        ahead = None
        for batch in batches:
            sums = process.sum_later(*source.sizes(batch.micro_batches), float(stop.made))
            if ahead is not None:
                yield ahead
            ahead = batch, lambda sums=sums: Counts(*sums())
        if ahead is not None:
            yield ahead


def _batches(
    source: BatchSource[B], stage: StageConfig, begin: Progress, workers: int, pin: bool
) -> Generator[GlobalBatch[B], None, None]:
    step, epoch, first = begin.step, begin.epoch, begin.batch
    while step < stage.steps:
        now, end = stage.at(step), stage.changes_after(step)
        if is_reshaped(stage, step):
            epoch, first = epoch + 1, 0
        with closing(iterate(source.epoch(now, epoch), first, workers, pin)) as loaded:
            for micro_batches in itertools.islice(loaded, end - step):
                yield GlobalBatch(epoch, first, micro_batches)
                step, first = step + 1, first + 1
        if step < end:
            epoch, first = epoch + 1, 0


def is_reshaped(stage: StageConfig, step: int) -> bool:
    """Whether a phase begins whose epochs are cut otherwise than those before it."""
    if not any(phase.start == step for phase in stage.phases):
        return False
    return are_cut_otherwise(stage.at(step - 1).shape, stage.at(step).shape)


def are_cut_otherwise(before: Shape, now: Shape) -> bool:
    """Whether a place in an epoch of the one is none in an epoch of the other."""
    return (before.window, before.global_batch) != (now.window, now.global_batch)
