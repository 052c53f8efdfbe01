"""From when the documents of a source are: the first and the last day of their time stamps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: Source to the first and the last day, as ISO 8601 writes them.
Dates = dict[str, tuple[str, str]]
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


def add_day(dates: Dates, source: str, timestamp: str) -> None:
    """Takes in a document's time stamp; what does not begin with a day is left out.

    >>> dates: Dates = {}
    >>> for timestamp in ("2026-03-01T12:00:00Z", "2004-11-30T00:00:00Z", "yesterday"):
    ...     add_day(dates, "wikipedia", timestamp)
    >>> dates
    {'wikipedia': ('2004-11-30', '2026-03-01')}
    """
    if found := _DAY.match(timestamp):
        add_dates(dates, {source: (found.group(), found.group())})


def add_dates(dates: Dates, others: Mapping[str, Sequence[str]]) -> None:
    """Widens what is known by what other splits say."""
    for source, (first, last) in others.items():
        known = dates.get(source, (first, last))
        dates[source] = min(known[0], first), max(known[1], last)
