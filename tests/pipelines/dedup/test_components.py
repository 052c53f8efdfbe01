"""Components by rounds are those of plain union-find, whatever the graph, its order and its partitions."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.dedup.components import (
    Edges,
    as_edges,
    both_ways,
    cut,
    large_star,
    parents,
    small_star,
    stars,
)
from hanmill.pipelines.dedup.steps import EDGES, Grouping, InMemory, component_steps, edge_cuts, pairs_of
from hanmill.schemas.recipe import DeduplicateRecipe


def union_find(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Node to the smallest of its component."""
    parent: dict[int, int] = {}

    def find(node: int) -> int:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for first, second in pairs:
        one, other = sorted((find(first), find(second)))
        parent[other] = one
    return {node: find(node) for node in parent}


def edges_of(pairs: list[tuple[int, int]]) -> Edges:
    array = np.array(pairs, np.uint64).reshape(-1, 2)
    return as_edges(array[:, 0], array[:, 1])


def shuffled(edges: Edges, partitions: int, rng: random.Random) -> list[Edges]:
    """Edges by partition, each in two pieces and any order: what a shuffle gives."""
    pieces: dict[int, list[Edges]] = {}
    rows = list(range(len(edges)))
    rng.shuffle(rows)
    for half in (rows[::2], rows[1::2]):
        for number, part in cut(edges[half], partitions):
            pieces.setdefault(number, []).append(part)
    return [np.concatenate(parts[::-1]) for parts in pieces.values()]


def together(parts: list[Edges]) -> Edges:
    return np.concatenate([np.zeros((0, 2), np.uint64), *parts])


def rounds_to_the_end(
    edges: Edges, partitions: int, seed: int = 0, contract: bool = True
) -> tuple[dict[int, int], int]:
    """Node to label, and the rounds it took."""
    rng = random.Random(seed)
    for number in range(1, 200):
        if contract:
            edges = together([stars(part) for part in shuffled(edges, partitions, rng)])
        edges = together([large_star(part) for part in shuffled(both_ways(edges), partitions, rng)])
        edges = together([small_star(part) for part in shuffled(edges, partitions, rng)])
        found, others = zip(*(parents(part) for part in shuffled(edges, partitions, rng)), strict=True) or ((), ())
        labels = dict(together(list(found)).tolist())
        if not len(together(list(others))) and not set(labels) & set(labels.values()):
            return labels | {label: label for label in labels.values()}, number
    raise AssertionError("no end")


PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda pair: pair[0] != pair[1]), min_size=1)


@given(PAIRS, st.integers(1, 7), st.integers(0, 3), st.booleans())
def test_any_graph(pairs: list[tuple[int, int]], partitions: int, seed: int, contract: bool) -> None:
    assert rounds_to_the_end(edges_of(pairs), partitions, seed, contract)[0] == union_find(pairs)


def scattered(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same graph under node numbers as far apart as shards and rows make them."""
    number = {node: (node * 2654435761) % (1 << 61) for pair in pairs for node in pair}
    return [(number[one], number[other]) for one, other in pairs]


@pytest.mark.parametrize("partitions", [1, 4, 64])
@pytest.mark.parametrize(
    ("pairs", "most"),
    [
        ([(n, n + 1) for n in range(10_000)], 15),
        ([(0, n) for n in range(1, 10_000)], 2),
        ([(9_999, n) for n in range(9_999)], 2),
        ([(n, n // 2) for n in range(1, 10_000)], 9),
        ([(n, n ^ 1) for n in range(10_000)], 2),
        ([(n, (n * 7 + 1) % 10_000) for n in range(10_000)], 9),
    ],
    ids=["chain", "star", "star of the largest", "tree", "pairs", "permutation"],
)
def test_contrived_graphs_end_soon(pairs: list[tuple[int, int]], most: int, partitions: int) -> None:
    for graph in (pairs, scattered(pairs)):
        graph = [pair for pair in graph if pair[0] != pair[1]]
        labels, rounds = rounds_to_the_end(edges_of(graph), partitions)
        assert labels == union_find(graph)
        assert rounds <= most


def test_a_hundred_thousand_equal_keys_are_one_star() -> None:
    edges = edges_of([(n, n + 1) for n in range(100_000)])
    (star,) = [stars(edges)]
    assert len(star) == 100_000
    assert not star[:, 1].any()


def test_no_edge_is_no_component() -> None:
    none = edges_of([])
    for function in (stars, large_star, small_star):
        assert function(none).shape == (0, 2)
    assert [part.shape for part in parents(none)] == [(0, 2), (0, 2)]
    assert list(cut(none, 3)) == []


def labels_by_steps(edges: Edges, groups: int, seed: int) -> dict[int, int]:
    """Node to label as a build finds it: parents by node, and what rounds have left open by one task."""
    order = np.random.default_rng(seed).permutation(len(edges))
    held = InMemory(Grouping(DeduplicateRecipe(), 1, groups))
    for half in np.array_split(edges[order], 3):
        held.add(edge_cuts(EDGES, both_ways(half), groups))
    held.run(component_steps())
    labels, roots = (dict(pairs_of(held.whole(name)).tolist()) for name in ("labels", "roots"))
    nodes = np.unique(edges).tolist()
    return {node: roots.get(labels.get(node, node), labels.get(node, node)) for node in nodes}


@given(PAIRS, st.integers(1, 7), st.integers(0, 3))
def test_any_graph_by_the_steps_of_a_build(pairs: list[tuple[int, int]], groups: int, seed: int) -> None:
    assert labels_by_steps(edges_of(pairs), groups, seed) == union_find(pairs)


@pytest.mark.parametrize("groups", [1, 16])
@pytest.mark.parametrize(
    "pairs",
    [
        [(n, n + 1) for n in range(10_000)],
        [(n, n // 2) for n in range(1, 10_000)],
        # A hundred thousand documents under one key, each joined to the best; and each to the last.
        [(0, n) for n in range(1, 100_000)],
        [(99_999, n) for n in range(99_999)],
    ],
    ids=["chain", "tree", "equal keys", "equal keys, the last first"],
)
def test_contrived_graphs_by_the_steps_of_a_build(pairs: list[tuple[int, int]], groups: int) -> None:
    expected = union_find(scattered(pairs))
    for seed in range(2):
        assert labels_by_steps(edges_of(scattered(pairs)), groups, seed) == expected
