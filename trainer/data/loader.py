"""Loader processes, which prepare batches ahead of their use."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator
from multiprocessing.context import BaseContext
from typing import Any, Protocol, TypeVar

from torch.utils.data import DataLoader, Dataset

from hanmill.trainer.errors import LoaderDied, TrainerError

B = TypeVar("B")


class BatchSequence(Protocol[B]):
    """Item b is one rank's micro-batches of global batch b: a pure function of b."""

    def __len__(self) -> int:
        """Global batches of the epoch."""
        ...

    def __getitem__(self, batch: int, /) -> list[B]:
        """Raises CorpusError."""
        ...


def iterate(batches: BatchSequence[B], first: int, workers: int, pin: bool) -> Generator[list[B], None, None]:
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

    def __init__(self, batches: BatchSequence[Any]) -> None:
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
