"""The special tokens of a model over characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Specials:
    """Model ids below the characters. Character id c ≥ 1 becomes ``count + c - 1``; 0 becomes ``unknown``."""

    count: int
    padding: int
    unknown: int
    mask: int
    begin: int
    end: int

    def model_ids(self, characters: int) -> npt.NDArray[np.int32]:
        """Model id of each character id, int32 [characters]."""
        ids = np.arange(self.count - 1, self.count - 1 + characters, dtype=np.int32)
        ids[0] = self.unknown
        return ids

    def vocabulary_size(self, characters: int) -> int:
        """Specials and characters, for a table of ``characters`` rows (row 0 is the unknown character)."""
        return self.count + characters - 1
