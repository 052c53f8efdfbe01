"""The exchange: signatures cut into partitions by key, so that all documents that share a key meet in one place.

Every document has 16 rows here: one under its uid, one under the fingerprint of its folded text and one under each
of its 14 MinHash bands. A reader takes its own partition of every file and nothing else. This is a shuffle through
files: no machine ever holds all signatures, a killed build goes on with the files that are there, and every engine
gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from hanmill.pipelines.dedup.minhash import BANDS, mix
from hanmill.pipelines.dedup.partitions import as_batch, fixed_bytes, partition_places, read_batch
from hanmill.pipelines.dedup.schema import ROW_BITS
from hanmill.schemas.location import Location

UID, FINGERPRINT, BAND = 0, 1, 2

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
        pa.field("fingerprint", pa.binary(16), nullable=False),
        pa.field("sketch", pa.binary(112), nullable=True),
        pa.field("shingles", pa.list_(pa.uint32()), nullable=True),
    ]
)
ROWS_PER_DOCUMENT = 2 + BANDS
#: Small corpora: a worker holds about 90 MB of a partition. Large ones: files times partitions stays readable.
DOCUMENTS_PER_PARTITION, MAX_PARTITIONS = 1 << 13, 1 << 10


def exchange_batches(shards: Sequence[tuple[int, pa.Table]], partitions: int) -> Iterator[pa.RecordBatch]:
    """ROWS of some shards, one batch a partition; a shard is its number in the plan and its SIGNATURES.

    Holds the signatures and one partition of their rows.
    """
    parts = [with_nodes(table, np.uint64(number << ROW_BITS)) for number, table in shards]
    yield from key_batches(pa.concat_tables(parts), partitions)


def with_nodes(signatures: pa.Table, first: np.uint64) -> pa.Table:
    """SIGNATURES with their nodes, numbered on from ``first``; without lines."""
    nodes = np.arange(signatures.num_rows, dtype=np.uint64) + first
    return signatures.drop_columns(["lines"]).append_column("node", pa.array(nodes))


def key_batches(documents: pa.Table, partitions: int) -> Iterator[pa.RecordBatch]:
    """ROWS of documents (``with_nodes``), one batch a partition."""
    documents = documents.combine_chunks()
    count = documents.num_rows
    keys = np.empty((count, ROWS_PER_DOCUMENT), np.uint64)
    keys[:, 0] = mix(documents["uid"].to_numpy())
    keys[:, 1] = mix(fixed_bytes(documents["fingerprint"]).view(np.uint64)[::2])
    keys[:, 2:] = fixed_bytes(documents["bands"]).view(np.uint64).reshape(count, BANDS)
    kinds = np.array([UID, FINGERPRINT, *[BAND] * BANDS], np.uint8)
    flat = keys.ravel()
    for places in partition_places(flat, partitions):
        document, column = np.divmod(places, ROWS_PER_DOCUMENT)
        kind = kinds[column]
        plain, compared = pa.array(document), pa.array(document, mask=kind != BAND)
        columns = {"key": pa.array(flat[places]), "kind": pa.array(kind)}
        for field in ROWS:
            if field.name not in columns:
                columns[field.name] = documents[field.name].take(compared if field.nullable else plain)
        table = pa.Table.from_arrays([columns[field.name] for field in ROWS], schema=ROWS)
        yield as_batch(table)


def read_partition(files: Iterable[Location], partition: int) -> pa.Table:
    """The rows of one partition of all files that somebody shares a key with, as ROWS.

    Keys alone are read first, so that memory is for rows that have a partner; most documents have none.
    """
    paths = list(files)
    keys = [read_batch(path, partition, ROWS, ("key",))["key"].to_numpy() for path in paths]
    everything = np.concatenate([*keys, np.zeros(0, np.uint64)])
    values, counts = np.unique(everything, return_counts=True)
    shared = values[counts > 1]
    found = []
    for path, own in zip(paths, keys, strict=True):
        wanted = np.isin(own, shared, kind="sort")
        if wanted.any():
            found.append(read_batch(path, partition, ROWS).filter(pa.array(wanted)))
    return pa.Table.from_batches(found, ROWS)


def shared_rows(rows: pa.Table) -> pa.Table:
    """Those of a partition's ROWS that somebody shares a key with."""
    _, places, counts = np.unique(rows["key"].to_numpy(), return_inverse=True, return_counts=True)
    return rows.filter(pa.array(counts[places] > 1))


def partition_count(documents: int) -> int:
    """Partitions for an exchange of this many documents."""
    return min(MAX_PARTITIONS, max(1, -(-documents // DOCUMENTS_PER_PARTITION)))
