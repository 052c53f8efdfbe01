"""Pairs of one partition: documents that share a key, compared, and joined to the best document of their bucket."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.exchange import ADDRESS, BAND, UID
from hanmill.pipelines.dedup.keep_policy import best_first
from hanmill.pipelines.dedup.minhash import BINS, estimated_jaccard
from hanmill.pipelines.dedup.partitions import fixed_bytes
from hanmill.schemas.recipe import DeduplicateRecipe

#: In a bucket of documents that share a band and are not alike, this many lead a group of their own; a document
#: like none of them is joined to nobody here (thirteen other bands may do it). Keeps the cost linear.
LEADERS = 64
#: Pairs of short documents that are compared at once: some 2 MB.
_COMPARED_TOGETHER = 1 << 11

_Places = npt.NDArray[np.int64]


def pairs(rows: pa.Table, settings: DeduplicateRecipe) -> _Places:
    """int64 [pairs, 2]: places in ``rows`` (exchange.ROWS), the better document first.

    Documents under one uid, one fingerprint or one address are pairs. Those that share a MinHash band are where their
    Jaccard similarity is at least ``settings.jaccard``: exact where both are short, estimated otherwise. The outcome
    depends on the rows alone, not on their order.
    """
    order = _order(rows, settings.keep)
    keys, kinds = rows["key"].to_numpy()[order], rows["kind"].to_numpy()[order]
    begins = np.r_[True, (keys[1:] != keys[:-1]) | (kinds[1:] != kinds[:-1])] if len(keys) else np.zeros(0, bool)
    buckets = np.cumsum(begins) - 1
    near = kinds == BAND
    equal = _join_to_leaders(buckets[~near], order[~near], _Equal(rows))
    return np.concatenate([equal, _join_to_leaders(buckets[near], order[near], _Similar(rows, settings.jaccard))])


def _order(rows: pa.Table, keep: str) -> _Places:
    return np.lexsort((*best_first(rows, keep), rows["key"].to_numpy(), rows["kind"].to_numpy()))


class _Equal:
    """Whether documents of a bucket are one document: hashes of 64 bits meet by chance among billions."""

    def __init__(self, rows: pa.Table) -> None:
        self._uids = rows["uid"].to_numpy()
        self._prints = fixed_bytes(rows["fingerprint"])
        self._addresses = rows["address"].to_numpy()
        self._kinds = rows["kind"].to_numpy()

    def __call__(self, first: _Places, second: _Places) -> npt.NDArray[np.bool_]:
        same_uid = self._uids[first] == self._uids[second]
        same_text = self._prints[first] == self._prints[second]
        same_address = self._addresses[first] == self._addresses[second]
        kinds = self._kinds[first]
        return np.select([kinds == UID, kinds == ADDRESS], [same_uid, same_address], same_text)


class _Similar:
    """Whether documents of a bucket are alike enough."""

    def __init__(self, rows: pa.Table, jaccard: float) -> None:
        self._jaccard = jaccard
        column = rows["sketch"].combine_chunks()
        present = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        self._place = np.zeros(len(rows), np.int64)
        self._place[present] = np.arange(len(present))
        joined = b"".join(value for value in column.to_pylist() if value is not None)
        self._sketches = np.frombuffer(joined, np.uint8).reshape(-1, BINS)
        lists = rows["shingles"].combine_chunks()
        self._shingles = lists.flatten().to_numpy()
        lengths = lists.value_lengths().fill_null(0).to_numpy().astype(np.int64)
        self._ends = np.cumsum(lengths)
        self._starts = self._ends - lengths

    def __call__(self, first: _Places, second: _Places) -> npt.NDArray[np.bool_]:
        alike = np.zeros(len(first))
        sizes = (self._ends - self._starts)[first], (self._ends - self._starts)[second]
        both_short = (sizes[0] > 0) & (sizes[1] > 0)
        estimated = np.flatnonzero(~both_short)
        sketches = (self._sketches[self._place[places[estimated]]] for places in (first, second))
        alike[estimated] = estimated_jaccard(*sketches)
        # Sets of very different size cannot be alike, whatever they share.
        compared = np.flatnonzero(both_short & (np.minimum(*sizes) >= self._jaccard * np.maximum(*sizes)))
        for start in range(0, len(compared), _COMPARED_TOGETHER):
            some = compared[start : start + _COMPARED_TOGETHER]
            alike[some] = self._exact(first[some], second[some])
        return alike >= self._jaccard

    def _exact(self, first: _Places, second: _Places) -> npt.NDArray[np.float64]:
        """The share of shingles that two documents have in common, float64 [n] of n pairs."""
        documents = np.stack([first, second], axis=1).ravel()
        starts, sizes = self._starts[documents], (self._ends - self._starts)[documents]
        begins = np.cumsum(sizes) - sizes
        places = np.arange(int(sizes.sum())) + np.repeat(starts - begins, sizes)
        owners = np.repeat(np.arange(len(documents), dtype=np.uint64) >> np.uint64(1), sizes)
        # Shingles are distinct in a document: what stands twice under a pair is in both.
        keys = np.sort((owners << np.uint64(32)) | self._shingles[places])
        twice = keys[1:][keys[1:] == keys[:-1]] >> np.uint64(32)
        shared = np.bincount(twice.astype(np.int64), minlength=len(first))
        return np.asarray(shared / (sizes.reshape(-1, 2).sum(axis=1) - shared), np.float64)


def _join_to_leaders(buckets: _Places, places: _Places, alike: _Equal | _Similar) -> _Places:
    """Joins the members of every bucket to the first of it they are like; ``places`` stand best first in it.

    All buckets at once: each round the first that is left leads, and takes with it whoever is like it.
    """
    found = []
    for _ in range(LEADERS):
        if not len(places):
            break
        begins = np.r_[True, buckets[1:] != buckets[:-1]]
        leaders = places[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
        members = np.flatnonzero(~begins)
        joined = members[alike(leaders[members], places[members])]
        found.append(np.stack([leaders[joined], places[joined]], axis=1))
        left = ~begins
        left[joined] = False
        buckets, places = buckets[left], places[left]
    return np.concatenate([np.zeros((0, 2), np.int64), *found])
