"""Raw pages to documents, each by the extractor of its form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.html.web_page import read_html, read_plain_text
from hanmill.pipelines.extract.html.wiki_article import read_wiki_article
from hanmill.pipelines.extract.wikitext.variants import VariantError
from hanmill.pipelines.extract.wikitext.wiki_page import read_wikitext
from hanmill.pipelines.sources.records import UNFORESEEN, Dropped, Failed, RawPage, Record, unreadable
from hanmill.pipelines.text.phrase_conversion import CutWords
from hanmill.schemas.recipe import SourcesRecipe


class Extractor:
    """Extracts by the settings of a recipe; ``templates_dropped`` counts templates that showed nothing, by name."""

    def __init__(self, settings: SourcesRecipe, cut: CutWords | None = None) -> None:
        """``cut`` cuts Chinese into words, for the conversion of wikitext to a variant."""
        self.templates_dropped: Counter[str] = Counter()
        self._settings = settings
        self._cut = cut

    def documents(self, records: Iterable[Record]) -> Iterator[Document | Dropped | Failed]:
        """One outcome per record, in order; what a source dropped or failed passes through."""
        for record in records:
            yield self.document(record) if isinstance(record, RawPage) else record

    def document(self, page: RawPage) -> Document | Dropped | Failed:
        """The document of one page; what nobody foresaw in it is a failed record. Raises VariantError."""
        try:
            if page.form == "wikitext":
                return read_wikitext(page, self._settings.wikipedia, self.templates_dropped, self._cut)
            if page.form == "wiki_html":
                return read_wiki_article(page, self._settings.wikipedia)
            if page.form == "text":
                return read_plain_text(page)
            return read_html(page, self._settings.commoncrawl)
        except VariantError:
            raise
        except UNFORESEEN as error:
            return unreadable(page.source, page.document_id, page.place, error, page.size)
