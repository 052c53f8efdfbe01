"""Which of two documents that are alike stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def best_first(documents: pa.Table, keep: str) -> tuple[npt.NDArray[np.integer[Any]], ...]:
    """Sort keys of the keep policy, for ``np.lexsort`` (the last counts first): the best document first.

    ``documents`` has columns ``source_rank``, ``length``, ``time`` and ``node``; the place in the plan decides last.
    """
    node = documents["node"].to_numpy()
    if keep == "first":
        return (node,)
    length, source, time = (documents[name].to_numpy().astype(np.int64) for name in ("length", "source_rank", "time"))
    by_policy = {
        "longest": (node, source, -length),
        "newest": (node, -length, source, -time),
        "best_source": (node, -length, source),
    }
    return by_policy[keep]
