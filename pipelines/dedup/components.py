"""Connected components by rounds of large-star and small-star (Kiveris et al. 2014, section 3).

An edge is a row of two node numbers. In a round every edge goes to the partition of one of its nodes, where all edges
of that node meet; what a partition does depends on the set of its edges alone. Partitions first put each component of
their own edges into one star, which takes most graphs to their end in two or three rounds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.dedup.minhash import mix

#: uint64 [edges, 2].
Edges = npt.NDArray[np.uint64]
Nodes = npt.NDArray[np.uint64]


def as_edges(first: Nodes, second: Nodes) -> Edges:
    """Each pair of different nodes once, the smaller second, sorted."""
    edges = np.stack([np.maximum(first, second), np.minimum(first, second)], axis=1)
    return _unique(edges[edges[:, 0] != edges[:, 1]])


def stars(edges: Edges) -> Edges:
    """An edge from every node to the smallest of its component among these edges; the smallest has none."""
    if not len(edges):
        return edges.reshape(0, 2)
    nodes, places = np.unique(edges, return_inverse=True)
    places = places.reshape(-1, 2)
    labels = nodes[smallest(len(nodes), places[:, 0], places[:, 1])]
    return as_edges(nodes, labels)


def large_star(edges: Edges) -> Edges:
    """Of every node its larger neighbours, joined to the smallest of it and them.

    ``edges`` are all those of the nodes that stand first, both ways: neighbours second.
    """
    node, neighbour, least = _neighbourhoods(edges)
    larger = neighbour > node
    return as_edges(neighbour[larger], least[larger])


def small_star(edges: Edges) -> Edges:
    """Of every node it and its smaller neighbours, joined to the smallest of them.

    ``edges`` are all those of the nodes that stand first, smaller neighbours second.
    """
    node, neighbour, least = _neighbourhoods(edges)
    return as_edges(np.concatenate([node, neighbour]), np.concatenate([least, least]))


def both_ways(edges: Edges) -> Edges:
    """What large_star is given: every edge under each of its nodes."""
    return np.concatenate([edges, edges[:, ::-1]])


def parents(edges: Edges) -> tuple[Edges, Edges]:
    """The smallest neighbour of every node that stands first, and edges from it to the node's other ones.

    Where rounds have come to their end there are no others, and every parent is the smallest of its component.
    """
    node, neighbour, least = _neighbourhoods(edges)
    return _unique(np.stack([node, least], axis=1)), as_edges(neighbour, least)


def partitions_of(nodes: Nodes, partitions: int) -> npt.NDArray[np.int64]:
    """int64 [nodes]: the partition of each node."""
    found: npt.NDArray[np.int64] = ((mix(nodes) >> np.uint64(32)) * np.uint64(partitions) >> np.uint64(32)).astype(
        np.int64
    )
    return found


def cut(edges: Edges, partitions: int) -> Iterator[tuple[int, Edges]]:
    """Edges by the partition of the node that stands first; partitions without any are left out."""
    numbers = partitions_of(edges[:, 0], partitions)
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=partitions))
    for number, part in enumerate(np.split(edges[order], ends[:-1])):
        if len(part):
            yield number, part


def smallest(count: int, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64 [count]: the lowest node of each node's connected component, the edges being first[i]-second[i].

    Lowest labels spread over edges and along their own pointers until nothing moves (Shiloach and Vishkin, 1982):
    a number of rounds logarithmic in ``count`` for all but contrived graphs.
    """
    label = np.arange(count)
    while True:
        low = np.minimum(label[first], label[second])
        before = label.copy()
        np.minimum.at(label, before[first], low)
        np.minimum.at(label, before[second], low)
        while True:
            jumped = label[label]
            if np.array_equal(jumped, label):
                break
            label = jumped
        if np.array_equal(before, label):
            return label


def _neighbourhoods(edges: Edges) -> tuple[Nodes, Nodes, Nodes]:
    """Node, neighbour, and the smallest of the node and all its neighbours, for every edge."""
    edges = _unique(edges)
    node, neighbour = edges[:, 0], edges[:, 1]
    begins = np.flatnonzero(np.r_[True, node[1:] != node[:-1]]) if len(node) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[begins, len(node)])
    # Neighbours are sorted in each neighbourhood.
    least = np.repeat(np.minimum(node[begins], neighbour[begins]), lengths)
    return node, neighbour, least


def _unique(edges: Edges) -> Edges:
    edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
    kept = np.r_[True, (edges[1:] != edges[:-1]).any(axis=1)] if len(edges) else np.zeros(0, bool)
    found: Edges = edges[kept]
    return found
