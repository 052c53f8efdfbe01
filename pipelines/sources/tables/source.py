"""Tables of texts as a source."""

from __future__ import annotations

from operator import attrgetter

from hanmill.pipelines.sources.source import Source
from hanmill.pipelines.sources.tables.files import is_table
from hanmill.pipelines.sources.tables.reader import plan_splits, read_split
from hanmill.pipelines.sources.tables.rows import SOURCE

TABLES = Source(
    name=SOURCE,
    expected="Parquet, or JSON lines, CSV, TSV or plain text (plain, gz, zst, bz2, xz)",
    licence="as the table's own card says; by document in the column `licence` where the recipe names one",
    rank=2,
    recognise=is_table,
    split=plan_splits,
    read=read_split,
    settings=attrgetter("tables"),
    declares_language=True,
)
