"""Every source there is, by name. A new one is a folder beside this file and a line in it."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.sources.commoncrawl.source import COMMONCRAWL, COMMONCRAWL_INDEX
from pipelines.sources.source import Source
from pipelines.sources.wikipedia.source import WIKIPEDIA

SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        WIKIPEDIA,
        COMMONCRAWL,
        COMMONCRAWL_INDEX,
    )
}
