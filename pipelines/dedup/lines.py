"""Lines that stand in many documents: menus, licence notices, templates of bots."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.fold import fold_texts
from hanmill.pipelines.dedup.minhash import mix
from hanmill.pipelines.dedup.partitions import as_batch, partition_places

#: Shorter lines (headings, 脚注, 参考文献) are as often text as not; folded characters.
SHORTEST_LINE = 8
#: ``key`` is the hash of a line, or of a window of a passage; ``count`` the documents it stands in.
LINES = pa.schema([pa.field("key", pa.uint64(), nullable=False), pa.field("count", pa.uint32(), nullable=False)])
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
#: Odd hashes are those of passages.
_MASK = np.uint64((1 << 64) - 2)


def line_hashes(text: str) -> npt.NDArray[np.uint64]:
    """uint64 [lines of ``text``]: an even hash of each folded line, 0 for those that are never counted."""
    points, bounds = fold_texts(text.split("\n"))
    sizes = np.diff(bounds)
    weights = mix((np.arange(1, len(points) + 1) - np.repeat(bounds[:-1], sizes)).astype(np.uint64))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mix(weights ^ points.astype(np.uint64)))])
    hashes = ((sums[bounds[1:]] - sums[bounds[:-1]]) * _MULTIPLIER + sizes.astype(np.uint64)) & _MASK
    hashes[hashes == 0] = 2
    return np.where(sizes < SHORTEST_LINE, np.uint64(0), hashes)


def count_lines(hashes: npt.NDArray[np.uint64], counts: npt.NDArray[np.uint32]) -> pa.Table:
    """LINES with every key once, its counts added up, sorted by key."""
    keys, places = np.unique(hashes, return_inverse=True)
    total = np.bincount(places, counts, minlength=len(keys)).astype(np.uint32)
    return pa.Table.from_arrays([pa.array(keys), pa.array(total)], schema=LINES)


def line_batches(lines: pa.Table, partitions: int) -> Iterator[pa.RecordBatch]:
    """LINES, one batch a partition."""
    for places in partition_places(lines["key"].to_numpy(), partitions):
        yield as_batch(lines.take(pa.array(places)))
