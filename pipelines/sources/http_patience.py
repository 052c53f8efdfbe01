"""How a web server is asked: who asks, what may be over in a moment, and how long to wait for it."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime

from hanmill.pipelines import __version__

#: What can be over in a moment: too many requests, and whatever is wrong with the server itself. Stores and dump
#: servers that are asked too often answer 403 too.
PASSING = frozenset({403, 408, 425, 429, 500, 502, 503, 504})
#: So often in a row a request is made before it is given up.
ATTEMPTS = 7
FIRST_DELAY, LONGEST_DELAY = 1.0, 120.0


class MayPass(Exception):
    """What may go better the next time; ``seconds`` is how long the server asks to wait."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


def user_agent(what: str) -> str:
    """The header by which servers know this program."""
    return f"hanmill/{__version__} (corpus builder; {what})"


def delay(attempt: int, asked: float) -> float:
    """Seconds to wait behind an attempt, counted from 0: 1, 2, 4, … or what the server asks for, two minutes at most.

    Workers that were refused together must not come back together. Nothing written depends on this.
    """
    spread = 1 + random.random() / 2  # noqa: S311
    return min(LONGEST_DELAY, max(asked, FIRST_DELAY * float(2**attempt) * spread))


def retry_after(header: str) -> float:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110, section 10.2.3); 0 where it says nothing."""
    if header.strip().isascii() and header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return 0.0
