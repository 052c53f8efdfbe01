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


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A row of ``documents/`` as training sees it; ``cluster`` is the fingerprint of its duplicate cluster, and
    ``has_twin`` says whether that holds other documents.
    """

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
    has_twin: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of ``documents/`` that deduplication removes, and the rule it goes by.

    ``kept_uid`` is the document that stands for it; None where repeated lines were all it had.
    """

    uid: int
    rule: str
    title: str
    text: str
    kept_uid: int | None


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
    kept: dict[int, int] = {}
    if shard.verdict is not None:
        verdict = pq.read_table(parquet_source(shard.verdict), schema=VERDICT)
        rows = verdict["row"].to_pylist()
        rules = dict(zip(rows, verdict["rule"].to_pylist(), strict=True))
        clusters = dict(zip(rows, verdict["cluster"].to_pylist(), strict=True))
        kept = dict(zip(rows, verdict["kept_uid"].to_pylist(), strict=True))
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
                cluster = clusters.get(row, fingerprint)
                yield StoredDocument(**value, readings=readings, cluster=cluster, has_twin=row in clusters)
            else:
                twin = None if rule == REPEATED_LINES else kept[row]
                yield LeftOut(value["uid"], rule, value["title"], value["text"], twin)
            row += 1


@lru_cache(maxsize=1)
def _repeated_lines(path: str) -> npt.NDArray[np.uint64]:
    keys: npt.NDArray[np.uint64] = pq.read_table(parquet_source(location(path)), schema=LINES)["key"].to_numpy()
    return keys
