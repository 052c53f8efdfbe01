"""Row groups of a corpus, a few columns at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.schemas.location import Location, open_parquet
from hanmill.trainer.data.corpus import RowGroupPlace
from hanmill.trainer.errors import CorpusError


def read_row_group(place: RowGroupPlace, columns: list[str]) -> pa.Table:
    """Some columns. Raises CorpusError where the file contradicts the manifest."""
    (table,) = read_row_groups([place], columns)
    return table


def read_row_groups(places: Sequence[RowGroupPlace], columns: list[str]) -> Iterator[pa.Table]:
    """Some columns of each row group; those of one shard are read from one open file. Raises CorpusError."""
    for place, file in open_files(places):
        yield _read(place, file, columns)


def open_files(places: Sequence[RowGroupPlace]) -> Iterator[tuple[RowGroupPlace, pq.ParquetFile]]:
    """Each place with its shard, which is opened once for all its places that follow one another."""
    path: Location | None = None
    file: pq.ParquetFile | None = None
    with ExitStack() as opened:
        for place in places:
            if file is None or place.path != path:
                opened.close()
                try:
                    file = opened.enter_context(open_parquet(place.path))
                except (OSError, pa.ArrowInvalid) as error:
                    raise CorpusError(f"{place.path}: cannot be read: {error}") from error
                path = place.path
            yield place, file


def _read(place: RowGroupPlace, file: pq.ParquetFile, columns: list[str]) -> pa.Table:
    try:
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
