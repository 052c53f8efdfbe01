"""The ids of one corpus as those of several read together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """New id of each old one: ``characters`` uint16, ``syllables`` uint16 (None without readings), ``words`` int64 of
    each language.
    """

    characters: npt.NDArray[np.uint16]
    syllables: npt.NDArray[np.uint16] | None
    words: Mapping[str, npt.NDArray[np.int64]]
