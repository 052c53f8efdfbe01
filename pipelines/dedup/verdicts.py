"""Verdicts: what deduplication says of the documents of one shard."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from hanmill.pipelines.dedup.schema import ROW_BITS, VERDICT


def verdict_of(clustered: pa.Table, row_bits: int = ROW_BITS) -> pa.Table:
    """VERDICT of one shard's rows of CLUSTERED, in any order."""
    rows = (clustered["node"].to_numpy() & np.uint64((1 << row_bits) - 1)).astype(np.uint32)
    columns = [pa.array(rows), *(clustered[name] for name in VERDICT.names[1:])]
    return pa.Table.from_arrays(columns, schema=VERDICT).sort_by("row").combine_chunks()


def digest_of(verdict: pa.Table) -> str:
    """16 hexadecimal digits of what VERDICT says, so that only shards that are concerned hear of a change."""
    digest = hashlib.blake2b(digest_size=8)
    for row in verdict.to_pylist():
        digest.update(repr(tuple(row.values())).encode())
    return digest.hexdigest()
