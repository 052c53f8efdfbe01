"""Connected components of a graph of any size: large-star and small-star rounds as Beam groups by partition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import PCollection

from hanmill.pipelines.dedup.components import both_ways
from hanmill.pipelines.dedup.steps import EDGES, ROUNDS, Grouping, component_steps, edge_cuts, pairs_of
from hanmill.pipelines.transforms.grouping import Part, RunSteps
from hanmill.schemas.recipe import DeduplicateRecipe


class Components(NamedTuple):
    """``labels`` hold the node and its parent, by the partition of the node; a node without one is its own.

    ``roots`` hold what rounds have not brought to its end: parents and the smallest of their component. Empty for all
    but contrived graphs.
    """

    labels: PCollection[Part]
    roots: PCollection[Part]


class ConnectedComponents(beam.PTransform[PCollection[pa.RecordBatch], Components]):
    """Components of the graph whose edges are the rows of PAIRS, whatever their order.

    Edges are shuffled ``2 * rounds + 2`` times, by ``partitions``; each partition is an array. What ``rounds`` leave
    open goes to one worker: a chain of ten thousand nodes over 64 partitions is some hundred edges after three.
    """

    def __init__(self, partitions: int, rounds: int = ROUNDS) -> None:
        super().__init__()
        self._grouping = Grouping(DeduplicateRecipe(), partitions, partitions)
        self._rounds = rounds

    def expand(self, edges: PCollection[pa.RecordBatch]) -> Components:
        """Wires rounds one behind the other."""
        parts = edges | "Cut" >> beam.FlatMap(_cut, self._grouping.nodes).with_output_types(Part)
        found = {EDGES: parts} | RunSteps(component_steps(self._rounds), self._grouping)
        return Components(found["labels"], found["roots"])


def _cut(batch: pa.RecordBatch, partitions: int) -> Iterator[Part]:
    for _, number, part in edge_cuts(EDGES, both_ways(pairs_of(batch)), partitions):
        yield number, part
