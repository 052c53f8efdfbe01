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
_VARIATION_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


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
    categories = "".join(map(unicodedata.category, map(chr, range(_CODE_POINTS))))
    category = np.frombuffer(categories.encode("ascii"), "S2")
    kept = np.isin(category.astype("S1"), (b"L", b"N")) | (category == b"Mn")
    for first, last in _VARIATION_SELECTORS:
        kept[first : last + 1] = False
    table = np.where(kept, np.arange(_CODE_POINTS, dtype=np.uint32), np.uint32(0))
    for members in unihan.clusters(unihan.load_graph(), None).members:
        table[[ord(member) for member in members]] = ord(min(members))
    return table
