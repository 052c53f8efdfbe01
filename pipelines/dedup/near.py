"""Near duplicates: candidates that share a MinHash band, verified, joined into clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.dedup.minhash import band_keys

#: Documents with fewer shingles are compared exactly: MinHash is too coarse for them.
SHORT_SHINGLES = 300


def near_clusters(
    signatures: npt.NDArray[np.uint32], shingles: Sequence[npt.NDArray[np.uint32]], jaccard: float
) -> npt.NDArray[np.int64]:
    """int64 [n]: for every document the first of its cluster.

    ``signatures`` is uint32 [n, 112]; ``shingles`` holds the distinct shingle hashes of short documents, and
    an empty array for long ones. Documents are joined to the first document with which they share a band and
    whose Jaccard similarity (exact where both are short, estimated otherwise) is at least ``jaccard``.
    Memory is linear in n.
    """
    parents = np.arange(len(signatures), dtype=np.int64)
    if not len(signatures):
        return parents
    for keys in band_keys(signatures).T:
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        sizes = np.diff(np.r_[starts, len(ordered)])
        for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            _join(parents, signatures, shingles, order[start : start + size], jaccard)
    return np.array([_root(parents, place) for place in range(len(parents))], np.int64)


def _join(
    parents: npt.NDArray[np.int64],
    signatures: npt.NDArray[np.uint32],
    shingles: Sequence[npt.NDArray[np.uint32]],
    group: npt.NDArray[np.int64],
    jaccard: float,
) -> None:
    """Joins the members of one bucket to its leaders: a member like no leader so far leads those after it."""
    leaders: list[int] = []
    for member in group.tolist():
        if not len(leaders) or not _join_to_leader(parents, signatures, shingles, leaders, member, jaccard):
            leaders.append(member)


def _join_to_leader(
    parents: npt.NDArray[np.int64],
    signatures: npt.NDArray[np.uint32],
    shingles: Sequence[npt.NDArray[np.uint32]],
    leaders: Sequence[int],
    member: int,
    jaccard: float,
) -> bool:
    estimates = np.mean(signatures[leaders] == signatures[member], axis=1)
    for leader, estimate in zip(leaders, estimates.tolist(), strict=True):
        if _root(parents, leader) == _root(parents, member):
            return True
        if len(shingles[leader]) and len(shingles[member]):
            estimate = _jaccard(shingles[leader], shingles[member])
        if estimate >= jaccard:
            low, high = sorted((_root(parents, leader), _root(parents, member)))
            parents[high] = low
            return True
    return False


def _jaccard(first: npt.NDArray[np.uint32], second: npt.NDArray[np.uint32]) -> float:
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / (len(first) + len(second) - shared)


def _root(parents: npt.NDArray[np.int64], place: int) -> int:
    root = place
    while parents[root] != root:
        root = int(parents[root])
    while parents[place] != root:
        parents[place], place = root, int(parents[place])
    return root
