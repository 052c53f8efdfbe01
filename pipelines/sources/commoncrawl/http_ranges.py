"""Byte ranges of files on a web server (RFC 9110, section 14), politely: one request at a time, at a bounded rate."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from hanmill.pipelines.sources.http_patience import ATTEMPTS, PASSING, MayPass, delay, retry_after, user_agent
from hanmill.schemas.errors import HanmillError

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_USER_AGENT = user_agent("ranged reads of selected records")


class FetchError(HanmillError, OSError):
    """A range that could not be had: no fault of the record, so nothing is written about it and the build stops."""


@dataclass(slots=True)
class HttpRanges:
    """Ranges of the files below ``prefix``; ``per_second`` requests of this process at most.

    ``pause`` is given the seconds to wait.
    """

    prefix: str
    per_second: float
    timeout: float = 60.0
    pause: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0, init=False)

    def read(self, name: str, start: int, end: int) -> bytes:
        """Bytes [start, end) of a file; fewer only where the file ends before.

        Server errors, too many requests (403 too), broken connections and answers that are not the range asked for are
        tried again, seven times in all, after 1, 2, 4, … seconds or what ``Retry-After`` says. Raises FetchError with
        the address and both ranges.
        """
        address = f"{self.prefix.rstrip('/')}/{quote(name)}"
        for attempt in range(ATTEMPTS):
            self._keep_rate()
            try:
                return _read_range(address, start, end, self.timeout)
            except MayPass as error:
                if attempt + 1 == ATTEMPTS:
                    raise FetchError(
                        f"{address} bytes {start:,}-{end:,}: {error} ({ATTEMPTS} times, then given up)"
                    ) from error
                self.pause(delay(attempt, error.seconds))
        raise AssertionError("unreachable")

    def _keep_rate(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self.pause(self._next - now)
        self._next = max(now, self._next) + 1 / self.per_second


def _read_range(address: str, start: int, end: int, timeout: float) -> bytes:
    headers = {"Range": f"bytes={start}-{end - 1}", "User-Agent": _USER_AGENT, "Accept-Encoding": "identity"}
    where = f"{address} bytes {start:,}-{end:,}"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - the scheme was checked with the prefix
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            if answer.status != 206:
                # Not read: it would be the whole file.
                raise FetchError(f"{where}: status {answer.status}, expected 206: the server ignores Range")
            wanted = _promised(answer.headers.get("Content-Range", ""), start, end)
            data: bytes = answer.read(wanted + 1)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:
                return b""
            if error.code in PASSING:
                raise MayPass(f"status {error.code}", retry_after(error.headers.get("Retry-After", ""))) from error
            raise FetchError(f"{where}: status {error.code} {error.reason}, expected 206") from error
    except FetchError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise MayPass(f"{type(error).__name__}: {error}") from error
    if len(data) != wanted:
        raise MayPass(f"Content-Range promises {wanted:,} bytes, found {len(data):,}")
    return data


def _promised(content_range: str, start: int, end: int) -> int:
    """Bytes that are to come. Raises MayPass unless they are those asked for, or all up to the end of the file."""
    match = _CONTENT_RANGE.fullmatch(content_range.strip())
    if match is None:
        raise MayPass(f"Content-Range: found {content_range!r}, expected bytes {start}-{end - 1}/…")
    first, last = int(match[1]), int(match[2])
    ends = match[3] != "*" and last + 1 == int(match[3])
    if first != start or not (last == end - 1 or (start <= last < end and ends)):
        raise MayPass(f"Content-Range: found {content_range!r}, expected bytes {start}-{end - 1}/…")
    return last + 1 - first
