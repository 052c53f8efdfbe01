"""A trace of a few steps, for chrome://tracing and Perfetto."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from hanmill.trainer.distributed.process import Process

#: Steps before the trace, of which the last warms the profiler up, and steps in it.
_BEFORE, _WARM, _TRACED = 4, 1, 3


@contextmanager
def profiler(run: Path, process: Process, wanted: bool) -> Iterator[Callable[[], None]]:
    """Gives what is called after each step. Writes ``profile/rank-N.json``, once, where so many steps are made."""
    if not wanted:
        yield lambda: None
        return
    path = run / "profile" / f"rank-{process.rank}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds = [torch.profiler.ProfilerActivity.CPU]
    if process.device.type == "cuda":
        kinds.append(torch.profiler.ProfilerActivity.CUDA)
    with torch.profiler.profile(
        activities=kinds,
        schedule=torch.profiler.schedule(wait=_BEFORE, warmup=_WARM, active=_TRACED, repeat=1),
        on_trace_ready=lambda traced: traced.export_chrome_trace(str(path)),
        profile_memory=True,
    ) as tracing:
        yield tracing.step
