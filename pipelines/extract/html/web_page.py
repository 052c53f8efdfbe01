"""A raw page of HTML or plain text to a document."""

from __future__ import annotations

from hanmill.pipelines.extract.charset.detection import decode_page
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.html.page import Page, extract_page, plain_text_page
from hanmill.pipelines.extract.html.rights import Rights, page_rights
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, RawPage
from hanmill.schemas.recipe import CommonCrawlRecipe


def read_html(page: RawPage, settings: CommonCrawlRecipe) -> Document | Dropped:
    """The main text of a page, or with ``boilerplate`` all of its visible text."""
    text, charset, origin = _decoded(page)
    extracted = extract_page(
        text, boilerplate=settings.boilerplate, formulas=settings.formulas, comments=settings.comments
    )
    return _document(_with_rights(page, page_rights(text)), extracted, charset, origin)


def read_plain_text(page: RawPage) -> Document | Dropped:
    """Plain text, with its line ends kept and everything unprintable left out."""
    text, charset, origin = _decoded(page)
    return _document(page, plain_text_page(text), charset, origin)


def _with_rights(raw: RawPage, rights: Rights) -> RawPage:
    """A refusal counts whoever says it."""
    if rights == Rights():
        return raw
    refused = True if raw.opt_out or rights.opt_out else rights.opt_out if raw.opt_out is None else raw.opt_out
    return raw._replace(licence=raw.licence or rights.licence, opt_out=refused)


def _decoded(page: RawPage) -> tuple[str, str, str]:
    """Text, charset and how that is known; both empty where the source gives text."""
    if isinstance(page.content, str):
        return page.content, "", ""
    text, charset = decode_page(page.content, page.content_type)
    return text, charset.name, charset.origin


def _document(raw: RawPage, page: Page, charset: str, charset_from: str) -> Document | Dropped:
    title = raw.title or page.title
    if not page.text:
        snippet = title[:SNIPPET_CHARACTERS]
        return Dropped(raw.source, raw.document_id, "no_text@1", 0.0, 1.0, raw.title, raw.url, raw.place, snippet)
    return Document(
        source=raw.source,
        document_id=raw.document_id,
        lang=page.lang or raw.lang,
        title=title,
        url=raw.url,
        revision=raw.revision,
        text=page.text,
        place=raw.place,
        readings=page.readings,
        link_characters=page.link_characters,
        charset=charset,
        charset_from=charset_from,
        flags=raw.flags,
        timestamp=raw.timestamp,
        licence=raw.licence,
        opt_out=raw.opt_out,
        columns=raw.columns,
    )
