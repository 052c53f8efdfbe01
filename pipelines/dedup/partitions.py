"""Arrow files of one record batch a partition: what an exchange through files is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.schemas.location import Location, ObjectPath

_COMPRESSION = pa.Codec("zstd", 1)


def partition_numbers(keys: npt.NDArray[np.uint64], partitions: int) -> npt.NDArray[np.integer[Any]]:
    """The partition of each key, as its upper half says."""
    numbers = (keys >> np.uint64(32)) * np.uint64(partitions) >> np.uint64(32)
    # Numbers of 16 bits are sorted by their digits.
    return numbers.astype(np.uint16 if partitions <= 1 << 16 else np.int64)


def partition_places(keys: npt.NDArray[np.uint64], partitions: int) -> Iterator[npt.NDArray[np.int64]]:
    """The places of each partition's keys, in order."""
    numbers = partition_numbers(keys, partitions)
    ordered = np.argsort(numbers, kind="stable")
    yield from np.split(ordered, np.cumsum(np.bincount(numbers, minlength=partitions))[:-1])


def cut_by(table: pa.Table, numbers: npt.NDArray[np.integer[Any]]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each number that there is, in order."""
    order = np.argsort(numbers, kind="stable")
    ordered = as_batch(table.take(pa.array(order)))
    found, begins = np.unique(numbers[order], return_index=True)
    for number, start, end in zip(found.tolist(), begins.tolist(), [*begins[1:].tolist(), len(order)], strict=False):
        yield number, ordered.slice(start, end - start)


def write_batches(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, compressed: bool = True) -> None:
    """Writes one batch a partition, in order."""
    options = pa.ipc.IpcWriteOptions(compression=_COMPRESSION if compressed else None)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)


def fixed_bytes(column: pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    """The values of a fixed-size binary column without null, as an array over its buffer."""
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) and array.num_chunks else array
    width = column.type.byte_width
    if not len(array):
        return np.zeros(0, f"S{width}")
    return np.frombuffer(array.buffers()[1], f"S{width}")[array.offset : array.offset + len(array)]


def as_batch(table: pa.Table) -> pa.RecordBatch:
    """A table of any number of chunks, or of none, as one batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def read_batch(path: Location, partition: int) -> pa.RecordBatch:
    """One partition of a file."""
    opened = path.arrow_file() if isinstance(path, ObjectPath) else pa.memory_map(str(path))
    with opened as file, pa.ipc.open_file(file) as reader:
        return reader.get_batch(partition)
