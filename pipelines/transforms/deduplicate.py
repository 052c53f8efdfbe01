"""Deduplicate: the documents that stay of those that are one document, equal, or nearly equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsList, PCollection, TaggedOutput
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from hanmill.pipelines.dedup.clusters import NODES, decide, ends, linked_nodes, links, unique_nodes
from hanmill.pipelines.dedup.components import as_edges, partitions_of
from hanmill.pipelines.dedup.exchange import ROWS, key_batches, shared_rows, with_nodes
from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.schema import CLUSTERED, SIGNATURES
from hanmill.pipelines.dedup.signatures import signature_rows
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.transforms.batches import Batch, Key, batch_of
from hanmill.pipelines.transforms.connected_components import ConnectedComponents, Part, all_pairs, pairs_batch
from hanmill.pipelines.transforms.read import COUNTERS
from hanmill.schemas.corpus import DOCUMENTS
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import DeduplicateRecipe, Recipe

#: DOCUMENTS with the fingerprint of the document's cluster, which decides between training and validation.
UNIQUE = DOCUMENTS.append(pa.field("cluster", pa.binary(16), nullable=False))
#: Rows of a batch are told apart by the lower bits of a node, batches by the upper.
_BATCH_BITS = 20
_LABELLED = NODES.append(pa.field("label", pa.uint64(), nullable=False))
#: Rows of keys that a worker collects before it hands them on.
_BUFFERED = 1 << 16
_NODES = "nodes"


class DuplicateKeyError(HanmillError, ValueError):
    """Two batches that have one key, or whose keys have one hash."""


class Deduplicate(beam.PTransform[PCollection[Batch], PCollection[Batch]]):
    """Batches of DOCUMENTS into batches of UNIQUE, under the same keys, as ``recipe.deduplicate`` says.

    Of documents that are alike that of the better source stays, or the longest; where that leaves a choice, and with
    ``keep: first``, the order of the batches' keys' hashes decides, since a collection has none of its own. Signatures
    are grouped by ``partitions``, as many as keep each under some hundred megabytes (8,192 documents are 90 MB). Lines
    that stand in many documents are not looked for: ``hanmill build`` does that. Keys must be unique, and batches of a
    million rows at most. Raises DuplicateKeyError, on a worker, where they are not.
    """

    def __init__(self, recipe: Recipe, partitions: int = 64, rounds: int = 3) -> None:
        super().__init__()
        if recipe.deduplicate.lines:
            raise ValueError(f"deduplicate.lines: found {recipe.deduplicate.lines}, expected 0: only a build does that")
        self._settings = recipe.deduplicate
        self._partitions = partitions
        self._rounds = rounds

    def expand(self, documents: PCollection[Batch]) -> PCollection[Batch]:
        """Wires signatures to links, components and verdicts; text meets its verdict by batch."""
        keys = documents | "Keys" >> beam.ParDo(_KeyRows(self._partitions)).with_output_types(Part)
        linked = (
            keys
            | "ByKey" >> beam.GroupByKey()
            | "Link" >> beam.ParDo(_Link(self._settings, self._partitions)).with_outputs(_NODES, main="edges")
        )
        edges, nodes = linked["edges"], linked[_NODES]
        edges.element_type, nodes.element_type = pa.RecordBatch, Part
        components = edges | "Components" >> ConnectedComponents(self._partitions, self._rounds)
        labelled = (
            {"nodes": nodes, "labels": components.labels}
            | "ByNode" >> beam.CoGroupByKey()
            | "Label" >> beam.FlatMap(_label, AsList(components.roots), self._partitions).with_output_types(Part)
        )
        verdicts = (
            labelled
            | "ByComponent" >> beam.GroupByKey()
            | "Decide" >> beam.FlatMap(_verdicts, self._settings).with_output_types(Part)
        )
        numbered = documents | "Number" >> beam.Map(_numbered).with_output_types(tuple[int, Batch])
        unique: PCollection[Batch] = (
            {"documents": numbered, "verdicts": verdicts}
            | "ByBatch" >> beam.CoGroupByKey()
            | "Leave" >> beam.FlatMap(_left).with_output_types(Batch)
        )
        return unique


def batch_number(key: Key) -> int:
    """44 bits of a hash of a key."""
    digest = hashlib.blake2b(f"{key[0]}\0{key[1]}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> _BATCH_BITS


class _KeyRows(beam.DoFn):
    """Rows of the exchange by partition; some batches' together, since a partition's share of one is a few rows."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def start_bundle(self) -> None:
        self._tables: list[pa.Table] = []
        self._rows = 0

    def process(self, element: Batch) -> Iterator[Part]:
        key, batch = element
        table = pa.Table.from_batches([signatures(batch)])
        self._tables.append(with_nodes(table, np.uint64(batch_number(key) << _BATCH_BITS)))
        self._rows += table.num_rows
        if self._rows >= _BUFFERED:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        for part in self._flush():
            yield WindowedValue(part, MIN_TIMESTAMP, (GlobalWindow(),))

    def _flush(self) -> Iterator[Part]:
        if self._tables:
            batches = key_batches(pa.concat_tables(self._tables), self._partitions)
            self._tables, self._rows = [], 0
            yield from ((number, batch) for number, batch in enumerate(batches) if batch.num_rows)


