"""What is known of documents that share a key, brought to the keys that they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.clusters import NODES
from hanmill.pipelines.dedup.exchange import BAND, MEMBERS
from hanmill.pipelines.dedup.schema import SIGNATURES

#: All that is asked of a document when it is compared, sorted by node.
SIGNED = pa.schema(
    [*NODES, *(SIGNATURES.field(name).with_nullable(True) for name in ("sketch", "shingles"))],
)
#: MEMBERS with what is known of them; ``sketch`` and ``shingles`` are there in BAND rows only.
COMPARED = pa.schema([*MEMBERS, *list(SIGNED)[1:]])


def signed_of(documents: pa.Table) -> pa.Table:
    """SIGNED of documents (``exchange.numbered``)."""
    return documents.select(SIGNED.names).cast(SIGNED)


def compared(members: pa.Table, signed: pa.Table) -> pa.Table:
    """COMPARED of MEMBERS; SIGNED holds all their documents, and may hold others."""
    kinds = members["kind"].to_numpy()
    places = places_of(members["node"].to_numpy(), signed["node"].to_numpy())
    plain, only_bands = pa.array(places), pa.array(places, mask=kinds != BAND)
    columns = [signed[field.name].take(only_bands if field.nullable else plain) for field in list(SIGNED)[1:]]
    return pa.Table.from_arrays([*members.columns, *columns], schema=COMPARED)


def places_of(nodes: npt.NDArray[np.uint64], among: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """int64 [nodes]: where each stands among sorted nodes. Raises ValueError where one does not."""
    places = np.searchsorted(among, nodes)
    there = among[np.minimum(places, len(among) - 1)] == nodes if len(among) else np.zeros(len(nodes), bool)
    if not there.all():
        raise ValueError(f"found no signature of document {nodes[~there][0]:#x}, expected one of each that is compared")
    return places
