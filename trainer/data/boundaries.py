"""Where the segments of rows begin and end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch


class RowBoundaries(NamedTuple):
    """``positions``, ``segments`` and ``cu_seqlens`` of a MaskedBatch."""

    positions: torch.Tensor
    segments: torch.Tensor | None
    cu_seqlens: torch.Tensor | None


def bound(segment: npt.NDArray[np.int32]) -> RowBoundaries:
    """Of segment numbers [rows, window], 0 for padding; rows that are one whole segment each have positions alone."""
    boundaries = segment_boundaries(segment)
    # Positions restart in each segment.
    starts = np.repeat(boundaries[:-1], np.diff(boundaries))
    positions = torch.from_numpy((np.arange(segment.size) - starts).reshape(segment.shape))
    if len(boundaries) == len(segment) + 1 and bool((segment[:, :1] != 0).all()):
        return RowBoundaries(positions, None, None)
    return RowBoundaries(positions, torch.from_numpy(segment), torch.from_numpy(boundaries.astype(np.int32)))


def segment_boundaries(segment: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Where segments begin in the flattened rows [rows, window], and the end of the last: int64, rising from 0.

    A stretch of padding is a segment too; none goes on in the next row. This is the ``cu_seqlens`` of
    variable-length attention.
    """
    begins = np.ones(segment.shape, bool)
    begins[:, 1:] = segment[:, 1:] != segment[:, :-1]
    return np.append(np.flatnonzero(begins), segment.size)
