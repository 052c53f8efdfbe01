"""Components as a Beam pipeline finds them are those of the graph, also where rounds do not bring them to their end."""

from __future__ import annotations

import json
import random
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest

from hanmill.pipelines.dedup.components import Edges, as_edges
from hanmill.pipelines.dedup.steps import pairs_batch, pairs_of
from hanmill.pipelines.transforms.batches import RecordBatchCoder
from hanmill.pipelines.transforms.connected_components import ConnectedComponents


def graph(kind: str) -> list[tuple[int, int]]:
    rng = random.Random(7)
    if kind == "chain":
        return [(number, number + 1) for number in range(3_000)]
    if kind == "star":
        return [(2_999, number) for number in range(2_999)]
    return [(rng.randrange(4_000), rng.randrange(4_000)) for _ in range(2_500)]


def labels_of(edges: Edges) -> dict[int, int]:
    parent: dict[int, int] = {}

    def find(node: int) -> int:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for first, second in edges.tolist():
        one, other = sorted((find(first), find(second)))
        parent[other] = one
    return {node: find(node) for node in parent}


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("kind", ["chain", "star", "random"])
def test_labels_are_those_of_the_graph(kind: str, rounds: int, tmp_path: Path) -> None:
    pairs = np.array([pair for pair in graph(kind) if pair[0] != pair[1]], np.uint64)
    np.random.default_rng(3).shuffle(pairs)
    edges = as_edges(pairs[:, 0], pairs[:, 1])
    np.random.default_rng(4).shuffle(edges)
    batches = [pairs_batch(edges[start : start + 97]) for start in range(0, len(edges), 97)]
    with beam.Pipeline(runner="FnApiRunner") as p:
        found = p | beam.Create(batches) | ConnectedComponents(partitions=5, rounds=rounds)
        for name, part in (
            ("labels", found.labels | beam.Values()),
            ("roots", found.roots | "RootRows" >> beam.Values()),
        ):
            lines = part | f"{name}Lines" >> beam.Map(lambda batch: json.dumps(pairs_of(batch).tolist()))
            lines | f"{name}File" >> beam.io.WriteToText(f"{tmp_path}/{name}")
    read = {
        name: dict(pair for path in tmp_path.glob(f"{name}*") for line in path.open() for pair in json.loads(line))
        for name in ("labels", "roots")
    }
    expected = labels_of(edges)
    parented = {node: read["labels"].get(node, node) for node in expected}
    assert {node: read["roots"].get(parent, parent) for node, parent in parented.items()} == expected
    if kind == "star" and rounds > 1:
        assert not read["roots"]


def test_batches_are_arrow_and_nothing_is_pickled() -> None:
    coder = RecordBatchCoder()
    batch = pairs_batch(np.array([[3, 1], [7, 2]], np.uint64))
    encoded = coder.encode(batch)
    assert coder.decode(encoded).equals(batch)
    assert coder.encode(coder.decode(encoded)) == encoded
    assert coder.is_deterministic()
    pipeline = beam.Pipeline(runner="FnApiRunner")
    pipeline | beam.Create([batch]) | beam.Map(lambda one: one).with_output_types(type(batch))
    proto = pipeline.to_runner_api()
    assert "hanmill:coder:record_batch:v1" in {found.spec.urn for found in proto.components.coders.values()}
