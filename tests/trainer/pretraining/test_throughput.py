"""Rates since the last reading."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from hanmill.trainer.pretraining.throughput import Stopwatch, peak_flops, peak_memory


def test_stopwatch() -> None:
    watch = Stopwatch(peak=1e6, world=2)
    watch.add(tokens=75, cells=100, waited=0.0, flops=10.0)
    found = watch.read()
    assert found["padding"] == 0.25
    assert found["data_wait"] == 0
    assert found["tokens_per_second"] > 0
    assert watch.read()["tokens_per_second"] == 0
    assert Stopwatch(None, 1).read()["mfu"] is None


def test_configured_peak_wins() -> None:
    assert peak_flops(torch.device("cpu"), 0.0) is None
    assert peak_flops(torch.device("cpu"), 2.5) == 2.5e12


def test_memory_is_what_the_process_held() -> None:
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    # Linux counts pages of the two in batches of its own.
    assert 0.9 * resident < peak_memory(torch.device("cpu")) < 64 * resident
