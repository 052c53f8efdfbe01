"""The file of what stands in too many documents: the hashes of lines and passages, and how these were counted."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.corpus.shards import read_footer, write_table
from hanmill.pipelines.dedup.lines import LINES
from hanmill.pipelines.dedup.repeats import Repeats
from hanmill.schemas.location import Location, location, parquet_source
from hanmill.schemas.recipe import DeduplicateRecipe


def write_repeats(path: Location, counts: pa.Table, settings: DeduplicateRecipe) -> None:
    """Writes LINES, sorted by key, with the settings that they were counted by."""
    counted = {"lines": settings.lines > 0, "text_characters": settings.text_characters}
    write_table(path, counts.sort_by("key"), counted)


def read_repeats(path: Location) -> Repeats:
    """Reads them; the last file is remembered. Raises ShardError naming the file."""
    return _read(str(path))


@lru_cache(maxsize=1)
def _read(path: str) -> Repeats:
    where = location(path)
    counted = read_footer(where)
    keys = pq.read_table(parquet_source(where), schema=LINES)["key"].to_numpy()
    return Repeats(keys, counted["lines"], counted["text_characters"])
