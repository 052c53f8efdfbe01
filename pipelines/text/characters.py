"""Text to character ids by table look-up: one gather for a whole batch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CODE_POINTS = sys.maxunicode + 1

#: bool [0x110000]: the code points that ``str.isspace`` calls white space.
WHITE_SPACE = np.zeros(CODE_POINTS, dtype=bool)
WHITE_SPACE[[code for code in range(0x3001) if chr(code).isspace()]] = True


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a batch of n texts, white space dropped.

    ``ids`` uint16 [total]; ``offsets`` int64 [n + 1], text i owning ``ids[offsets[i]:offsets[i + 1]]``;
    ``positions`` int64 [total], the code-point offset of each character inside its own text.
    """

    ids: NDArray[np.uint16]
    offsets: NDArray[np.int64]
    positions: NDArray[np.int64]


def code_points(text: str) -> NDArray[np.uint32]:
    """uint32 [len(text)], lone surrogates included; read-only."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def character_table(codepoints: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """uint16 [0x110000]: code point to its index in ``codepoints``, 0 (unknown) for every other.

    ``codepoints[0]`` is the unknown character's row and is not entered. Raises ValueError for more than 65,536.
    """
    if len(codepoints) > np.iinfo(np.uint16).max + 1:
        raise ValueError(f"characters in the table: {len(codepoints):,}; a 16-bit id holds 65,536")
    table = np.zeros(CODE_POINTS, dtype=np.uint16)
    table[codepoints[1:]] = np.arange(1, len(codepoints), dtype=np.uint16)
    return table


def tokenize(texts: Sequence[str], table: NDArray[np.uint16]) -> Characters:
    """Looks every character of a batch up in a ``character_table``."""
    codes = code_points("".join(texts))
    kept = np.flatnonzero(~WHITE_SPACE[codes])
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    offsets = np.searchsorted(kept, starts)
    positions = kept - np.repeat(starts[:-1], np.diff(offsets))
    return Characters(table[codes[kept]], offsets, positions)


def count_characters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """The distinct characters of a batch (uint32, ascending; white space left out) and their counts (uint64)."""
    counts = np.bincount(code_points("".join(texts)), minlength=1)
    counts[WHITE_SPACE[: len(counts)]] = 0
    found = np.flatnonzero(counts)
    return found.astype(np.uint32), counts[found].astype(np.uint64)
