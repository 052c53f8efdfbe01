"""Folding text for fingerprints: variants of one character become one, everything but letters and digits goes.

Only fingerprints see folded text. Simplified and Traditional, kyūjitai and shinjitai, width, case and
variation selectors are folded; dakuten are not (か and が stay apart).
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

import unihan

FINGERPRINT_BYTES = 16
_CODE_POINTS = 0x110000


def fold(text: str) -> npt.NDArray[np.uint32]:
    """The folded text as code points, uint32 [n]."""
    compatible = text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
    points = np.frombuffer(compatible.lower().encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = _fold_table()[points]
    return folded[folded != 0]


def fingerprint(folded: npt.NDArray[np.uint32]) -> bytes:
    """BLAKE2b of folded text, 16 bytes."""
    return hashlib.blake2b(folded.tobytes(), digest_size=FINGERPRINT_BYTES).digest()


@lru_cache(maxsize=1)
def _fold_table() -> npt.NDArray[np.uint32]:
    """uint32 [0x110000]: a code point's representative; 0 for all that is neither letter, mark of one nor digit."""
    table = np.zeros(_CODE_POINTS, np.uint32)
    for point in range(_CODE_POINTS):
        category = unicodedata.category(chr(point))
        if category[0] in "LN" or (category == "Mn" and not _is_variation_selector(point)):
            table[point] = point
    clusters = unihan.clusters(unihan.load_graph(), None)
    for members in clusters.members:
        representative = ord(min(members))
        for member in members:
            table[ord(member)] = representative
    return table


def _is_variation_selector(point: int) -> bool:
    return 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF or 0x180B <= point <= 0x180F
