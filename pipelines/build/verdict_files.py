"""Verdict files: what deduplication says of each shard that has duplicates, and the list of their digests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.corpus.shards import read_footer, write_table
from hanmill.pipelines.dedup.schema import ROW_BITS
from hanmill.pipelines.dedup.verdicts import digest_of, verdict_of
from hanmill.schemas.hashing import settings_hash
from hanmill.schemas.location import Location, parquet_source

#: Folder of verdict files, of the list of their digests and of repeated lines.
FOLDER, DIGESTS = "duplicates", "digests"
#: ``file`` is the name of the verdict file in FOLDER.
_LISTED = pa.schema(
    [
        pa.field("shard", pa.uint32(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
    ]
)


_ROWS = 1 << 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """The digest of a verdict, and the name of its file."""

    digest: str
    file: str


class ListedVerdicts(Mapping[int, Verdict]):
    """Verdicts by shard number, made when they are asked for."""

    def __init__(self, listed: pa.Table) -> None:
        self._shards = listed["shard"].to_numpy()
        self._listed = listed.combine_chunks()

    def __len__(self) -> int:
        return len(self._shards)

    def __iter__(self) -> Iterator[int]:
        for start in range(0, len(self), _ROWS):
            yield from self._shards[start : start + _ROWS].tolist()

    def __getitem__(self, shard: int) -> Verdict:
        place = int(np.searchsorted(self._shards, shard))
        if place == len(self) or self._shards[place] != shard:
            raise KeyError(shard)
        return Verdict(self._listed["digest"][place].as_py(), self._listed["file"][place].as_py())


@dataclass(frozen=True, slots=True)
class Digests:
    """The verdict by shard number, of those shards that have one; clusters by their size."""

    by_shard: Mapping[int, Verdict]
    sizes: Counter[int]


def verdict_path(documents: Location, digest: str) -> Location:
    """Where the verdict of a shard of documents stands; its name says all that its bytes depend on."""
    address = settings_hash(["verdict", documents.name, digest])[:16]
    return documents.parent.parent / FOLDER / f"part-{address}.parquet"


@dataclass(frozen=True, slots=True)
class VerdictWriter:
    """Writes verdicts of some shards; ``documents`` says by number where their documents stand."""

    documents: Mapping[int, Location]

    def write_all(self, clustered: pa.Table) -> dict[int, Verdict]:
        """Writes a file a shard of CLUSTERED, in any order; verdicts by shard."""
        clustered = clustered.sort_by("node")
        shards = (clustered["node"].to_numpy() >> np.uint64(ROW_BITS)).astype(np.int64)
        starts = np.flatnonzero(np.r_[True, shards[1:] != shards[:-1]]).tolist() if len(shards) else []
        digests = {}
        for start, end in zip(starts, [*starts[1:], len(shards)], strict=bool(starts)):
            shard = int(shards[start])
            digests[shard] = write_verdict(self.documents[shard], clustered.slice(start, end - start))
        return digests


def write_verdict(documents: Location, clustered: pa.Table) -> Verdict:
    """Writes the verdict of one shard unless it is there."""
    verdict = verdict_of(clustered)
    digest = digest_of(verdict)
    path = verdict_path(documents, digest)
    if not path.exists():
        write_table(path, verdict)
    return Verdict(digest, path.name)


def write_digests(path: Location, verdicts: Mapping[int, Verdict], sizes: Counter[int]) -> None:
    """Writes the list of all verdicts' digests."""
    numbers = sorted(verdicts)
    columns = [
        pa.array(numbers, pa.uint32()),
        pa.array([verdicts[number].digest for number in numbers], pa.string()),
        pa.array([verdicts[number].file for number in numbers], pa.string()),
    ]
    write_table(path, pa.Table.from_arrays(columns, schema=_LISTED), {"sizes": sorted(sizes.items())})


def read_digests(path: Location) -> Digests:
    """The inverse of ``write_digests``."""
    table = pq.read_table(parquet_source(path), schema=_LISTED)
    return Digests(ListedVerdicts(table), Counter(dict(read_footer(path)["sizes"])))
