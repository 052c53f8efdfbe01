"""The general category of every code point (Unicode Standard Annex 44, section 5.7.1) as one table."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.text.characters import CODE_POINTS

#: Planes 0 to 3 and the specials of plane 14; between them nothing is assigned, behind them all is private.
_LOOKED_UP = range(0x40000), range(0xE0000, 0xE1000)
_PRIVATE_PLANES = range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE)


@cache
def general_categories() -> NDArray[np.bytes_]:
    """S2 [0x110000]: ``b"Lo"`` and so on, as ``unicodedata`` knows them; read-only, built in 20 ms."""
    categories = np.full(CODE_POINTS, b"Cn", dtype="S2")
    for codes in _LOOKED_UP:
        found = "".join(map(unicodedata.category, map(chr, codes)))
        categories[codes.start : codes.stop] = np.frombuffer(found.encode("ascii"), dtype="S2")
    for codes in _PRIVATE_PLANES:
        categories[codes.start : codes.stop] = b"Co"
    categories.setflags(write=False)
    return categories


def major_categories() -> NDArray[np.bytes_]:
    """S1 [0x110000]: the first letter of each category."""
    return general_categories().astype("S1")
