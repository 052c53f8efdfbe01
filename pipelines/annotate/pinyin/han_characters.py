"""The characters that pypinyin takes for Han, private ones that old Chinese fonts use among them."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin.constants import RE_HANS

from hanmill.pipelines.text.characters import CODE_POINTS

#: pypinyin knows none behind plane 3.
_PLANES = 0x40000


@cache
def han_characters() -> NDArray[np.bool_]:
    """bool [0x110000]: where ``RE_HANS`` matches the character alone; read-only."""
    table = np.zeros(CODE_POINTS, dtype=bool)
    run = re.compile(RE_HANS.pattern.removeprefix("^").removesuffix("$"))
    for found in run.finditer("".join(map(chr, range(_PLANES)))):
        table[found.start() : found.end()] = True
    table.setflags(write=False)
    return table
