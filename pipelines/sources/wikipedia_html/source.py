"""Dumps of articles as HTML as a source."""

from __future__ import annotations

from operator import attrgetter

from hanmill.pipelines.sources.source import Source
from hanmill.pipelines.sources.wikipedia_html.reader import SOURCE, is_html_dump, plan_splits, read_split

WIKIPEDIA_HTML = Source(
    name=SOURCE,
    expected="articles as HTML, a line of JSON each (Wikimedia Enterprise), in a tar archive or not",
    licence="CC BY-SA 4.0 and GFDL; attribution by `title`, `url` and `revision` of every row",
    rank=0,
    recognise=is_html_dump,
    split=lambda path, target_bytes, settings: plan_splits(path, target_bytes),
    read=read_split,
    settings=attrgetter("wikipedia"),
    declares_language=True,
)
