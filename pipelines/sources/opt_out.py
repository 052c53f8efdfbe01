"""What a page or its server says against its use for training: robots directives and TDM reservation."""

from __future__ import annotations

import re

#: Directives of robots ``meta`` and ``X-Robots-Tag`` that refuse machine learning.
_REFUSING = frozenset({"noai", "noimageai"})
_DIRECTIVES = re.compile(r"[,;\s]+")


def opt_out(robots: str = "", reservation: str = "") -> bool | None:
    """Whether rights are reserved: True, False where that is denied outright, None where nothing is said.

    ``robots`` are directives (``noindex, noai``; of a named robot too), ``reservation`` is the value of
    ``tdm-reservation`` (W3C TDM Reservation Protocol). What only keeps a page out of an index is no answer.

    >>> opt_out("max-snippet:50, noai"), opt_out("noindex"), opt_out("", "0"), opt_out("ccbot: noai", "0")
    (True, None, False, True)
    """
    directives = {part.rpartition(":")[2] for part in _DIRECTIVES.split(robots.lower())} if robots else set()
    if directives & _REFUSING:
        return True
    return {"1": True, "0": False}.get(reservation.strip())
