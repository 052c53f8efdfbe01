"""Random numbers that are a function of what they are for, not of when they are drawn.

A token's mask must not depend on the rank, the loader process or the batch that meets it. A counter-based
generator gives that: the number is a hash of a key and a counter. The mixing function is the finaliser of
SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 1.0 / (1 << 53)


def key_of(*parts: int | str) -> int:
    """A 63-bit key from a purpose and numbers such as seed and epoch."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def keys_of(*parts: Any, last: npt.NDArray[np.int64]) -> Words:
    """One key for each number of ``last``, uint64 of its shape."""
    return mix(np.uint64(key_of(*parts)) + last.astype(np.uint64) * _GAMMA)


def mix(values: Words) -> Words:
    """SplitMix64's finaliser, element-wise. A bijection of 64-bit words."""
    mixed = (values ^ (values >> np.uint64(30))) * _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def random_words(keys: Words, counters: npt.NDArray[Any], stream: int) -> Words:
    """Uniform uint64 for each counter under its key (broadcast); ``stream`` tells independent uses apart."""
    counter = counters.astype(np.uint64)
    counter *= _GAMMA
    return mix(counter + mix(keys ^ np.uint64(key_of("stream", stream))))


def uniform(words: Words) -> npt.NDArray[np.float64]:
    """Uniform float64 in [0, 1) from 53 bits of each word."""
    return (words >> np.uint64(11)).astype(np.float64) * _TO_UNIT


def integers(words: Words, below: int) -> npt.NDArray[np.int64]:
    """Whole numbers in [0, below), for ``below`` up to 2³²; the bias is under below / 2³²."""
    return (((words >> np.uint64(32)) * np.uint64(below)) >> np.uint64(32)).astype(np.int64)
