"""Tokens a second, model FLOPs utilisation and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

#: Dense bf16 peak in TFLOP/s, from the vendors' data sheets.
_PEAKS = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "L40S": 362.0, "4090": 165.0}


def peak_flops(device: torch.device, tflops: float) -> float | None:
    """Peak of one device in FLOP/s: the configured one, the known one, or None."""
    if tflops:
        return tflops * 1e12
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return next((peak * 1e12 for part, peak in _PEAKS.items() if part in name), None)


def peak_memory(device: torch.device) -> int:
    """Most bytes that this process has held at once: of the GPU's memory where there is one, else resident."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Stopwatch:
    """Tokens and waiting since the last reading."""

    def __init__(self, peak: float | None, world: int) -> None:
        self._peak, self._world = peak, world
        self._begin()

    def _begin(self) -> None:
        self._start, self._waited, self._tokens, self._cells = time.perf_counter(), 0.0, 0.0, 0
        self._flops = 0.0

    def add(self, tokens: float, cells: int, waited: float, flops: float) -> None:
        """Counts a step: tokens and cells (tokens and padding) over all ranks, seconds this rank waited for data, and
        operations a cell.
        """
        self._flops += flops * cells
        self._tokens += tokens
        self._cells += cells
        self._waited += waited

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """What is done meanwhile is not training: its time does not count."""
        before = time.perf_counter()
        yield
        self._start += time.perf_counter() - before

    def read(self) -> dict[str, float | None]:
        """Rates since the last reading; begins anew. ``mfu`` is None where the device's peak is not known."""
        seconds = max(time.perf_counter() - self._start, 1e-9)
        achieved = self._flops / seconds / self._world
        found = {
            "tokens_per_second": round(self._tokens / seconds, 1),
            "padding": round(1 - self._tokens / max(1, self._cells), 4),
            "mfu": None if self._peak is None else round(achieved / self._peak, 4),
            "data_wait": round(self._waited / seconds, 4),
        }
        self._begin()
        return found
