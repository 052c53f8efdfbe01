"""The exchange: documents cut into partitions by key, so that all that share a key meet in one place.

Every document has 16 rows here: one under its uid, one under the fingerprint of its folded text, one under each of its
14 MinHash bands; and one under its address where addresses count. Of documents that are cut together and are equal only
the best has those rows that would say the same of all, and the others are joined to it at once: so a text that stands
in a million documents is a few thousand rows.

A row is a key and a number, and what chooses among too many. Where documents share a key they are a *bucket*; the same
documents mostly share several, and are compared once: a bucket is named by a hash of who is in it. Only then is it
asked what they are (SIGNED). What is cut is grouped by Beam's own shuffle, or locally by files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.keep_policy import best_first
from hanmill.pipelines.dedup.minhash import BANDS, mix
from hanmill.pipelines.dedup.partitions import fixed_bytes, partition_places
from hanmill.pipelines.dedup.schema import ROW_BITS
from hanmill.schemas.recipe import DeduplicateRecipe

UID, FINGERPRINT, BAND, ADDRESS = 0, 1, 2, 3

#: ``kind`` says what ``key`` is of; ``node`` which document this is. The others are there for the policy ``keep``.
ROWS = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("kind", pa.uint8(), nullable=False),
        pa.field("node", pa.uint64(), nullable=False),
        pa.field("source_rank", pa.uint8(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("time", pa.uint32(), nullable=False),
    ]
)
#: Who is in a bucket; ``key`` is the bucket's own, the same for buckets of one kind with the same documents.
MEMBERS = pa.schema([ROWS.field(name) for name in ("key", "kind", "node")])
#: Uid, fingerprint, address, bands.
_KINDS = np.array([UID, FINGERPRINT, ADDRESS, *[BAND] * BANDS], np.uint8)
ROWS_PER_DOCUMENT = len(_KINDS)
#: A partition of a large corpus is 14 MB of rows.
DOCUMENTS_PER_PARTITION, MAX_PARTITIONS = range(1 << 13, 1 << 15), 1 << 14
#: Members of buckets of which it is known at once what they are: up to 50 MB.
COMPARED_TOGETHER = 1 << 16
#: Beyond so many documents that share a band only the best are compared by it; thirteen other bands may still do it.
BUCKET = 1 << 16


def numbered(shards: Sequence[tuple[int, pa.Table]]) -> pa.Table:
    """Documents of some shards with their nodes; a shard is its number in the plan and its SIGNATURES."""
    return pa.concat_tables([with_nodes(table, np.uint64(number << ROW_BITS)) for number, table in shards])


def with_nodes(signatures: pa.Table, first: np.uint64) -> pa.Table:
    """SIGNATURES with their nodes, numbered on from ``first``; without lines."""
    nodes = np.arange(signatures.num_rows, dtype=np.uint64) + first
    return signatures.drop_columns(["lines"]).append_column("node", pa.array(nodes))


@dataclass(frozen=True, slots=True)
class Copies:
    """Documents that are equal to better ones among those cut with them.

    ``leads`` is bool [documents, 3]: whether a document is the best of its uid, of its text and of its address.
    ``pairs`` is int64 [pairs, 2]: places of documents that are one or equal, the better first.
    """

    leads: npt.NDArray[np.bool_]
    pairs: npt.NDArray[np.int64]


def copies(documents: pa.Table, settings: DeduplicateRecipe) -> Copies:
    """Equal documents (``numbered``), the best by the policy ``keep`` first; and those of one address if it counts."""
    order = np.lexsort(best_first(documents, settings.keep))
    here = np.arange(len(order))
    leads = np.ones((len(order), 3), bool)
    found = [np.zeros((0, 2), np.int64)]
    sides = [documents["uid"].to_numpy(), fixed_bytes(documents["fingerprint"])]
    addresses = documents["address"].to_numpy()
    if settings.address:
        # What has no address is alone with its node.
        sides.append(np.where(addresses == 0, documents["node"].to_numpy(), mix(addresses)))
    leads[:, 2] = settings.address & (addresses != 0)
    for side, values in enumerate(sides):
        _, first, inverse = np.unique(values[order], return_index=True, return_inverse=True)
        leader = np.empty(len(order), np.int64)
        leader[order] = order[first[inverse]]
        others = np.flatnonzero(leader != here)
        leads[others, side] = False
        found.append(np.stack([leader[others], others], axis=1))
    return Copies(leads, np.concatenate(found))


def key_batches(documents: pa.Table, partitions: int, leads: npt.NDArray[np.bool_]) -> Iterator[pa.RecordBatch]:
    """ROWS of documents (``numbered``), one batch a partition; ``leads`` (Copies) leaves out rows of copies."""
    documents = documents.combine_chunks()
    count = documents.num_rows
    keys = np.empty((count, ROWS_PER_DOCUMENT), np.uint64)
    keys[:, 0] = mix(documents["uid"].to_numpy())
    keys[:, 1] = mix(fixed_bytes(documents["fingerprint"]).view(np.uint64)[::2])
    keys[:, 2] = mix(documents["address"].to_numpy())
    keys[:, 3:] = fixed_bytes(documents["bands"]).view(np.uint64).reshape(count, BANDS)
    flat = keys.ravel()
    chosen = np.flatnonzero(np.concatenate([leads, np.repeat(leads[:, 1:2], BANDS, axis=1)], axis=1))
    plain = {name: documents[name].to_numpy() for name in ROWS.names[2:]}
    for part in partition_places(flat[chosen], partitions):
        places = chosen[part]
        document, column = np.divmod(places, ROWS_PER_DOCUMENT)
        columns = [flat[places], _KINDS[column], *(plain[name][document] for name in ROWS.names[2:])]
        yield pa.RecordBatch.from_arrays([pa.array(values) for values in columns], schema=ROWS)


def shared_rows(rows: pa.Table) -> pa.Table:
    """Those of a partition's ROWS that somebody shares a key with; most documents have none."""
    keys = rows["key"].to_numpy()
    order = np.argsort(keys)
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    shared = np.zeros(len(keys), bool)
    shared[order] = np.r_[False, same] | np.r_[same, False] if len(keys) else False
    return rows.filter(pa.array(shared))


