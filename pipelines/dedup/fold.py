"""Folding text for fingerprints: variants of one character become one, everything but letters and digits goes.

Only fingerprints see folded text. Simplified and Traditional, kyūjitai and shinjitai, width, case and
variation selectors are folded; dakuten are not (か and が stay apart).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.text.characters import code_points
from hanmill.pipelines.text.general_categories import general_categories
from hanmill.unihan.clusters import clusters
from hanmill.unihan.sources import load_graph

FINGERPRINT_BYTES = 16
_CODE_POINTS = 0x110000
#: Beyond planes 0 to 3 there is no letter, digit or mark but variation selectors.
_LAST_LETTERS = 0x40000
_UNIFIED = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2EE5D), (0x30000, 0x3347F))
_HANGUL_SYLLABLES = (0xAC00, 0xD7A3)
_VARIATION_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F))
#: In the table of single characters: what NFKC makes of this one depends on its neighbours, or is several.
_IN_CONTEXT = np.uint32(0xFFFFFFFF)
#: Hangul vowels and final consonants, which compose with what stands before them (UAX #15).
_JAMO = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))


class Folded(NamedTuple):
    """Folded texts end to end: text i owns ``points[bounds[i]:bounds[i + 1]]``, int64 and uint32."""

    points: npt.NDArray[np.uint32]
    bounds: npt.NDArray[np.int64]


def fold(text: str) -> npt.NDArray[np.uint32]:
    """The folded text as code points, uint32 [n]."""
    return fold_texts((text,)).points


def fold_texts(texts: Sequence[str]) -> Folded:
    """Many texts at once, each as ``fold`` gives it."""
    single, after = _fold_tables()
    folded: npt.NDArray[np.uint32] = single[code_points("".join(texts))]
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    in_context = np.flatnonzero(folded == _IN_CONTEXT)
    if len(in_context):
        parts = np.split(folded, ends[:-1])
        for number in np.unique(np.searchsorted(ends, in_context, "right")).tolist():
            parts[number] = after[code_points(unicodedata.normalize("NFKC", texts[number]))]
        folded, ends = np.concatenate(parts), np.cumsum([len(part) for part in parts], dtype=np.int64)
    kept = np.flatnonzero(folded)
    return Folded(folded[kept], np.concatenate([np.zeros(1, np.int64), np.searchsorted(kept, ends)]))


def fingerprint(folded: npt.NDArray[np.uint32]) -> bytes:
    """BLAKE2b of folded text, 16 bytes."""
    return hashlib.blake2b(folded.tobytes(), digest_size=FINGERPRINT_BYTES).digest()


def fingerprints(folded: Folded) -> list[bytes]:
    """``fingerprint`` of every text."""
    data = folded.points.tobytes()
    bounds = (folded.bounds * folded.points.itemsize).tolist()
    return [hashlib.blake2b(data[start:end], digest_size=FINGERPRINT_BYTES).digest() for start, end in pairwise(bounds)]


@lru_cache(maxsize=1)
def _fold_tables() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Two tables uint32 [0x110000]: of any code point, and of one that NFKC has left as it is.

    The second gives a code point's representative, 0 for all that is neither letter, mark of one nor digit. The
    first says the same of what NFKC makes of the code point; NFKC is thirty times slower than a look-up.
    """
    category = general_categories()[:_LAST_LETTERS]
    major = category.astype("S1")
    kept = np.isin(major, (b"L", b"N")) | (category == b"Mn")
    for first, last in _VARIATION_SELECTORS:
        kept[first : last + 1] = False
    after = np.zeros(_CODE_POINTS, np.uint32)
    after[:_LAST_LETTERS] = np.where(kept, np.arange(_LAST_LETTERS), 0)
    for members in clusters(load_graph(), None).members:
        after[[ord(member) for member in members]] = ord(min(members))
    # Syllables and unified ideographs have neither a small form nor a decomposition of the database.
    plain = np.isin(major, (b"C",))
    for first, last in (*_UNIFIED, _HANGUL_SYLLABLES):
        plain[first : last + 1] = True
    points = np.flatnonzero(~plain).tolist()
    for point in points:
        # Of İ alone the small form is two characters.
        if (small := chr(point).lower()) != chr(point):
            after[point] = after[ord(small[0])]
    single = after.copy()
    seconds = set(_JAMO)
    for point in points:
        decomposition = unicodedata.decomposition(chr(point))
        if decomposition:
            compatible = unicodedata.normalize("NFKC", chr(point))
            folded = {int(after[ord(character)]) for character in compatible}
            # An ellipsis is three full stops, and nothing either way.
            single[point] = folded.pop() if len(compatible) == 1 or folded == {0} else _IN_CONTEXT
            kind, _, second = decomposition.partition(" ")
            if second and not kind.startswith("<"):
                seconds.add(int(second, 16))
    composing = [point for point in np.flatnonzero(major == b"M").tolist() if unicodedata.combining(chr(point))]
    single[composing] = single[list(seconds)] = _IN_CONTEXT
    for point in np.flatnonzero(single != after).tolist():
        compatible = unicodedata.normalize("NFKC", chr(point))
        if compatible and (ord(compatible[0]) in seconds or unicodedata.combining(compatible[0])):
            single[point] = _IN_CONTEXT
    return single, after
