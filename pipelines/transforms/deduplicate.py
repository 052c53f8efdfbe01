"""Deduplicate: the documents that stay of those that are one document, equal, or nearly equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsList, PCollection

from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.lines import LINES
from hanmill.pipelines.dedup.partitions import as_batch
from hanmill.pipelines.dedup.repeats import Repeats, without_repeats
from hanmill.pipelines.dedup.schema import CLUSTERED
from hanmill.pipelines.dedup.signatures import signature_table, signed
from hanmill.pipelines.dedup.steps import (
    EDGES,
    LABEL_STEPS,
    LINK_STEPS,
    NODES_OF_LINKS,
    ROUNDS,
    ROWS_OF_KEYS,
    SIGNED_DOCUMENTS,
    VERDICTS,
    Grouping,
    component_steps,
)
from hanmill.pipelines.dedup.verdicts import verdict_of
from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.transforms.batches import Batch, Key, batch_of
from hanmill.pipelines.transforms.grouping import COUNTED_LINES, RunSteps, Scatter, repeated_lines, scattered
from hanmill.pipelines.transforms.read import COUNTERS
from hanmill.schemas.corpus import DOCUMENTS
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import DeduplicateRecipe, Recipe

#: DOCUMENTS with the fingerprint of the document's cluster, which decides between training and validation.
UNIQUE = DOCUMENTS.append(pa.field("cluster", pa.binary(16), nullable=False))
#: Rows of a batch are told apart by the lower bits of a node, batches by the upper.
_BATCH_BITS = 20


class DuplicateKeyError(HanmillError, ValueError):
    """Two batches that have one key, or whose keys have one hash."""


class Deduplicate(beam.PTransform[PCollection[Batch], PCollection[Batch]]):
    """Batches of DOCUMENTS into batches of UNIQUE, under the same keys, as ``recipe.deduplicate`` says.

    Of documents that are alike that of the better source stays, or the longest; where that leaves a choice, and with
    ``keep: first``, the order of the batches' keys' hashes decides, since a collection has none of its own. Signatures
    are grouped by ``partitions``, as many as keep each under some hundred megabytes (8,192 documents are 90 MB). Keys
    must be unique, and batches of a million rows at most. Raises DuplicateKeyError, on a worker, where they are not.
    """

    def __init__(self, recipe: Recipe, partitions: int = 64, rounds: int = ROUNDS) -> None:
        super().__init__()
        self._grouping = Grouping(recipe.deduplicate, partitions, partitions, _BATCH_BITS)
        self._rounds = rounds

    def expand(self, documents: PCollection[Batch]) -> PCollection[Batch]:
        """Wires signatures to links, components and verdicts; text meets its verdict by batch."""
        settings = self._grouping.settings
        found = scattered(documents, _ScatterBatches(settings), self._grouping)
        keyed = {name: found[name] for name in (ROWS_OF_KEYS, SIGNED_DOCUMENTS)}
        linked = keyed | "Link" >> RunSteps(LINK_STEPS, self._grouping)
        both = {name: (found[name], linked[name]) | f"All{name}" >> beam.Flatten() for name in (EDGES, NODES_OF_LINKS)}
        steps = [*component_steps(self._rounds), *LABEL_STEPS]
        verdicts = (both | "Components" >> RunSteps(steps, self._grouping))[VERDICTS]
        numbered = documents | "Number" >> beam.Map(_numbered).with_output_types(tuple[int, Batch])
        repeats = []
        if settings.counts_repeats:
            repeated = (
                found[COUNTED_LINES]
                | "ByLine" >> beam.GroupByKey()
                | "Repeated" >> beam.FlatMap(repeated_lines, settings).with_output_types(pa.RecordBatch)
            )
            repeats = [settings, AsList(repeated)]
        unique: PCollection[Batch] = (
            {"documents": numbered, "verdicts": verdicts}
            | "ByBatch" >> beam.CoGroupByKey()
            | "Leave" >> beam.FlatMap(_left, *repeats).with_output_types(Batch)
        )
        return unique


def batch_number(key: Key) -> int:
    """44 bits of a hash of a key."""
    digest = hashlib.blake2b(f"{key[0]}\0{key[1]}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> _BATCH_BITS


class _ScatterBatches(Scatter):
    def __init__(self, settings: DeduplicateRecipe) -> None:
        super().__init__()
        self._settings = settings

    def signatures(self, element: Batch) -> tuple[pa.Table, int]:
        key, batch = element
        return pa.Table.from_batches([signatures(batch, self._settings)]), batch_number(key) << _BATCH_BITS


def signatures(batch: pa.RecordBatch, settings: DeduplicateRecipe) -> pa.RecordBatch:
    """SIGNATURES of a batch of DOCUMENTS."""
    return as_batch(signature_table(signed(batch), settings))


def _numbered(element: Batch) -> tuple[int, Batch]:
    return batch_number(element[0]), element


def _left(
    part: tuple[int, dict[str, Iterable[Any]]],
    settings: DeduplicateRecipe | None = None,
    repeated: Sequence[pa.RecordBatch] = (),
) -> Iterator[Batch]:
    """What stays of one batch, without repeated lines and passages, with the cluster of every document."""
    found = list(part[1]["documents"])
    if len(found) != 1:
        raise DuplicateKeyError(
            f"batches of the keys {', '.join(str(key) for key, _ in found)}: expected different keys"
        )
    key, batch = found[0]
    verdict = verdict_of(pa.Table.from_batches(list(part[1]["verdicts"]), CLUSTERED), _BATCH_BITS)
    rows = verdict["row"].to_pylist()
    rules = dict(zip(rows, verdict["rule"].to_pylist(), strict=True))
    clusters = dict(zip(rows, verdict["cluster"].to_pylist(), strict=True))
    for rule in filter(None, rules.values()):
        Metrics.counter(COUNTERS, f"dropped/{rule}").inc()
    kept = [row for row in range(batch.num_rows) if rules.get(row) is None]
    if not kept:
        return
    of_row = [clusters.get(row) or fingerprint(fold(batch["text"][row].as_py())) for row in kept]
    columns = [*batch.take(pa.array(kept)).columns, pa.array(of_row, pa.binary(16))]
    unique = pa.RecordBatch.from_arrays(columns, schema=UNIQUE)
    if settings is not None:
        keys = np.sort(pa.Table.from_batches(list(repeated), LINES)["key"].to_numpy())
        unique = _shortened(unique, Repeats(keys, settings.lines > 0, settings.text_characters))
    if unique.num_rows:
        yield key, unique


def _shortened(batch: pa.RecordBatch, repeats: Repeats) -> pa.RecordBatch:
    """UNIQUE without what is repeated; documents of which nothing else is left are left out."""
    rows = []
    for row in batch.to_pylist():
        readings = [Reading(**reading) for reading in row["readings"]]
        left = without_repeats(row["text"], readings, repeats)
        if left.rule is None:
            rows.append(row | {"text": left.text, "readings": [asdict(reading) for reading in left.readings]})
        else:
            Metrics.counter(COUNTERS, f"dropped/{left.rule}").inc()
    return batch_of(rows, UNIQUE)
