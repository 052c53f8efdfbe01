"""Clusters: connected components of the pairs, and which document of each is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.dedup.components import smallest
from pipelines.dedup.pairs import best_first, pairs
from pipelines.dedup.partitions import fixed_bytes
from pipelines.dedup.schema import CLUSTERED, DUPLICATE, NEAR_DUPLICATE, SAME_DOCUMENT
from schemas.recipe import DeduplicateRecipe

_DOCUMENT = [
    pa.field("shard", pa.uint32(), nullable=False),
    pa.field("row", pa.uint32(), nullable=False),
    pa.field("uid", pa.uint64(), nullable=False),
    pa.field("source_rank", pa.uint8(), nullable=False),
    pa.field("length", pa.uint32(), nullable=False),
    pa.field("fingerprint", pa.binary(16), nullable=False),
]
#: What is left of a partition: every pair once, with what the keep policy must know of both documents.
LINKS = pa.schema([field.with_name(f"{side}_{field.name}") for side in ("first", "second") for field in _DOCUMENT])


def links(rows: pa.Table, settings: DeduplicateRecipe) -> pa.Table:
    """LINKS of one partition's exchange rows, each pair of documents once."""
    places = pairs(rows, settings)
    names = [field.name for field in _DOCUMENT]
    sides = [rows.select(names).take(pa.array(places[:, side])) for side in (0, 1)]
    table = pa.Table.from_arrays([column for side in sides for column in side.columns], schema=LINKS)
    ids = np.stack([_ids(table, "first_"), _ids(table, "second_")], axis=1)
    _, once = np.unique(ids, axis=0, return_index=True)
    return table.take(pa.array(np.sort(once)))


def cluster(links_of_partitions: Iterable[pa.Table], settings: DeduplicateRecipe) -> pa.Table:
    """CLUSTERED, from the LINKS of all partitions.

    A document read twice (one uid) is kept once whatever the settings say; a copy with equal folded text goes
    where ``exact`` is set, a near duplicate where ``near`` is; which of those is kept ``keep`` says. Holds the links
    alone: 78 bytes a pair.
    """
    table = pa.concat_tables([LINKS.empty_table(), *links_of_partitions])
    nodes = _nodes(table, settings.keep)
    ids = _ids(nodes, "")
    by_id = np.argsort(ids)
    first, second = (by_id[np.searchsorted(ids, _ids(table, side), sorter=by_id)] for side in ("first_", "second_"))
    component = smallest(len(ids), first, second)
    prints = fixed_bytes(nodes["fingerprint"])
    kept, rules = np.arange(len(ids)), np.zeros(len(ids), np.int8)
    uids = nodes["uid"].to_numpy()
    for number, (label, removes) in enumerate(((uids, True), (prints, settings.exact), (component, settings.near)), 1):
        if removes:
            _keep_first(label, number, kept, rules)
    # A copy of a copy points to the one that is really there.
    while (kept[kept] != kept).any():
        kept = kept[kept]
    names = pa.array([None, SAME_DOCUMENT, DUPLICATE, NEAR_DUPLICATE])
    columns = [
        nodes["shard"],
        nodes["row"],
        nodes["uid"],
        names.take(pa.array(rules)),
        pa.array(uids[kept]),
        nodes["fingerprint"].take(pa.array(component)),
        pa.array(np.bincount(component, minlength=len(ids))[component], pa.uint32()),
    ]
    found = pa.Table.from_arrays(
        [column.cast(f.type) for column, f in zip(columns, CLUSTERED, strict=True)], schema=CLUSTERED
    )
    return found.sort_by([("shard", "ascending"), ("row", "ascending")]).combine_chunks()


def shard_digests(clustered: pa.Table) -> dict[int, str]:
    """Shard number to a hash of what CLUSTERED says of its documents, so that only they hear of a change."""
    shards = clustered["shard"].to_numpy()
    digests = {}
    for start, end in _runs(shards):
        digest = hashlib.blake2b(digest_size=8)
        for row in clustered.slice(start, end - start).drop_columns(["shard"]).to_pylist():
            digest.update(repr(tuple(row.values())).encode())
        digests[int(shards[start])] = digest.hexdigest()
    return digests


def _runs(values: npt.NDArray[np.uint32]) -> Iterable[tuple[int, int]]:
    """Start and end of every run of equal values."""
    edges = np.flatnonzero(values[1:] != values[:-1]) + 1
    bounds = [0, *edges.tolist(), len(values)] if len(values) else []
    return pairwise(bounds)


def _nodes(table: pa.Table, keep: str) -> pa.Table:
    """Every document of the links once, best first."""
    names = [field.name for field in _DOCUMENT]
    sides = [table.select([f"{side}_{name}" for name in names]).rename_columns(names) for side in ("first", "second")]
    both = pa.concat_tables(sides)
    _, once = np.unique(_ids(both, ""), return_index=True)
    nodes = both.take(pa.array(once))
    return nodes.take(pa.array(np.lexsort(best_first(nodes, keep))))


def _ids(table: pa.Table, prefix: str) -> npt.NDArray[np.uint64]:
    shard, row = (table[f"{prefix}{name}"].to_numpy().astype(np.uint64) for name in ("shard", "row"))
    ids: npt.NDArray[np.uint64] = (shard << np.uint64(32)) | row
    return ids


def _keep_first(
    label: npt.NDArray[np.generic], number: int, kept: npt.NDArray[np.int64], rules: npt.NDArray[np.int8]
) -> None:
    """Of the documents still there that share a label, all but the first get the rule's number."""
    there = np.flatnonzero(rules == 0)
    _, first, inverse = np.unique(label[there], return_index=True, return_inverse=True)
    leader = there[first[inverse]]
    others = leader != there
    kept[there[others]] = leader[others]
    rules[there[others]] = number
