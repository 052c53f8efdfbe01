"""Passages that stand in many documents, wherever they begin: quotations, notices in the middle of a line.

A passage is known by hashes of its windows of characters, white space left out. Of all windows few are chosen, by their
hash among their neighbours (winnowing: Schleimer, Wilkerson and Aiken 2003, section 3), so that two texts that share
enough characters have chosen one window alike, whatever stands around.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.dedup.minhash import mix
from hanmill.pipelines.text.characters import WHITE_SPACE, code_points
from hanmill.pipelines.text.sentences import sentence_ends

_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)
#: Of the characters that two texts must share, the part that neighbours of a window take.
_NEIGHBOURS = 4
#: Windows are counted with hashes that are odd, lines with even ones.
ODD = np.uint64(1)


class Windows(NamedTuple):
    """``hashes`` uint64 [n] of the windows chosen; they begin at ``starts`` int64 [n] and end before ``ends``."""

    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def windows(text: str, characters: int) -> Windows:
    """Windows such that texts that share ``characters`` in a row have one in common.

    Each is three quarters as long and a character more. A shorter text has none.
    """
    neighbours = characters // _NEIGHBOURS
    width = characters - neighbours + 1
    points = code_points(text)
    places = np.flatnonzero(~WHITE_SPACE[points])
    count = len(places) - width + 1
    if count < neighbours:
        nothing = np.zeros(0, np.int64)
        return Windows(np.zeros(0, np.uint64), nothing, nothing)
    hashes = _rolling(points[places], width)
    lowest = np.lib.stride_tricks.sliding_window_view(hashes, neighbours).argmin(axis=1)
    chosen = np.unique(lowest + np.arange(len(lowest)))
    return Windows(hashes[chosen] | ODD, places[chosen], places[chosen + width - 1] + 1)


def repeated_sentences(text: str, characters: int, repeated: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """bool [len(text)]: the sentences of which half or more stands in ``repeated`` windows (sorted uint64)."""
    gone = np.zeros(len(text), bool)
    found = windows(text, characters)
    there = np.isin(found.hashes, repeated)
    if not there.any():
        return gone
    edges = np.zeros(len(text) + 1, np.int64)
    np.add.at(edges, found.starts[there], 1)
    np.add.at(edges, found.ends[there], -1)
    covered = np.r_[0, np.cumsum(np.cumsum(edges[:-1]) > 0)]
    start = 0
    for end in sentence_ends(text):
        gone[start:end] = 2 * (covered[end] - covered[start]) >= end - start
        start = end
    return gone


def _rolling(points: npt.NDArray[np.uint32], width: int) -> npt.NDArray[np.uint64]:
    """uint64 [points - width + 1]: a hash of each window, a polynomial over mixed code points modulo 2⁶⁴."""
    powers, inverses = _powers(1 << max(16, len(points).bit_length()))
    summed = np.r_[np.uint64(0), np.cumsum(mix(points.astype(np.uint64)) * powers[: len(points)], dtype=np.uint64)]
    return mix((summed[width:] - summed[:-width]) * inverses[: len(points) - width + 1])


@lru_cache(maxsize=1)
def _powers(count: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """uint64 [count] each: powers of an odd number and of its inverse modulo 2⁶⁴."""
    inverse = np.uint64(pow(int(_MULTIPLIER), -1, 1 << 64))
    both = []
    for base in (_MULTIPLIER, inverse):
        powers = np.full(count, base, np.uint64)
        powers[0] = 1
        both.append(np.multiply.accumulate(powers, dtype=np.uint64))
    return both[0], both[1]
