"""Which documents to leave out: those read twice, those with equal folded text, and near duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.dedup.minhash import SIGNATURE_BYTES
from pipelines.dedup.near import near_clusters
from schemas.recipe import DeduplicateRecipe

#: One row a kept document: the fingerprint of its folded text and, where near duplicates are looked for, its
#: MinHash and, of short documents, the shingles themselves.
SIGNATURES = pa.schema(
    [
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("fingerprint", pa.binary(16), nullable=False),
        pa.field("minhash", pa.binary(SIGNATURE_BYTES), nullable=True),
        pa.field("shingles", pa.list_(pa.uint32()), nullable=False),
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

SAME_DOCUMENT = "same_document@1"
DUPLICATE = "duplicate@1"
NEAR_DUPLICATE = "near_duplicate@1"

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
    minhash: bytes | None = None
    shingles: tuple[int, ...] = ()


def read_candidates(shards: Sequence[Path]) -> list[Candidate]:
    """The rows of the signature shards, which are given in the order of the plan."""
    candidates = []
    for number, shard in enumerate(shards):
        for row, value in enumerate(pq.read_table(shard, schema=SIGNATURES).to_pylist()):
            candidates.append(
                Candidate(
                    SOURCE_ORDER.index(value["source"]),
                    -value["length"],
                    number,
                    row,
                    value["uid"],
                    value["fingerprint"],
                    value["minhash"],
                    tuple(value["shingles"]),
                )
            )
    return candidates


def find_duplicates(candidates: Iterable[Candidate], names: Sequence[str], settings: DeduplicateRecipe) -> pa.Table:
    """The documents to leave out, as DUPLICATES sorted by shard and row.

    Documents with one uid are one document read twice, whatever the settings say. ``names`` are the shards' names
    by number. The outcome does not depend on the order of ``candidates``.
    """
    found: list[tuple[str, int, int, str, int, int]] = []
    rest = _keep_first(sorted(candidates), SAME_DOCUMENT, "uid", names, found)
    if settings.exact:
        rest = _keep_first(rest, DUPLICATE, "fingerprint", names, found)
    if settings.near and rest:
        signatures = np.stack([np.frombuffer(candidate.minhash or b"", np.uint32) for candidate in rest])
        shingles = [np.array(candidate.shingles, np.uint32) for candidate in rest]
        first = near_clusters(signatures, shingles, settings.jaccard)
        sizes = np.bincount(first, minlength=len(rest))
        for place in np.flatnonzero(first != np.arange(len(rest))).tolist():
            kept = int(first[place])
            found.append(_entry(rest[place], NEAR_DUPLICATE, rest[kept], int(sizes[kept]), names))
    found.sort()
    columns = list(zip(*found, strict=True)) if found else [[] for _ in DUPLICATES]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, DUPLICATES, strict=True)]
    return pa.table(arrays, DUPLICATES)


def _keep_first(
    candidates: Sequence[Candidate],
    rule: str,
    attribute: str,
    names: Sequence[str],
    found: list[tuple[str, int, int, str, int, int]],
) -> list[Candidate]:
    clusters: dict[int | bytes, list[Candidate]] = {}
    for candidate in candidates:
        clusters.setdefault(getattr(candidate, attribute), []).append(candidate)
    for kept, *others in clusters.values():
        found.extend(_entry(other, rule, kept, len(others) + 1, names) for other in others)
    return [cluster[0] for cluster in clusters.values()]


def _entry(
    candidate: Candidate, rule: str, kept: Candidate, size: int, names: Sequence[str]
) -> tuple[str, int, int, str, int, int]:
    return names[candidate.shard_number], candidate.row, candidate.uid, rule, kept.uid, size
