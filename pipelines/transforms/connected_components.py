"""Connected components of a graph of any size: large-star and small-star rounds as Beam groups by partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import PCollection, TaggedOutput

from hanmill.pipelines.dedup.components import (
    Edges,
    as_edges,
    both_ways,
    cut,
    large_star,
    parents,
    small_star,
    smallest,
    stars,
)

#: Pairs of nodes; as a label, a node and the smallest of its component as far as rounds have found it.
PAIRS = pa.schema([pa.field(name, pa.uint64(), nullable=False) for name in ("first", "second")])
Part = tuple[int, pa.RecordBatch]
#: Outputs of the last round: edges among the smaller neighbours of a node, and who is such a neighbour.
_LOOSE, _SMALLER = "loose", "smaller"


class Components(NamedTuple):
    """``labels`` hold the node and its parent, by the partition of the node; a node without one is its own.

    ``roots`` hold what rounds have not brought to its end: parents and the smallest of their component. Empty for all
    but contrived graphs.
    """

    labels: PCollection[Part]
    roots: PCollection[pa.RecordBatch]


class ConnectedComponents(beam.PTransform[PCollection[pa.RecordBatch], Components]):
    """Components of the graph whose edges are the rows of PAIRS, whatever their order.

    Edges are shuffled ``2 * rounds + 2`` times, by ``partitions``; each partition is an array. What ``rounds`` leave
    open goes to one worker: a chain of ten thousand nodes over 64 partitions is some hundred edges after three.
    """

    def __init__(self, partitions: int, rounds: int = 3) -> None:
        super().__init__()
        self._partitions = partitions
        self._rounds = rounds

    def expand(self, edges: PCollection[pa.RecordBatch]) -> Components:
        """Wires rounds one behind the other."""
        for number in range(1, self._rounds + 1):
            edges = edges | f"Large{number}" >> _Grouped(_both_ways, _large_star, self._partitions)
            edges = edges | f"Small{number}" >> _Grouped(_as_they_are, _small_star, self._partitions)
        last = edges | "Last" >> _ByNode(_as_they_are, self._partitions)
        found = last | beam.FlatMap(_parents, self._partitions).with_outputs(_LOOSE, _SMALLER, main="labels")
        labels, loose, smaller = found["labels"], found[_LOOSE], found[_SMALLER]
        labels.element_type, loose.element_type, smaller.element_type = Part, pa.RecordBatch, Part
        deeper = (
            {"labels": labels, "smaller": smaller}
            | "Deeper" >> beam.CoGroupByKey()
            | "DeeperEdges" >> beam.FlatMap(_deeper_edges).with_output_types(pa.RecordBatch)
        )
        roots = (
            (loose, deeper)
            | "Open" >> beam.Flatten()
            | "OneWorker" >> beam.Map(lambda batch: (0, batch)).with_output_types(Part)
            | beam.GroupByKey()
            | "Roots" >> beam.FlatMap(_roots).with_output_types(pa.RecordBatch)
        )
        return Components(labels, roots)


def pairs_of(batch: pa.RecordBatch) -> Edges:
    """uint64 [rows, 2] of PAIRS."""
    return np.stack([column.to_numpy(zero_copy_only=False) for column in batch.columns], axis=1)


def pairs_batch(edges: Edges) -> pa.RecordBatch:
    """PAIRS of uint64 [rows, 2]."""
    return pa.RecordBatch.from_arrays([pa.array(np.ascontiguousarray(column)) for column in edges.T], schema=PAIRS)


def all_pairs(batches: Iterable[pa.RecordBatch]) -> Edges:
    """The rows of all batches."""
    return np.concatenate([np.zeros((0, 2), np.uint64), *map(pairs_of, batches)])


class _ByNode(beam.PTransform[PCollection[pa.RecordBatch], PCollection[tuple[int, Iterable[pa.RecordBatch]]]]):
    """Edges, made ready by a function, grouped by the partition of the node that stands first."""

    def __init__(self, ready: Callable[[Edges], Edges], partitions: int) -> None:
        super().__init__()
        self._ready = ready
        self._partitions = partitions

    def expand(self, edges: PCollection[pa.RecordBatch]) -> PCollection[tuple[int, Iterable[pa.RecordBatch]]]:
        parts = edges | "Cut" >> beam.FlatMap(_cut, self._ready, self._partitions).with_output_types(Part)
        grouped: PCollection[tuple[int, Iterable[pa.RecordBatch]]] = parts | beam.GroupByKey()
        return grouped


class _Grouped(beam.PTransform[PCollection[pa.RecordBatch], PCollection[pa.RecordBatch]]):
    """What a function makes of the edges of each partition, put into stars where they belong together."""

    def __init__(self, ready: Callable[[Edges], Edges], star: Callable[[Edges], Edges], partitions: int) -> None:
        super().__init__()
        self._ready = ready
        self._star = star
        self._partitions = partitions

    def expand(self, edges: PCollection[pa.RecordBatch]) -> PCollection[pa.RecordBatch]:
        grouped = edges | _ByNode(self._ready, self._partitions)
        found: PCollection[pa.RecordBatch] = grouped | "Star" >> beam.FlatMap(_starred, self._star).with_output_types(
            pa.RecordBatch
        )
        return found


def _parents(part: tuple[int, Iterable[pa.RecordBatch]], partitions: int) -> Iterator[Part | TaggedOutput[str, Any]]:
    edges = all_pairs(part[1])
    labels, loose = parents(edges)
    yield part[0], pairs_batch(labels)
    smaller = np.unique(edges[:, 1])
    for number, nodes in cut(np.stack([smaller, smaller], axis=1), partitions):
        yield TaggedOutput(_SMALLER, (number, pairs_batch(nodes)))
    if len(loose):
        yield TaggedOutput(_LOOSE, pairs_batch(loose))


def _as_they_are(edges: Edges) -> Edges:
    return edges


def _both_ways(edges: Edges) -> Edges:
    return both_ways(edges)


def _large_star(edges: Edges) -> Edges:
    return stars(large_star(edges))


def _small_star(edges: Edges) -> Edges:
    return stars(small_star(edges))


def _cut(batch: pa.RecordBatch, ready: Callable[[Edges], Edges], partitions: int) -> Iterator[Part]:
    for number, part in cut(ready(pairs_of(batch)), partitions):
        yield number, pairs_batch(part)


def _starred(part: tuple[int, Iterable[pa.RecordBatch]], star: Callable[[Edges], Edges]) -> Iterator[pa.RecordBatch]:
    found = star(all_pairs(part[1]))
    if len(found):
        yield pairs_batch(found)


def _deeper_edges(part: tuple[int, dict[str, Iterable[pa.RecordBatch]]]) -> Iterator[pa.RecordBatch]:
    """Edges from smaller neighbours of somebody to their own parents."""
    labels, smaller = (all_pairs(part[1][name]) for name in ("labels", "smaller"))
    deeper = labels[np.isin(labels[:, 0], smaller[:, 0])]
    if len(deeper):
        yield pairs_batch(as_edges(deeper[:, 0], deeper[:, 1]))


def _roots(part: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    edges = all_pairs(part[1])
    nodes, places = np.unique(edges, return_inverse=True)
    places = places.reshape(-1, 2)
    yield pairs_batch(np.stack([nodes, nodes[smallest(len(nodes), places[:, 0], places[:, 1])]], axis=1))
