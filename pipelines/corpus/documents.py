"""Reading kept documents back: duplicates, repeated lines and repeated passages left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.parquet as pq

from hanmill.pipelines.corpus.repeat_file import read_repeats
from hanmill.pipelines.dedup.repeats import without_repeats
from hanmill.pipelines.dedup.schema import VERDICT
from hanmill.pipelines.extract.document import Reading
from hanmill.schemas.location import Location, open_parquet, parquet_source

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

    ``kept_uid`` is the document that stands for it; None where all it had was repeated elsewhere.
    """

    uid: int
    rule: str
    title: str
    text: str
    kept_uid: int | None


@dataclass(frozen=True, slots=True)
class StoredShard:
    """What stands about the documents of one split: ``verdict`` is None where none of them has a duplicate,
    ``repeated`` holds the lines and passages to remove, None where they stay.
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
    repeats = None if shard.repeated is None else read_repeats(shard.repeated)
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
            if repeats is not None and rule is None:
                left = without_repeats(value["text"], readings, repeats)
                rule, readings = left.rule, left.readings
                value["text"] = left.text or value["text"]
            if rule is None:
                cluster = clusters.get(row, fingerprint)
                yield StoredDocument(**value, readings=readings, cluster=cluster, has_twin=row in clusters)
            else:
                yield LeftOut(value["uid"], rule, value["title"], value["text"], kept.get(row))
            row += 1
