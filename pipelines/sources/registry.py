"""Every source there is, by name. A new one is a folder beside this file and a line in it."""

from __future__ import annotations

from collections.abc import Mapping

from hanmill.pipelines.sources.commoncrawl.source import COMMONCRAWL, COMMONCRAWL_INDEX
from hanmill.pipelines.sources.source import Source
from hanmill.pipelines.sources.tables.source import TABLES
from hanmill.pipelines.sources.wikipedia.source import WIKIPEDIA
from hanmill.pipelines.sources.wikipedia_html.source import WIKIPEDIA_HTML

SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        WIKIPEDIA,
        WIKIPEDIA_HTML,
        COMMONCRAWL,
        COMMONCRAWL_INDEX,
        TABLES,
    )
}
