"""Clusters: connected components of the pairs, and which document of each is kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.keep_policy import best_first
from hanmill.pipelines.dedup.pairs import pairs
from hanmill.pipelines.dedup.partitions import fixed_bytes
from hanmill.pipelines.dedup.schema import CLUSTERED, DUPLICATE, NEAR_DUPLICATE, SAME_ADDRESS, SAME_DOCUMENT
from hanmill.schemas.recipe import DeduplicateRecipe

#: What the keep policy must know of a document.
NODES = pa.schema(
    [
        pa.field("node", pa.uint64(), nullable=False),
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("source_rank", pa.uint8(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("time", pa.uint32(), nullable=False),
        pa.field("fingerprint", pa.binary(16), nullable=False),
    ]
)
#: What is left of a partition: every pair once, with both documents.
LINKS = pa.schema([field.with_name(f"{side}_{field.name}") for side in ("first", "second") for field in NODES])


def links(rows: pa.Table, settings: DeduplicateRecipe) -> pa.Table:
    """LINKS of one partition's exchange rows, each pair of documents once."""
    return links_of(rows, pairs(rows, settings))


def links_of(documents: pa.Table, places: npt.NDArray[np.int64]) -> pa.Table:
    """LINKS of pairs of places, int64 [pairs, 2], in documents with the columns of NODES; each pair once."""
    sides = [documents.select(NODES.names).take(pa.array(places[:, side])) for side in (0, 1)]
    table = pa.Table.from_arrays([column for side in sides for column in side.columns], schema=LINKS)
    _, once = np.unique(np.stack(ends(table), axis=1), axis=0, return_index=True)
    return table.take(pa.array(np.sort(once)))


def ends(table: pa.Table) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The nodes on both sides of LINKS."""
    return table["first_node"].to_numpy(), table["second_node"].to_numpy()


def linked_nodes(table: pa.Table) -> pa.Table:
    """NODES of every document of LINKS, once, sorted by node."""
    sides = [
        table.select([f"{side}_{name}" for name in NODES.names]).rename_columns(NODES.names)
        for side in ("first", "second")
    ]
    return unique_nodes(pa.concat_tables(sides))


def unique_nodes(nodes: pa.Table) -> pa.Table:
    """NODES with every document once, sorted by node."""
    _, once = np.unique(nodes["node"].to_numpy(), return_index=True)
    return nodes.take(pa.array(once))


def decide(nodes: pa.Table, labels: npt.NDArray[np.uint64], settings: DeduplicateRecipe) -> pa.Table:
    """CLUSTERED of whole clusters: NODES, each once, and for every node the label of its component, uint64 [nodes].

    A document read twice (one uid) is kept once whatever the settings say; of one address one stays where ``address``
    is set; a copy with equal folded text goes where ``exact`` is set, a near duplicate where ``near`` is; which of
    those is kept ``keep`` says.
    """
    order = np.lexsort(best_first(nodes, settings.keep))
    nodes = nodes.take(pa.array(order))
    count = len(order)
    _, first, component = np.unique(labels[order], return_index=True, return_inverse=True)
    prints = fixed_bytes(nodes["fingerprint"])
    kept, rules = np.arange(count), np.zeros(count, np.int8)
    uids = nodes["uid"].to_numpy()
    pages = _pages(nodes) if settings.address else uids
    by = ((uids, True), (pages, settings.address), (prints, settings.exact), (component, settings.near))
    for number, (label, removes) in enumerate(by, 1):
        if removes:
            _keep_first(label, number, kept, rules)
    # A copy of a copy points to the one that is really there.
    while (kept[kept] != kept).any():
        kept = kept[kept]
    names = pa.array([None, SAME_DOCUMENT, SAME_ADDRESS, DUPLICATE, NEAR_DUPLICATE])
    columns = [
        nodes["node"],
        nodes["uid"],
        names.take(pa.array(rules)),
        pa.array(uids[kept]),
        nodes["fingerprint"].take(pa.array(first[component])),
        pa.array(np.bincount(component, minlength=len(first))[component], pa.uint32()),
    ]
    found = pa.Table.from_arrays(
        [column.cast(f.type) for column, f in zip(columns, CLUSTERED, strict=True)], schema=CLUSTERED
    )
    return found.sort_by("node").combine_chunks()


def _pages(nodes: pa.Table) -> npt.NDArray[np.int64]:
    """A number for each address; what has none is alone with its uid."""
    uids, addresses = nodes["uid"].to_numpy(), nodes["address"].to_numpy()
    both = np.stack([addresses, np.where(addresses == 0, uids, np.uint64(0))], axis=1)
    return np.unique(both, axis=0, return_inverse=True)[1].ravel()


def _keep_first(
    label: npt.NDArray[np.generic], number: int, kept: npt.NDArray[np.int64], rules: npt.NDArray[np.int8]
) -> None:
    """Of the documents still there that share a label, all but the first get the rule's number."""
    there = np.flatnonzero(rules == 0)
    _, first, inverse = np.unique(label[there], return_index=True, return_inverse=True)
    leader = there[first[inverse]]
    others = leader != there
    kept[there[others]] = leader[others]
    rules[there[others]] = number
