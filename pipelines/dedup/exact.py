"""Exact duplicates: documents whose folded text is equal, and documents read twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

#: One row a kept document: where it stands, and the fingerprint of its folded text.
SIGNATURES = pa.schema(
    [
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("fingerprint", pa.binary(16), nullable=False),
    ]
)

#: One row a document to leave out; ``shard`` and ``row`` say where it stands in ``documents/``.
DUPLICATES = pa.schema(
    [
        pa.field("shard", pa.string(), nullable=False),
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("kept_uid", pa.uint64(), nullable=False),
        pa.field("cluster_size", pa.uint32(), nullable=False),
    ]
)

#: A copy from an earlier source is kept: an encyclopaedia's own page before a web mirror of it.
SOURCE_ORDER = ("wikipedia", "commoncrawl")


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A document as the keep policy sees it: the smallest of a cluster is kept (best source, longest, first)."""

    source_rank: int
    negative_length: int
    shard_number: int
    row: int
    uid: int
    fingerprint: bytes


def read_candidates(shards: Sequence[Path]) -> list[Candidate]:
    """The rows of the signature shards, which are given in the order of the plan."""
    candidates = []
    for number, shard in enumerate(shards):
        table = pq.read_table(shard, schema=SIGNATURES)
        columns = (table[name].to_pylist() for name in SIGNATURES.names)
        for row, (uid, source, length, fingerprint) in enumerate(zip(*columns, strict=True)):
            candidates.append(Candidate(SOURCE_ORDER.index(source), -length, number, row, uid, fingerprint))
    return candidates


def find_duplicates(candidates: Sequence[Candidate], names: Sequence[str], *, by_text: bool) -> pa.Table:
    """The documents to leave out, as DUPLICATES sorted by shard and row.

    Documents with one uid are one document read twice (``same_document@1``); with ``by_text`` those with equal
    fingerprints are duplicates too (``duplicate@1``). ``names`` are the shards' names by number.
    """
    rows = []
    rest = list(candidates)
    for rule, attribute in (("same_document@1", "uid"), ("duplicate@1", "fingerprint")):
        if rule == "duplicate@1" and not by_text:
            continue
        clusters: dict[int | bytes, list[Candidate]] = {}
        for candidate in rest:
            clusters.setdefault(getattr(candidate, attribute), []).append(candidate)
        rest = []
        for cluster in clusters.values():
            kept, *others = sorted(cluster)
            rest.append(kept)
            for other in others:
                rows.append((names[other.shard_number], other.row, other.uid, rule, kept.uid, len(cluster)))
    rows.sort()
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in DUPLICATES]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, DUPLICATES, strict=True)], DUPLICATES
    )
