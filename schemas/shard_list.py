"""The lists of a corpus that grow with it, as Parquet files beside the manifest.

Read back they look like sequences of dataclasses, and are Arrow tables: a million shards are a hundred megabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    import pyarrow as pa

SHARDS_NAME, SPLITS_NAME, INPUTS_NAME = "shards.parquet", "splits.parquet", "inputs.parquet"
_Item = TypeVar("_Item")
#: Rows made into objects at a time, and those of a row group.
_ROWS, _ROW_GROUP = 1 << 10, 1 << 16


class Rows(Sequence[_Item]):
    """Rows of a table as objects, made when they are asked for; ``read`` gives the table, once."""

    def __init__(self, read: Callable[[], pa.Table], make: Callable[[Mapping[str, Any]], _Item]) -> None:
        self._read = read
        self._make = make

    @cached_property
    def table(self) -> pa.Table:
        """The rows. Raises what reading them raises."""
        return self._read()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[_Item]:
        for start in range(0, len(self), _ROWS):
            yield from map(self._make, self.table.slice(start, _ROWS).to_pylist())

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Item]: ...
    def __getitem__(self, place: int | slice) -> _Item | Sequence[_Item]:
        if isinstance(place, slice):
            chosen = range(*place.indices(len(self)))
            if chosen.step == 1:
                return [self._make(row) for row in self.table.slice(chosen.start, len(chosen)).to_pylist()]
            return [self[number] for number in chosen]
        number = range(len(self))[place]
        return self._make(self.table.slice(number, 1).to_pylist()[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_equal, self, other))

    def __hash__(self) -> int:
        raise TypeError("a list of shards is no key")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} rows)"


class NamedRows(Mapping[str, _Item]):
    """Rows of a table by the name in its first column."""

    def __init__(self, read: Callable[[], pa.Table], make: Callable[[Mapping[str, Any]], _Item]) -> None:
        self._rows = Rows(read, make)
        self._places: dict[str, int] = {}

    @property
    def table(self) -> pa.Table:
        """The rows. Raises what reading them raises."""
        return self._rows.table

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        for chunk in self.table.column(0).chunks:
            yield from chunk.to_pylist()

    def __getitem__(self, name: str) -> _Item:
        if not self._places:
            self._places = {found: place for place, found in enumerate(self)}
        return self._rows[self._places[name]]

    def values(self) -> Any:
        """In order, some made at a time."""
        return self._rows

    def items(self) -> Any:
        """In order, some made at a time."""
        return zip(self, self._rows, strict=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} rows)"


def _equal(one: object, other: object) -> bool:
    return one == other


def to_parquet(table: pa.Table) -> bytes:
    """A table as a Parquet file; equal tables are equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    # A row group at a time: a copy of all of a long list in one piece is never there.
    with pq.ParquetWriter(sink, table.schema, compression="zstd") as writer:
        for start in range(0, max(1, table.num_rows), _ROW_GROUP):
            writer.write_table(table.slice(start, _ROW_GROUP).combine_chunks(), row_group_size=_ROW_GROUP)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def from_parquet(content: bytes) -> pa.Table:
    """The inverse of ``to_parquet``. Raises pyarrow.ArrowInvalid where it is no Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.read_table(pa.BufferReader(content))
