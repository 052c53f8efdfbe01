"""Deduplication as steps of grouping: the one list that local processes run through files and Beam by GroupByKey.

A step is given what several collections hold under one group, and says of every row it leaves in which collection and
group it belongs. What it makes of a group depends on the set of its rows alone, so neither the order of reading nor
the number of groups changes the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.clusters import NODES, decide, ends, linked_nodes, links, links_of, unique_nodes
from hanmill.pipelines.dedup.components import (
    Edges,
    as_edges,
    both_ways,
    cut,
    large_star,
    parents,
    partitions_of,
    small_star,
    smallest,
    stars,
)
from hanmill.pipelines.dedup.exchange import (
    MEMBERS,
    ROWS,
    bounded_buckets,
    copies,
    distinct,
    key_batches,
    members_of,
    shared_rows,
)
from hanmill.pipelines.dedup.partitions import as_batch, cut_by, partition_numbers
from hanmill.pipelines.dedup.schema import CLUSTERED, ROW_BITS
from hanmill.pipelines.dedup.signed import COMPARED, SIGNED, compared, signed_of
from hanmill.schemas.recipe import DeduplicateRecipe

#: Pairs of nodes; as a label, a node and the smallest of its component as far as rounds have found it.
PAIRS = pa.schema([pa.field(name, pa.uint64(), nullable=False) for name in ("first", "second")])
#: Nodes with the label of their component.
LABELLED = NODES.append(pa.field("label", pa.uint64(), nullable=False))
#: How many clusters there are of a size.
SIZES = pa.schema([pa.field(name, pa.uint32(), nullable=False) for name in ("size", "clusters")])
#: Rounds of large-star and small-star. What they leave open is seen through by one task: nothing in practice, and of
#: a random graph of a million edges 0.8 %, of a chain 3.5 % (``benchmarks.dedup_scale --graph``).
ROUNDS = 4
#: Documents of a group of nodes: about 60 MB while a group is worked on.
DOCUMENTS_PER_NODE_GROUP, MAX_NODE_GROUPS = 1 << 18, 1 << 11

ROWS_OF_KEYS, MEMBERS_OF_BUCKETS, SIGNED_DOCUMENTS, COMPARED_MEMBERS = "rows", "members", "signed", "compared"
EDGES, NODES_OF_LINKS = "edges", "nodes"
_ASKED, _ENDS, _LABELS, _SMALLER, _LOOSE, _DEEPER, _ROOTS, _LABELLED = (
    *("asked", "ends", "labels", "smaller", "loose", "deeper"),
    *("roots", "labelled"),
)
VERDICTS, CLUSTER_SIZES = "verdicts", "sizes"
#: Collections of which there is one group.
ONE_GROUP = (_LOOSE, _DEEPER, _ROOTS, CLUSTER_SIZES)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What steps must know: the recipe's settings, into how many groups keys and nodes are cut, and how many of a
    node's lower bits say the row of its shard."""

    settings: DeduplicateRecipe
    keys: int
    nodes: int
    row_bits: int = ROW_BITS


