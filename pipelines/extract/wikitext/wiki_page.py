"""A raw page of wikitext to a document: which pages are kept, and how much of each."""

from __future__ import annotations

from collections import Counter

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.wikitext.extractor import extract
from hanmill.pipelines.extract.wikitext.group_pages import read_groups
from hanmill.pipelines.extract.wikitext.page_kind import DISAMBIGUATION, LIST, STUB, page_flags, redirect_target
from hanmill.pipelines.extract.wikitext.variants import checked_variant, converter_of
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, RawPage
from hanmill.pipelines.sources.wikipedia.namespaces import namespaces_for
from hanmill.pipelines.text.phrase_conversion import CutWords
from hanmill.schemas.recipe import WikipediaRecipe


def read_wikitext(
    page: RawPage, settings: WikipediaRecipe, templates_dropped: Counter[str], cut: CutWords | None = None
) -> Document | Dropped:
    """The document of a page, or the rule that refuses it; ``templates_dropped`` collects what extraction left out.

    ``cut`` cuts Chinese into words, for its conversion. Raises VariantError where the wiki has variants and not the one
    asked for.
    """
    text = page.content if isinstance(page.content, str) else page.content.decode("utf-8", "replace")
    flags = page_flags(page.title, text)
    if rule := _refused(page, text, flags, settings):
        return _dropped(page, text, rule)
    has_variants = bool(settings.variant) and converter_of(page.lang) is not None
    variant = checked_variant(page.lang, settings.variant) if has_variants else ""
    extracted = extract(
        text,
        page.lang,
        title=page.title,
        variant=variant,
        headings=settings.headings,
        tail_sections=settings.tail_sections,
        tables=settings.tables,
        formulas=settings.formulas,
        namespaces=namespaces_for(page.lang, page.site.namespaces),
        groups=read_groups(settings.groups) if variant and settings.groups else {},
        cut=cut,
    )
    templates_dropped.update(extracted.templates_dropped)
    if not extracted.text:
        return _dropped(page, text, "empty@1")
    return Document(
        source=page.source,
        document_id=page.document_id,
        lang=page.lang,
        title=extracted.title,
        url=page.url,
        revision=page.revision,
        text=extracted.text,
        place=page.place,
        readings=extracted.readings,
        link_characters=extracted.link_characters,
        flags=flags,
        timestamp=page.timestamp,
    )


def _refused(page: RawPage, text: str, flags: tuple[str, ...], settings: WikipediaRecipe) -> str | None:
    if not settings.redirects and ("redirect" in page.flags or redirect_target(text) is not None):
        return "redirect@1"
    kept = {DISAMBIGUATION: settings.disambiguation, LIST: settings.lists, STUB: settings.stubs}
    return next((f"{flag}@1" for flag in flags if not kept[flag]), None)


def _dropped(page: RawPage, text: str, rule: str) -> Dropped:
    snippet = text[:SNIPPET_CHARACTERS]
    return Dropped(page.source, page.document_id, rule, None, None, page.title, page.url, page.place, snippet)
