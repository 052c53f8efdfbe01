"""Candidates of a sampled softmax (Jean et al. 2015), drawn log-uniformly over frequency ranks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def draw_candidates(draw: np.random.Generator, vocabulary: int, size: int) -> tuple[npt.NDArray[np.int64], int]:
    """``size`` different ids, and how many draws with replacement it took to find them.

    P(k) = log((k + 2) / (k + 1)) / log(vocabulary + 1): ids must run by falling frequency. With ``size`` of the
    vocabulary or more the sample is empty, which means all of it. These are the semantics of TensorFlow's
    log-uniform candidate sampler with ``unique``.
    """
    if size >= vocabulary:
        return np.empty(0, np.int64), 0
    found = np.empty(0, np.int64)
    drawn = np.empty(0, np.int64)
    while len(found) < size:
        more = np.exp(draw.random(2 * size) * np.log(vocabulary + 1)).astype(np.int64) - 1
        drawn = np.concatenate((drawn, np.minimum(more, vocabulary - 1)))
        _, first = np.unique(drawn, return_index=True)
        found = np.sort(first)
    return drawn[found[:size]], int(found[size - 1]) + 1