def members_of(rows: pa.Table) -> pa.Table:
    """MEMBERS of ROWS: every bucket of two and more under a hash of its kind and its documents."""
    keys, kinds, nodes = (rows[name].to_numpy() for name in MEMBERS.names)
    order = np.lexsort((kinds, keys))
    keys, kinds, nodes = keys[order], kinds[order], nodes[order]
    if not len(keys):
        return MEMBERS.empty_table()
    begins = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]) | (kinds[1:] != kinds[:-1])])
    sizes = np.diff(np.r_[begins, len(keys)])
    sums = np.add.reduceat(mix(nodes), begins) + sizes.astype(np.uint64)
    names = np.repeat(mix(mix(sums) + kinds[begins]), sizes)
    several = np.repeat(sizes > 1, sizes)
    columns = (names[several], kinds[several], nodes[several])
    return pa.Table.from_arrays([pa.array(values) for values in columns], schema=MEMBERS)


def distinct(members: pa.Table) -> pa.Table:
    """MEMBERS with every document of a bucket once, sorted by bucket: the same bucket comes from several partitions."""
    keys, kinds, nodes = (members[name].to_numpy() for name in MEMBERS.names)
    order = np.lexsort((nodes, kinds, keys))
    columns = [values[order] for values in (keys, kinds, nodes)]
    new = np.zeros(len(order), bool)
    new[:1] = True
    for values in columns:
        new[1:] |= values[1:] != values[:-1]
    return pa.Table.from_arrays([pa.array(values[new]) for values in columns], schema=MEMBERS)


def in_turn(members: pa.Table, most: int = COMPARED_TOGETHER) -> Iterator[pa.Table]:
    """MEMBERS (``distinct``) in parts of whole buckets, each of no more than ``most`` rows or of one bucket."""
    keys = members["key"].to_numpy()
    ends = np.append(np.flatnonzero(keys[1:] != keys[:-1]) + 1, len(keys))
    start = 0
    while start < len(keys):
        first, beyond = np.searchsorted(ends, (start, start + most), side="right")
        end = int(ends[max(first, beyond - 1)])
        yield members.slice(start, end - start)
        start = end


def bounded_buckets(rows: pa.Table, keep: str, most: int = BUCKET) -> pa.Table:
    """ROWS of which no more than ``most`` stand under one band, the best by the policy ``keep``."""
    keys = rows["key"].to_numpy()
    if len(keys) <= most or np.unique(keys, return_counts=True)[1].max() <= most:
        return rows
    order = np.lexsort((*best_first(rows, keep), keys))
    begins = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]])
    ranks = np.arange(len(keys)) - np.repeat(begins, np.diff(np.r_[begins, len(keys)]))
    kept = np.zeros(len(keys), bool)
    kept[order] = ranks < most
    kept |= rows["kind"].to_numpy() != BAND
    return rows if kept.all() else rows.filter(pa.array(kept))


def partition_count(documents: int) -> int:
    """Partitions for an exchange of this many documents."""
    small, large = DOCUMENTS_PER_PARTITION.start, DOCUMENTS_PER_PARTITION.stop
    each = small if documents <= 1 << 20 else large
    return min(MAX_PARTITIONS, max(1, -(-documents // each)))
