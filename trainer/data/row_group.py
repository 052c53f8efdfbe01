"""One Parquet row group of a corpus, and its lists as flat arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.location import open_parquet
from trainer.data.corpus import RowGroupPlace
from trainer.errors import CorpusError

Ints = npt.NDArray[np.int64]


def read_row_group(place: RowGroupPlace, columns: list[str]) -> pa.Table:
    """Some columns. Raises CorpusError where the file contradicts the manifest."""
    try:
        with open_parquet(place.path) as file:
            table = file.read_row_group(place.index, columns=columns, use_threads=False)
    except (OSError, pa.ArrowInvalid, IndexError) as error:
        raise CorpusError(f"{place.path}: row group {place.index}: cannot be read: {error}") from error
    if missing := [name for name in columns if name not in table.column_names]:
        raise CorpusError(f"{place.path}: columns missing: {', '.join(missing)}")
    if len(table) != place.rows:
        raise CorpusError(
            f"{place.path}: row group {place.index}: rows in the manifest: {place.rows:,}; in the file: {len(table):,}"
        )
    return table


def flatten(column: pa.ChunkedArray) -> tuple[npt.NDArray, Ints]:
    """Values of all lists end to end, and the length of each list (0 for null)."""
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    return array.flatten().to_numpy(zero_copy_only=False), lengths.astype(np.int64)
