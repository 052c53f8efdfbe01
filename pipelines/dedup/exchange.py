"""The exchange: signatures cut into partitions by key, so that all documents that share a key meet in one place.

Every document has 16 rows here: one under its uid, one under the fingerprint of its folded text, one under each of its
14 MinHash bands; and one under its address where addresses count. Of documents that are cut together and are equal only
the best has those rows that would say the same of all, and the others are joined to it at once: so a text that stands
in a million documents is a few thousand rows. What is cut is grouped by Beam's own shuffle, or locally by files of
which a reader takes its own partition and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.keep_policy import best_first
from hanmill.pipelines.dedup.minhash import BANDS, mix
from hanmill.pipelines.dedup.partitions import as_batch, fixed_bytes, partition_places, read_batch
from hanmill.pipelines.dedup.schema import ROW_BITS
from hanmill.schemas.location import Location
from hanmill.schemas.recipe import DeduplicateRecipe

UID, FINGERPRINT, BAND, ADDRESS = 0, 1, 2, 3

#: ``kind`` says what ``key`` is of; ``node`` which document this is. ``sketch`` and ``shingles``
#: are there in BAND rows only.
ROWS = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("kind", pa.uint8(), nullable=False),
        pa.field("node", pa.uint64(), nullable=False),
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("source_rank", pa.uint8(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("time", pa.uint32(), nullable=False),
        pa.field("fingerprint", pa.binary(16), nullable=False),
        pa.field("sketch", pa.binary(112), nullable=True),
        pa.field("shingles", pa.list_(pa.uint32()), nullable=True),
    ]
)
#: Uid, fingerprint, address, bands.
_KINDS = np.array([UID, FINGERPRINT, ADDRESS, *[BAND] * BANDS], np.uint8)
ROWS_PER_DOCUMENT = len(_KINDS)
#: A worker holds about 90 MB of a partition of a small corpus and 180 MB of one of a large corpus.
DOCUMENTS_PER_PARTITION, MAX_PARTITIONS = range(1 << 13, 1 << 14), 1 << 14
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
    """ROWS of documents (``numbered``), one batch a partition; ``leads`` (Copies) leaves out rows of copies.

    Holds the documents and one partition of their rows.
    """
    documents = documents.combine_chunks()
    count = documents.num_rows
    keys = np.empty((count, ROWS_PER_DOCUMENT), np.uint64)
    keys[:, 0] = mix(documents["uid"].to_numpy())
    keys[:, 1] = mix(fixed_bytes(documents["fingerprint"]).view(np.uint64)[::2])
    keys[:, 2] = mix(documents["address"].to_numpy())
    keys[:, 3:] = fixed_bytes(documents["bands"]).view(np.uint64).reshape(count, BANDS)
    flat = keys.ravel()
    chosen = np.flatnonzero(np.concatenate([leads, np.repeat(leads[:, 1:2], BANDS, axis=1)], axis=1))
    for part in partition_places(flat[chosen], partitions):
        places = chosen[part]
        document, column = np.divmod(places, ROWS_PER_DOCUMENT)
        kind = _KINDS[column]
        plain, compared = pa.array(document), pa.array(document, mask=kind != BAND)
        columns = {"key": pa.array(flat[places]), "kind": pa.array(kind)}
        for field in ROWS:
            if field.name not in columns:
                columns[field.name] = documents[field.name].take(compared if field.nullable else plain)
        table = pa.Table.from_arrays([columns[field.name] for field in ROWS], schema=ROWS)
        yield as_batch(table)


def read_partition(files: Iterable[Location], partition: int, keep: str) -> pa.Table:
    """The rows of one partition of all files that somebody shares a key with, as ROWS in bounded buckets.

    Keys alone are read first, so that memory is for rows that have a partner; most documents have none.
    """
    paths = list(files)
    keys = [read_batch(path, partition, ROWS, ("key",))["key"].to_numpy() for path in paths]
    everything = np.concatenate([*keys, np.zeros(0, np.uint64)])
    values, counts = np.unique(everything, return_counts=True)
    shared = values[counts > 1]
    found = ROWS.empty_table()
    for path, own in zip(paths, keys, strict=True):
        wanted = np.isin(own, shared, kind="sort")
        if wanted.any():
            batch = read_batch(path, partition, ROWS).filter(pa.array(wanted))
            found = pa.concat_tables([found, pa.Table.from_batches([batch])])
            if found.num_rows > 4 * BUCKET:
                found = bounded_buckets(found, keep)
    return found


def shared_rows(rows: pa.Table) -> pa.Table:
    """Those of a partition's ROWS that somebody shares a key with."""
    _, places, counts = np.unique(rows["key"].to_numpy(), return_inverse=True, return_counts=True)
    return rows.filter(pa.array(counts[places] > 1))


def bounded_buckets(rows: pa.Table, keep: str, most: int = BUCKET) -> pa.Table:
    """ROWS of which no more than ``most`` stand under one band, the best by the policy ``keep``."""
    keys = rows["key"].to_numpy()
    if len(keys) <= most:
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
