"""Reading kept documents back: duplicates, repeated lines and repeated passages left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.corpus.repeat_file import read_repeats
from hanmill.pipelines.dedup.repeats import Shortened, without_repeats
from hanmill.pipelines.dedup.schema import VERDICT
from hanmill.pipelines.extract.document import Reading
from hanmill.schemas.location import Location, open_parquet, parquet_source

#: Documents held at a time.
_BATCH_ROWS = 64
#: Columns of a StoredDocument before its readings and cluster, and behind them.
_BEFORE = ("uid", "source", "lang", "script", "title", "url", "revision", "text")
_BEHIND = ("licence", "opt_out")
_COLUMNS = [*_BEFORE, "readings", *_BEHIND]


class StoredDocument(NamedTuple):
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


class LeftOut(NamedTuple):
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
    verdicts = _Verdicts.read(shard)
    repeats = None if shard.repeated is None else read_repeats(shard.repeated)
    fingerprints = (
        value
        for batch in open_parquet(shard.signatures).iter_batches(_BATCH_ROWS, columns=["fingerprint"])
        for value in values_of(batch["fingerprint"])
    )
    first = 0
    for batch in open_parquet(shard.documents).iter_batches(_BATCH_ROWS, columns=_COLUMNS):
        stored = stored_documents(batch, list(islice(fingerprints, batch.num_rows)))
        for row, document in enumerate(stored, first):
            rule, left = verdicts.rules.get(row), document
            if repeats is not None and rule is None:
                shortened = without_repeats(document.text, document.readings, repeats)
                rule, text = shortened.rule, shortened.text or document.text
                left = document._replace(text=text, readings=shortened.readings)
            if rule is not None:
                yield LeftOut(left.uid, rule, left.title, left.text, verdicts.kept.get(row))
            elif row in verdicts.clusters:
                yield left._replace(cluster=verdicts.clusters[row], has_twin=True)
            else:
                yield left
        first += batch.num_rows


def read_texts(shard: StoredShard) -> Iterator[tuple[str, str]]:
    """Language and text of the documents of a shard that are kept, as ``read_documents`` gives them."""
    rules = _Verdicts.read(shard).rules
    repeats = None if shard.repeated is None else read_repeats(shard.repeated)
    first = 0
    for batch in open_parquet(shard.documents).iter_batches(_BATCH_ROWS, columns=["lang", "text"]):
        columns = values_of(batch["lang"]), values_of(batch["text"])
        for row, (lang, text) in enumerate(zip(*columns, strict=True), first):
            if rules.get(row) is None:
                left = Shortened(text, ()) if repeats is None else without_repeats(text, (), repeats)
                if left.rule is None:
                    yield lang, left.text
        first += batch.num_rows


def stored_documents(documents: pa.RecordBatch, clusters: Sequence[bytes]) -> Iterator[StoredDocument]:
    """The rows of DOCUMENTS, each with its cluster."""
    readings: Sequence[tuple[Reading, ...]] = [()] * documents.num_rows
    if len(documents["readings"].flatten()):
        readings = [tuple(Reading(**one) for one in each) for each in documents["readings"].to_pylist()]
    before, behind = ([values_of(documents[name]) for name in names] for names in (_BEFORE, _BEHIND))
    return map(StoredDocument._make, zip(*before, readings, clusters, *behind, repeat(False), strict=False))


def values_of(column: pa.Array) -> list[Any]:
    """The values of a column; ``to_pylist`` takes microseconds for each of a dictionary or of bytes.

    >>> values_of(pa.array(["ja", None]).dictionary_encode())
    ['ja', None]
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_primitive(column.type):
        return list(column.to_pylist())
    return list(column.to_numpy(zero_copy_only=False).tolist())


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """By row of a shard: the rule it goes by, the cluster it is in, the document that was kept for it."""

    rules: Mapping[int, str | None]
    clusters: Mapping[int, bytes]
    kept: Mapping[int, int]

    @classmethod
    def read(cls, shard: StoredShard) -> _Verdicts:
        if shard.verdict is None:
            return cls({}, {}, {})
        table = pq.read_table(parquet_source(shard.verdict), schema=VERDICT)
        rows = table["row"].to_pylist()
        found = (table[name].to_pylist() for name in ("rule", "cluster", "kept_uid"))
        return cls(*(dict(zip(rows, values, strict=True)) for values in found))