Group = Mapping[str, pa.Table]
#: A collection, a group of it, and rows that belong there.
Cut = tuple[str, int, pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class Step:
    """``run`` is given the rows of one group by collection (``reads``) and all rows of those in ``whole``.

    Everything it yields is of a collection in ``writes``.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Group, Grouping], Iterator[Cut]]
    whole: tuple[str, ...] = ()


def schema_of(collection: str) -> pa.Schema:
    """The schema of a collection's rows."""
    return _SCHEMAS.get(collection, PAIRS)


def node_groups(documents: int) -> int:
    """Groups of nodes for a corpus of this many documents."""
    return min(MAX_NODE_GROUPS, max(1, -(-documents // DOCUMENTS_PER_NODE_GROUP)))


def pairs_of(rows: pa.RecordBatch | pa.Table) -> Edges:
    """uint64 [rows, 2] of PAIRS."""
    return np.stack([column.to_numpy() for column in (rows["first"], rows["second"])], axis=1)


def pairs_batch(edges: Edges) -> pa.RecordBatch:
    """PAIRS of uint64 [rows, 2]."""
    return pa.RecordBatch.from_arrays([pa.array(np.ascontiguousarray(column)) for column in edges.T], schema=PAIRS)


def edge_cuts(collection: str, edges: Edges, groups: int) -> Iterator[Cut]:
    """Edges by the group of the node that stands first."""
    for number, part in cut(edges, groups):
        yield collection, number, pairs_batch(part)


def node_cuts(collection: str, table: pa.Table, nodes: npt.NDArray[np.uint64], groups: int) -> Iterator[Cut]:
    """Rows of a table by the group of a node each."""
    for number, batch in cut_by(table, partitions_of(nodes, groups)):
        yield collection, number, batch


def key_cuts(collection: str, table: pa.Table, groups: int) -> Iterator[Cut]:
    """Rows of a table by their key."""
    for number, batch in cut_by(table, partition_numbers(table["key"].to_numpy(), groups)):
        yield collection, number, batch


def link_cuts(found: pa.Table, grouping: Grouping) -> Iterator[Cut]:
    """What rounds need of LINKS: edges under both nodes, and the documents on both sides."""
    if found.num_rows:
        yield from edge_cuts(EDGES, both_ways(as_edges(*ends(found))), grouping.nodes)
        nodes = linked_nodes(found)
        yield from node_cuts(NODES_OF_LINKS, nodes, nodes["node"].to_numpy(), grouping.nodes)


def scatter(documents: pa.Table, grouping: Grouping) -> Iterator[Cut]:
    """ROWS of documents (``exchange.numbered``) by key, and links of those that are equal to a better one of them."""
    found = copies(documents, grouping.settings)
    yield from link_cuts(links_of(documents, found.pairs), grouping)
    for number, batch in enumerate(key_batches(documents, grouping.keys, found.leads)):
        if batch.num_rows:
            yield ROWS_OF_KEYS, number, batch


def signed_cuts(documents: pa.Table, grouping: Grouping) -> Iterator[Cut]:
    """SIGNED of documents (``exchange.numbered``) by node: what ``fill`` brings to those that share a key."""
    yield from node_cuts(SIGNED_DOCUMENTS, signed_of(documents), documents["node"].to_numpy(), grouping.keys)


def buckets(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """Who shares a key with whom, under a hash of all who do."""
    rows = bounded_buckets(shared_rows(group[ROWS_OF_KEYS]), grouping.settings.keep)
    yield from key_cuts(MEMBERS_OF_BUCKETS, members_of(rows), grouping.keys)


def ask(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """Every bucket once, its members by node."""
    members = distinct(group[MEMBERS_OF_BUCKETS])
    yield from node_cuts(_ASKED, members, members["node"].to_numpy(), grouping.keys)


def fill(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """Members with what is known of them, by bucket."""
    yield from key_cuts(
        COMPARED_MEMBERS, compared(group[_ASKED], group[SIGNED_DOCUMENTS].sort_by("node")), grouping.keys
    )


def link(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """The pairs of documents of a bucket that are one, equal or alike."""
    yield from link_cuts(links(group[COMPARED_MEMBERS], grouping.settings), grouping)


BUCKETS = Step("buckets", (ROWS_OF_KEYS,), (MEMBERS_OF_BUCKETS,), buckets)
LINK = Step("link", (COMPARED_MEMBERS,), (EDGES, NODES_OF_LINKS), link)
#: From documents and their keys to links. Local processes look a document up where Beam brings it to its buckets.
LINK_STEPS = (
    BUCKETS,
    Step("ask", (MEMBERS_OF_BUCKETS,), (_ASKED,), ask),
    Step("fill", (_ASKED, SIGNED_DOCUMENTS), (COMPARED_MEMBERS,), fill),
    LINK,
)


def component_steps(rounds: int = ROUNDS) -> tuple[Step, ...]:
    """From ``edges`` to ``labels`` and ``roots``: a node's parent, and where rounds have not come to their end, the
    smallest of the component of that parent."""
    steps = []
    edges = EDGES
    for number in range(1, rounds + 1):
        between, after = f"stars{number}", f"edges{number}" if number < rounds else _ENDS
        steps.append(Step(f"large{number}", (edges,), (between,), _Large(edges, between)))
        steps.append(Step(f"small{number}", (between,), (after,), _Small(between, after, both=number < rounds)))
        edges = after
    return (
        *steps,
        Step("last", (edges,), (_LABELS, _SMALLER, _LOOSE), _Last(edges)),
        Step("deeper", (_LABELS, _SMALLER), (_DEEPER,), deeper),
        Step("roots", (_LOOSE, _DEEPER), (_ROOTS,), roots),
    )


@dataclass(frozen=True, slots=True)
class _Large:
    """Larger neighbours to the smallest."""

    reads: str
    writes: str

    def __call__(self, group: Group, grouping: Grouping) -> Iterator[Cut]:
        yield from edge_cuts(self.writes, stars(large_star(pairs_of(group[self.reads]))), grouping.nodes)


@dataclass(frozen=True, slots=True)
class _Small:
    """Smaller neighbours to the smallest; ``both``: a large step comes next."""

    reads: str
    writes: str
    both: bool

    def __call__(self, group: Group, grouping: Grouping) -> Iterator[Cut]:
        found = stars(small_star(pairs_of(group[self.reads])))
        yield from edge_cuts(self.writes, both_ways(found) if self.both else found, grouping.nodes)


@dataclass(frozen=True, slots=True)
class _Last:
    """Every node's parent, who is a parent, and edges from parents to what else a node is joined to."""

    reads: str

    def __call__(self, group: Group, grouping: Grouping) -> Iterator[Cut]:
        edges = pairs_of(group[self.reads])
        edges = edges[edges[:, 0] > edges[:, 1]]
        labels, loose = parents(edges)
        yield from edge_cuts(_LABELS, labels, grouping.nodes)
        smaller = np.unique(edges[:, 1])
        yield from edge_cuts(_SMALLER, np.stack([smaller, smaller], axis=1), grouping.nodes)
        if len(loose):
            yield _LOOSE, 0, pairs_batch(loose)


def deeper(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """Edges from parents to parents of their own."""
    labels, smaller = pairs_of(group[_LABELS]), pairs_of(group[_SMALLER])
    found = labels[np.isin(labels[:, 0], smaller[:, 0])]
    if len(found):
        yield _DEEPER, 0, pairs_batch(as_edges(found[:, 0], found[:, 1]))


def roots(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """Parents and the smallest of their component: what rounds have left open, in one place."""
    edges = np.concatenate([pairs_of(group[_LOOSE]), pairs_of(group[_DEEPER])])
    if len(edges):
        nodes, places = np.unique(edges, return_inverse=True)
        places = places.reshape(-1, 2)
        labels = nodes[smallest(len(nodes), places[:, 0], places[:, 1])]
        yield _ROOTS, 0, pairs_batch(np.stack([nodes, labels], axis=1))


def label(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """NODES with the label of their component, by the group of the label."""
    nodes = unique_nodes(group[NODES_OF_LINKS])
    found = nodes["node"].to_numpy().copy()
    for pairs in (pairs_of(group[_LABELS]), pairs_of(group[_ROOTS])):
        known, labels = pairs[np.argsort(pairs[:, 0])].T
        places = np.searchsorted(known, found)
        places[places == len(known)] = 0
        there = np.flatnonzero(known[places] == found) if len(known) else np.zeros(0, np.int64)
        found[there] = labels[places[there]]
    labelled = nodes.append_column(LABELLED.field("label"), pa.array(found))
    yield from node_cuts(_LABELLED, labelled, found, grouping.nodes)


def verdicts(group: Group, grouping: Grouping) -> Iterator[Cut]:
    """CLUSTERED of whole clusters by shard, and how many there are of each size."""
    table = group[_LABELLED]
    if not table.num_rows:
        return
    found = decide(table.drop_columns(["label"]), table["label"].to_numpy(), grouping.settings)
    shards = found["node"].to_numpy() >> np.uint64(grouping.row_bits)
    starts = np.flatnonzero(np.r_[True, shards[1:] != shards[:-1]]).tolist()
    for start, end in zip(starts, [*starts[1:], len(shards)], strict=True):
        yield VERDICTS, int(shards[start]), as_batch(found.slice(start, end - start))
    sizes, members = np.unique(found["cluster_size"].to_numpy(), return_counts=True)
    columns = [pa.array(sizes, pa.uint32()), pa.array((members // sizes).astype(np.uint32))]
    yield CLUSTER_SIZES, 0, pa.RecordBatch.from_arrays(columns, schema=SIZES)


#: From components to what is to be done with each document, by shard.
LABEL_STEPS = (
    Step("label", (NODES_OF_LINKS, _LABELS), (_LABELLED,), label, (_ROOTS,)),
    Step("decide", (_LABELLED,), (VERDICTS, CLUSTER_SIZES), verdicts),
)


_SCHEMAS = {
    ROWS_OF_KEYS: ROWS,
    MEMBERS_OF_BUCKETS: MEMBERS,
    SIGNED_DOCUMENTS: SIGNED,
    _ASKED: MEMBERS,
    COMPARED_MEMBERS: COMPARED,
    NODES_OF_LINKS: NODES,
    _LABELLED: LABELLED,
    VERDICTS: CLUSTERED,
    CLUSTER_SIZES: SIZES,
}


@dataclass(slots=True)
class InMemory:
    """Steps in one process, without files: collection to group to rows."""

    grouping: Grouping
    held: dict[str, dict[int, list[pa.RecordBatch]]] = field(default_factory=dict)

    def add(self, cuts: Iterable[Cut]) -> None:
        """Takes in rows."""
        for collection, number, batch in cuts:
            self.held.setdefault(collection, {}).setdefault(number, []).append(batch)

    def run(self, steps: Iterable[Step]) -> None:
        """Runs steps one after the other."""
        for step in steps:
            whole = {name: self.whole(name) for name in step.whole}
            numbers = sorted({number for name in step.reads for number in self.held.get(name, {})})
            for number in numbers:
                group = {name: self.table(name, number) for name in step.reads}
                self.add(step.run({**group, **whole}, self.grouping))

    def table(self, collection: str, number: int) -> pa.Table:
        """The rows of one group."""
        return pa.Table.from_batches(self.held.get(collection, {}).get(number, []), schema_of(collection))

    def whole(self, collection: str) -> pa.Table:
        """The rows of all groups."""
        batches = [batch for _, found in sorted(self.held.get(collection, {}).items()) for batch in found]
        return pa.Table.from_batches(batches, schema_of(collection))