class _Link(beam.DoFn):
    """The pairs of one partition, as edges, and the documents on both sides."""

    def __init__(self, settings: DeduplicateRecipe, partitions: int) -> None:
        self._settings = settings
        self._partitions = partitions

    def process(self, part: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[pa.RecordBatch | TaggedOutput[str, Part]]:
        rows = shared_rows(pa.Table.from_batches(list(part[1]), ROWS))
        found = links(rows, self._settings)
        if not found.num_rows:
            return
        yield pairs_batch(as_edges(*ends(found)))
        nodes = linked_nodes(found)
        for number, batch in _parted(nodes, nodes["node"].to_numpy(), self._partitions):
            yield TaggedOutput(_NODES, (number, batch))


def signatures(batch: pa.RecordBatch) -> pa.RecordBatch:
    """SIGNATURES of a batch of DOCUMENTS."""
    rows = zip(*(batch[name].to_pylist() for name in ("uid", "source", "text")), strict=True)
    ranked = [(uid, SOURCES[source].rank if source in SOURCES else _LAST, text) for uid, source, text in rows]
    return batch_of(signature_rows(ranked, lines=False), SIGNATURES)


#: Texts of nobody's source are kept behind all others.
_LAST = 255


def _label(
    part: tuple[int, dict[str, Iterable[pa.RecordBatch]]], roots: list[pa.RecordBatch], partitions: int
) -> Iterator[Part]:
    """NODES of one partition with the labels of their components, by the partition of the label."""
    nodes = unique_nodes(pa.Table.from_batches(list(part[1]["nodes"]), NODES))
    found = nodes["node"].to_numpy().copy()
    for pairs in (all_pairs(part[1]["labels"]), all_pairs(roots)):
        known, label = pairs[np.argsort(pairs[:, 0])].T
        places = np.searchsorted(known, found)
        places[places == len(known)] = 0
        there = np.flatnonzero(known[places] == found) if len(known) else np.zeros(0, np.int64)
        found[there] = label[places[there]]
    yield from _parted(nodes.append_column(_LABELLED.field("label"), pa.array(found)), found, partitions)


def _verdicts(part: tuple[int, Iterable[pa.RecordBatch]], settings: DeduplicateRecipe) -> Iterator[Part]:
    """CLUSTERED of whole components, by batch."""
    table = pa.Table.from_batches(list(part[1]), _LABELLED)
    found = decide(table.drop_columns(["label"]), table["label"].to_numpy(), settings)
    numbers = found["node"].to_numpy() >> np.uint64(_BATCH_BITS)
    edges = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if len(numbers) else np.zeros(0, np.int64)
    for start, end in zip(edges.tolist(), [*edges.tolist()[1:], len(numbers)], strict=True):
        (batch,) = found.slice(start, end - start).combine_chunks().to_batches()
        yield int(numbers[start]), batch


def _numbered(element: Batch) -> tuple[int, Batch]:
    return batch_number(element[0]), element


def _left(part: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[Batch]:
    """What stays of one batch, with the cluster of every document."""
    found = list(part[1]["documents"])
    if len(found) != 1:
        raise DuplicateKeyError(
            f"batches of the keys {', '.join(str(key) for key, _ in found)}: expected different keys"
        )
    key, batch = found[0]
    verdicts = pa.Table.from_batches(list(part[1]["verdicts"]), CLUSTERED)
    rows = (verdicts["node"].to_numpy() & np.uint64((1 << _BATCH_BITS) - 1)).tolist()
    rules = dict(zip(rows, verdicts["rule"].to_pylist(), strict=True))
    clusters = dict(zip(rows, verdicts["cluster"].to_pylist(), strict=True))
    for rule in filter(None, rules.values()):
        Metrics.counter(COUNTERS, f"dropped/{rule}").inc()
    kept = [row for row in range(batch.num_rows) if rules.get(row) is None]
    if kept:
        texts = batch["text"]
        of_row = [clusters.get(row) or fingerprint(fold(texts[row].as_py())) for row in kept]
        columns = [*batch.take(pa.array(kept)).columns, pa.array(of_row, pa.binary(16))]
        yield key, pa.RecordBatch.from_arrays(columns, schema=UNIQUE)


def _parted(table: pa.Table, nodes: Any, partitions: int) -> Iterator[Part]:
    """Rows of a table by the partition of a node."""
    numbers = partitions_of(nodes, partitions)
    for number in np.unique(numbers).tolist():
        (batch,) = table.filter(pa.array(numbers == number)).combine_chunks().to_batches()
        yield number, batch
