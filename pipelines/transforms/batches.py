"""What the transforms pass on: record batches under a key, encoded as Arrow streams."""

from __future__ import annotations

from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.coders.typecoders import registry

from hanmill.pipelines.corpus.shards import rows_to_table, with_dictionaries
from hanmill.pipelines.dedup.partitions import as_batch

#: The split that a batch is of, and its number in it: a batch has one key however often its bundle is tried.
Key = tuple[str, int]
Batch = tuple[Key, pa.RecordBatch]


class RecordBatchCoder(beam.coders.Coder):
    """A record batch as an Arrow IPC stream. Nothing is pickled; equal batches are equal bytes."""

    def encode(self, value: pa.RecordBatch) -> bytes:
        """One stream of one batch."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, value.schema) as writer:
            writer.write_batch(value)
        encoded: bytes = sink.getvalue().to_pybytes()
        return encoded

    def decode(self, encoded: bytes) -> pa.RecordBatch:
        """The batch of a stream."""
        with pa.ipc.open_stream(encoded) as reader:
            return reader.read_next_batch()

    def is_deterministic(self) -> bool:
        """True: what Beam asks of keys, and what makes a retried bundle the same."""
        return True

    def to_type_hint(self) -> Any:
        """``pyarrow.RecordBatch``."""
        return pa.RecordBatch

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


@beam.coders.Coder.register_urn("hanmill:coder:record_batch:v1", None)
def _coder(payload: Any, components: Any, context: Any) -> RecordBatchCoder:
    return RecordBatchCoder()


# A pipeline names the coder by its urn: no code of ours is pickled into its graph for it.
RecordBatchCoder.to_runner_api_parameter = lambda self, context: (  # type: ignore[method-assign]
    "hanmill:coder:record_batch:v1",
    None,
    (),
)
registry.register_coder(pa.RecordBatch, RecordBatchCoder)


def batch_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """One batch of row mappings."""
    return as_batch(with_dictionaries(rows_to_table(rows, schema), schema))
