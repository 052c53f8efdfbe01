"""Reading kept documents back: duplicates and repeated lines left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from hanmill.pipelines.dedup.lines import LINES, without_lines
from hanmill.pipelines.dedup.schema import REPEATED_LINES, VERDICT
from hanmill.pipelines.extract.document import Reading
from hanmill.schemas.location import Location, location, open_parquet, parquet_source

#: Documents held at a time.
_BATCH_ROWS = 64
#: Beginning of a document that is left out, for the report.
_SNIPPET_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A row of ``documents/`` as training sees it; ``cluster`` is the fingerprint of its duplicate cluster."""

    uid: int
    source: str
    lang: str
    script: str
    title: str
    url: str
    revision: str
    text: str
    readings: tuple[Reading, ...]
    cluster: bytes
    licence: str = ""
    opt_out: bool | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of ``documents/`` that deduplication removes, the rule it goes by, and what a report shows of it."""

    uid: int
    rule: str
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class StoredShard:
    """What stands about the documents of one split: ``verdict`` is None where none of them has a duplicate,
    ``repeated`` holds the lines to remove, None where lines stay.
    """

    documents: Location
    signatures: Location
    verdict: Location | None
    repeated: Location | None


def read_documents(shard: StoredShard) -> Iterator[StoredDocument | LeftOut]:
    """The documents of a shard in order, one outcome each. Holds a batch of them."""
    rules: dict[int, str | None] = {}
    clusters: dict[int, bytes] = {}
    if shard.verdict is not None:
        verdict = pq.read_table(parquet_source(shard.verdict), schema=VERDICT)
        rows = verdict["row"].to_pylist()
        rules = dict(zip(rows, verdict["rule"].to_pylist(), strict=True))
        clusters = dict(zip(rows, verdict["cluster"].to_pylist(), strict=True))
    repeated = None if shard.repeated is None else _repeated_lines(str(shard.repeated))
    fingerprints = (
        value
        for batch in open_parquet(shard.signatures).iter_batches(_BATCH_ROWS, columns=["fingerprint"])
        for value in batch["fingerprint"].to_pylist()
    )
    columns = ["uid", "source", "lang", "script", "title", "url", "revision", "text", "readings", "licence", "opt_out"]
    row = 0
    for batch in open_parquet(shard.documents).iter_batches(_BATCH_ROWS, columns=columns):
        # The batch first: zip must not draw a fingerprint that no document is left for.
        for value, fingerprint in zip(batch.to_pylist(), fingerprints, strict=False):
            rule = rules.get(row)
            readings = tuple(Reading(**reading) for reading in value.pop("readings"))
            if repeated is not None and rule is None:
                text, readings = without_lines(value["text"], readings, repeated)
                rule = None if text else REPEATED_LINES
                value["text"] = text or value["text"]
            if rule is None:
                yield StoredDocument(**value, readings=readings, cluster=clusters.get(row, fingerprint))
            else:
                yield LeftOut(value["uid"], rule, value["title"], value["text"][:_SNIPPET_CHARACTERS])
            row += 1


@lru_cache(maxsize=1)
def _repeated_lines(path: str) -> npt.NDArray[np.uint64]:
    keys: npt.NDArray[np.uint64] = pq.read_table(parquet_source(location(path)), schema=LINES)["key"].to_numpy()
    return keys
