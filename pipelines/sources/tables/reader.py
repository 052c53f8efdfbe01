"""Tables of texts: how a file is cut into splits, and one record for every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from hanmill.pipelines.sources.records import Record, Split
from hanmill.pipelines.sources.tables.columns import TableFileError
from hanmill.pipelines.sources.tables.files import compression, kind_of
from hanmill.pipelines.sources.tables.json_lines import check_columns, read_json_lines, read_text_lines
from hanmill.pipelines.sources.tables.parquet import ROW_GROUPS, read_parquet, split_parquet
from hanmill.pipelines.sources.tables.rows import SOURCE
from hanmill.pipelines.sources.tables.separated import check_header, read_separated
from hanmill.pipelines.sources.tables.text_file import read_text_file
from hanmill.schemas.location import location
from hanmill.schemas.recipe import TablesRecipe

_READERS: dict[str, Callable[[Split, TablesRecipe], Iterator[Record]]] = {
    ROW_GROUPS: read_parquet,
    "json_lines": read_json_lines,
    "separated": read_separated,
    "text_file": read_text_file,
    "text_lines": read_text_lines,
}


def plan_splits(path: str, target_bytes: int, settings: TablesRecipe) -> list[Split]:
    """Splits of about ``target_bytes``: of row groups, or of lines of a file that is stored plain; any other is one.

    Raises TableFileError for a file of an unknown kind or without a column that the recipe names.
    """
    place = location(path)
    kind = kind_of(place.name)
    with place.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PAR1") != (kind == "parquet"):
        raise TableFileError(f"{path}: found a file that begins {head!r}, expected what its name says: {kind}")
    if kind == "parquet":
        return split_parquet(place, target_bytes, settings)
    size = place.stat().st_size
    if kind == "separated":
        check_header(place, settings)
        return [Split(SOURCE, path, 0, size, kind)]
    if kind == "text" and not settings.lines:
        return [Split(SOURCE, path, 0, size, "text_file")]
    if kind == "json_lines":
        check_columns(place, settings)
    reader = "text_lines" if kind == "text" else kind
    number = 1 if compression(head) else max(1, round(size / target_bytes))
    edges = [size * part // number for part in range(number + 1)]
    return [Split(SOURCE, path, start, end, reader) for start, end in pairwise(edges)]


def read_split(split: Split, settings: TablesRecipe) -> Iterator[Record]:
    """One record for every row that begins in the split, and a Failed for what cannot be read."""
    if split.reader not in _READERS:
        raise TableFileError(f"{PurePosixPath(split.path).name}: found reader {split.reader!r} of another version")
    return _READERS[split.reader](split, settings)
