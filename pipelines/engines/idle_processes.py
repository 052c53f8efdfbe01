"""Processes that use no processor time: what a worker looks like that will never come back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


class IdleProcesses:
    """Remembers when each process last used the processor. Linux only; elsewhere no process counts as idle."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[int, tuple[str, float]] = {}

    def among(self, pids: Iterable[int]) -> list[int]:
        """Those that have used none for ``seconds``, as far as this object has watched them."""
        now, idle = time.monotonic(), []
        for pid in pids:
            ticks = _processor_ticks(pid)
            if ticks is None:
                continue
            before, since = self._seen.get(pid, ("", now))
            if ticks != before:
                since = now
            self._seen[pid] = (ticks, since)
            if now - since >= self._seconds:
                idle.append(pid)
        return idle


def _processor_ticks(pid: int) -> str | None:
    """User and system time as /proc/PID/stat counts them (proc(5)); None where that cannot be read."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The command's name, in brackets, may hold spaces.
    fields = line.rpartition(")")[2].split()
    return " ".join(fields[11:13])
