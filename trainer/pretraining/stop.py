"""A request to stop, which a signal makes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class StopRequest:
    """``made`` once SIGTERM or SIGINT has come."""

    made: bool = False


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """SIGTERM and SIGINT make the request instead of ending the process, which saves after the step it is in."""
    request = StopRequest()

    def make(number: int, frame: object) -> None:
        request.made = True

    old = {number: signal.signal(number, make) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield request
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
