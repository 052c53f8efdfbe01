"""What deduplication reads and writes: signatures in, clusters out."""

from __future__ import annotations

import pyarrow as pa

from hanmill.pipelines.dedup.minhash import BANDS, BINS

#: One row a kept document, in the order of its shard: all that deduplication ever sees of it. ``bands`` is uint64
#: [14], ``sketch`` uint8 [112]; ``shingles`` holds the distinct shingle hashes of short documents, else nothing;
#: ``lines`` the hashes of its distinct lines and passages where the recipe counts them. ``address`` and ``time``
#: (seconds since 1970) are 0 where it has none.
SIGNATURES = pa.schema(
    [
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("source_rank", pa.uint8(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("time", pa.uint32(), nullable=False),
        pa.field("fingerprint", pa.binary(16), nullable=False),
        pa.field("bands", pa.binary(8 * BANDS), nullable=False),
        pa.field("sketch", pa.binary(BINS), nullable=False),
        pa.field("shingles", pa.list_(pa.uint32()), nullable=False),
        pa.field("lines", pa.list_(pa.uint64()), nullable=False),
    ]
)

#: One row a document that is in a cluster of two and more, sorted by node.
#: ``rule`` is null where the document is kept; ``kept_uid`` is then its own. ``cluster`` is the fingerprint of the
#: cluster's first document, which decides between training and validation.
CLUSTERED = pa.schema(
    [
        pa.field("node", pa.uint64(), nullable=False),
        pa.field("uid", pa.uint64(), nullable=False),
        pa.field("rule", pa.string(), nullable=True),
        pa.field("kept_uid", pa.uint64(), nullable=False),
        pa.field("cluster", pa.binary(16), nullable=False),
        pa.field("cluster_size", pa.uint32(), nullable=False),
    ]
)

#: CLUSTERED of one shard, with the row of the shard in place of the node: the same wherever the shard stands.
VERDICT = pa.schema([pa.field("row", pa.uint32(), nullable=False), *list(CLUSTERED)[1:]])

#: A node is a document: the number of its shard in the plan in the upper half, its row in the lower.
ROW_BITS = 32

SAME_DOCUMENT = "same_document@1"
SAME_ADDRESS = "same_address@1"
DUPLICATE = "duplicate@1"
NEAR_DUPLICATE = "near_duplicate@1"
REPEATED_LINES = "repeated_lines@1"
REPEATED_TEXT = "repeated_text@1"
