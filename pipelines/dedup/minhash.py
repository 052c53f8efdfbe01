"""MinHash of folded text: one-permutation hashing of character 5-grams (Li, Owen, Zhang 2012).

Empty bins borrow from the next full one on their right (rotation; Shrivastava and Li 2014). The share of equal
values of two signatures estimates the Jaccard similarity of their 5-gram sets with a standard error of about
sqrt(J(1-J)/112).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.dedup.fold import Folded

NGRAM = 5
BANDS = 14
ROWS = 8
BINS = BANDS * ROWS

#: Documents with fewer shingles are compared exactly: MinHash is too coarse for them.
SHORT_SHINGLES = 300

_MULTIPLIER = np.uint64(0x100000001B3)
_EMPTY = np.uint32(0xFFFFFFFF)
_NOTHING = np.iinfo(np.uint64).max
#: The least hash of every bin; bins are equal shares of all 64-bit values.
_BIN_EDGES = np.array([-(-(place << 64) // BINS) for place in range(BINS)], np.uint64)


class Shingles(NamedTuple):
    """Shingles of texts end to end, not unique: text i owns ``hashes[bounds[i]:bounds[i + 1]]``, int64 and uint64."""

    hashes: npt.NDArray[np.uint64]
    bounds: npt.NDArray[np.int64]


def shingle_hashes(folded: npt.NDArray[np.uint32], width: int = NGRAM) -> npt.NDArray[np.uint64]:
    """uint64 [max(1, n - width + 1)]: a hash of every n-gram; of the whole text where it is shorter. Not unique."""
    points = folded.astype(np.uint64)
    width = min(width, len(points))
    if not width:
        return np.zeros(0, np.uint64)
    # Polynomials of n-grams by doubling: that of a + b points is that of a, moved up b places, plus that of b.
    hashes, covered = points, 1
    for digit in bin(width)[3:]:
        factor = np.uint64(pow(int(_MULTIPLIER), covered, 1 << 64))
        hashes = hashes[:-covered] * factor + hashes[covered:]
        covered *= 2
        if digit == "1":
            hashes = hashes[:-1] * _MULTIPLIER + points[covered:]
            covered += 1
    return mix(hashes)


def text_shingles(folded: Folded) -> Shingles:
    """``shingle_hashes`` of every text."""
    points, bounds = folded
    sizes = np.diff(bounds)
    counts = np.where(sizes >= NGRAM, sizes - (NGRAM - 1), np.minimum(sizes, 1))
    places = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    hashes = np.empty(places[-1], np.uint64)
    if (sizes >= NGRAM).any():
        inside = np.arange(NGRAM, len(points) + 1) <= np.repeat(bounds[1:], sizes)[: 1 - NGRAM]
        hashes[np.repeat(sizes >= NGRAM, counts)] = shingle_hashes(points)[inside]
    for width in range(1, NGRAM):
        texts = np.flatnonzero(sizes == width)
        if len(texts):
            whole = points[bounds[texts][:, None] + np.arange(width)].ravel()
            hashes[places[texts]] = shingle_hashes(whole, width)[::width]
    return Shingles(hashes, places)


def signatures(shingles: Shingles) -> npt.NDArray[np.uint32]:
    """uint32 [texts, 112]; all ones for a text without any shingle."""
    hashes, bounds = shingles
    texts = len(bounds) - 1
    ordered = hashes.copy()
    begins = np.empty((texts, BINS), np.int64)
    # The least hash of a bin is its first in order: for long texts sorting is faster than scattering minima.
    for number, (start, end) in enumerate(pairwise(bounds.tolist())):
        ordered[start:end].sort()
        begins[number] = ordered[start:end].searchsorted(_BIN_EDGES)
    begins += bounds[:-1, None]
    full = (begins < np.concatenate([begins[:, 1:], bounds[1:, None]], axis=1)).ravel()
    least = np.append(ordered, _NOTHING)[begins.ravel()]
    # The next full bin on the right, round and round: that of the text's first where none is left.
    places = np.flatnonzero(full)
    before: npt.NDArray[np.int64] = np.cumsum(full) - full
    following = np.append(places, len(full))[before]
    turned = following >= np.repeat(np.arange(1, texts + 1) * BINS, BINS)
    firsts = np.append(places, 0)[before[::BINS]]
    following = np.where(turned, np.repeat(firsts, BINS), following)
    distance = following - np.arange(texts * BINS) + np.where(turned, BINS, 0)
    # A borrowed value carries its distance, so that two documents agree only when they borrow alike.
    values: npt.NDArray[np.uint32] = least[following].astype(np.uint32) + distance.astype(np.uint32) * np.uint32(
        0x9E3779B1
    )
    values = values.reshape(texts, BINS)
    values[np.diff(bounds) == 0] = _EMPTY
    return values


def band_keys(signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """uint64 [documents, 14] from uint32 [documents, 112]: documents that share a key of one band are candidates."""
    rows = signatures.reshape(-1, BANDS, ROWS).astype(np.uint64)
    # Bands are numbered inside the key, so that one table can hold them all.
    keys = np.broadcast_to(np.arange(BANDS, dtype=np.uint64), rows.shape[:2]).copy()
    for row in range(ROWS):
        keys = mix(keys * _MULTIPLIER + rows[:, :, row])
    return keys


def sketch(signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """uint8 [documents, 112]: the low byte of every value (b-bit MinHash; Li and König 2010)."""
    return mix(signatures.astype(np.uint64)).astype(np.uint8)


def estimated_jaccard(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """float64 [n] from two times uint8 [n, 112]; one value in 256 agrees by chance and is taken off."""
    agreeing = np.mean(first == second, axis=1)
    found: npt.NDArray[np.float64] = (agreeing - 1 / 256) / (1 - 1 / 256)
    return found


def mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
