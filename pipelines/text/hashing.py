"""Hashes of features, all arithmetic modulo 2³²: a mixer, and the powers that make polynomials of running sums."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

#: Any odd number does; the golden ratio's is usual.
MULTIPLIER = 0x9E3779B1
_MIX = (np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))


def mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finaliser of MurmurHash3 (Appleby, public domain)."""
    for multiplier, shift in zip(_MIX, (16, 13), strict=True):
        values = (values ^ (values >> np.uint32(shift))) * multiplier
    return values ^ (values >> np.uint32(16))


def powers(size: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """uint32 [size] each: rising powers of the multiplier, and of its inverse modulo 2³²."""
    rising, falling = _power_table(1 << max(16, size.bit_length()))
    return rising[:size], falling[:size]


@cache
def _power_table(size: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    tables = []
    for base in (MULTIPLIER, pow(MULTIPLIER, -1, 1 << 32)):
        factors = np.full(size, base, dtype=np.uint32)
        factors[0] = 1
        tables.append(np.cumprod(factors, dtype=np.uint32))
    return tables[0], tables[1]
