"""Records of a source as the documents a build makes of them."""

from __future__ import annotations

from collections.abc import Iterable

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.sources.records import Dropped, Failed, Record
from hanmill.schemas.recipe import CommonCrawlRecipe, SourcesRecipe, WikipediaRecipe


def documents(
    records: Iterable[Record], settings: WikipediaRecipe | CommonCrawlRecipe | None = None
) -> list[Document | Dropped | Failed]:
    """One outcome per record, in order, by the settings of one source."""
    recipe = SourcesRecipe()
    if isinstance(settings, WikipediaRecipe):
        recipe = SourcesRecipe(wikipedia=settings)
    if isinstance(settings, CommonCrawlRecipe):
        recipe = SourcesRecipe(commoncrawl=settings)
    return list(Extractor(recipe).documents(records))
