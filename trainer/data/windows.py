"""Rows of equal length: what is cut or packed from a row group, before anything is masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from hanmill.trainer.data.corpus import Ints

#: ``Windows.unit`` of a position that may not be masked.
NO_UNIT = -1


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows of one row group, each array [rows, window].

    ``ids`` int32, model ids. ``segment`` int32: tokens see those of equal segment; 0 is padding. ``unit`` int32:
    number of the token's word, ``NO_UNIT`` where it may not be masked. ``pinyin`` uint16. ``language`` uint8.
    """

    ids: npt.NDArray[np.int32]
    segment: npt.NDArray[np.int32]
    unit: npt.NDArray[np.int32]
    pinyin: npt.NDArray[np.uint16]
    language: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Rows."""
        return len(self.ids)

    def take(self, rows: slice | Ints) -> Windows:
        """Some of the rows, in the order given."""
        return Windows(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def padding(cls, window: int, padding: int) -> Windows:
        """One row of nothing but the token ``padding``."""
        shape = (1, window)
        return cls(
            np.full(shape, padding, np.int32),
            np.zeros(shape, np.int32),
            np.full(shape, NO_UNIT, np.int32),
            np.zeros(shape, np.uint16),
            np.zeros(shape, np.uint8),
        )


def gather_rows(parts: Sequence[tuple[npt.NDArray[np.bool_], Windows, Ints]], count: int) -> Windows:
    """``count`` rows from several row groups: each part says which places it fills, and with which of its rows."""
    first = parts[0][1]
    arrays: list[npt.NDArray[Any]] = [
        np.empty((count, first.ids.shape[1]), getattr(first, field.name).dtype) for field in fields(first)
    ]
    for here, windows, rows in parts:
        for array, field in zip(arrays, fields(windows), strict=True):
            array[here] = getattr(windows, field.name)[rows]
    return Windows(*arrays)
