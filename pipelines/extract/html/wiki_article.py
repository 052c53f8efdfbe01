"""An article in the HTML of MediaWiki's Parsoid to a document: its sentences, without references and boxes.

Source: MediaWiki, "Specs/HTML"; names of templates' classes in ``data/wiki_page.tsv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.html.blocks import Block, outline_of
from hanmill.pipelines.extract.html.formulas import element_end
from hanmill.pipelines.extract.html.language_variants import LanguageVariants
from hanmill.pipelines.extract.html.markup import balanced_markup
from hanmill.pipelines.extract.html.page import joined_blocks
from hanmill.pipelines.extract.html.rows import data_rows
from hanmill.pipelines.extract.wikitext.page_kind import DISAMBIGUATION, LIST, STUB, page_flags
from hanmill.pipelines.extract.wikitext.sections import is_tail_title
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, RawPage
from hanmill.pipelines.text.tsv import read_tsv
from hanmill.schemas.recipe import WikipediaRecipe

_START = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)>")
_NAMED = re.compile(r'\s(class|typeof|rel|role|id)="([^"]*)"')
_VARIANT = re.compile(r'\sdata-mw-variant="([^"]*)"')
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_DISAMBIGUATION = "mw:PageProp/disambiguation"
_REDIRECT = "mw:PageProp/redirect"
_STUB = re.compile(r'\sclass="(?:[^"]* )?(?:stub|asbox)[ "]|\sid="stub"')
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_SNIPPET = re.compile(r"<[^<>]*>|\s+")


def read_wiki_article(page: RawPage, settings: WikipediaRecipe) -> Document | Dropped:
    """The document of an article, or the rule that refuses it, by the settings of wikitext but ``variant``.

    Where an article writes words for each variant, those of its own script stand.
    """
    html = page.content if isinstance(page.content, str) else page.content.decode("utf-8", "replace")
    flags = _flags(page.title, html)
    if rule := _refused(page, html, flags, settings):
        return _dropped(page, html, rule)
    markup = balanced_markup(html)
    body = without_boxes(markup.body, LanguageVariants(page.lang, html), tables=settings.tables)
    parsed = outline_of(replace(markup, body=body), settings.formulas)
    blocks = list(_shown(parsed.blocks, settings))
    text, readings = joined_blocks(blocks, data_rows(parsed.blocks))
    if not text:
        return _dropped(page, html, "empty@1")
    return Document(
        source=page.source,
        document_id=page.document_id,
        lang=page.lang,
        title=page.title,
        url=page.url,
        revision=page.revision,
        text=text,
        place=page.place,
        readings=readings,
        link_characters=sum(block.link_characters for block in blocks),
        flags=flags,
        timestamp=page.timestamp,
        licence=page.licence,
    )


def without_boxes(body: str, variants: LanguageVariants, *, tables: bool) -> str:
    """Balanced markup without what is no text of the article, the words for variants resolved."""
    parts: list[str] = []
    position = 0
    while (tag := _START.search(body, position)) is not None:
        name, attributes = tag[1], tag[2]
        shown = _instead(name, attributes, variants, tables=tables) if attributes or name == "table" else None
        if shown is None:
            parts.append(body[position : tag.end()])
            position = tag.end()
            continue
        parts += (body[position : tag.start()], shown)
        position = tag.end() if name in _VOID else element_end(body, tag.start(), name)
    parts.append(body[position:])
    return "".join(parts)


def _instead(name: str, attributes: str, variants: LanguageVariants, *, tables: bool) -> str | None:
    """What stands for an element, None for itself."""
    if name == "table" and not tables:
        return ""
    if "data-mw-variant" in attributes and (found := _VARIANT.search(attributes)):
        # Of a rule that shows nothing Parsoid makes <meta>; what it shows may hold rules of its own.
        shown = "" if name == "meta" else variants.shown(found[1])
        if "<" not in shown:
            return shown
        inner = balanced_markup(shown).body.removeprefix("<body>").removesuffix("</body></html>")
        return without_boxes(inner, variants, tables=tables)
    values, starts = _left_out()
    for attribute, value in _NAMED.findall(attributes):
        for one in value.split():
            if (attribute, one) in values or any(one.startswith(start) for start in starts.get(attribute, ())):
                return ""
    return None


@cache
def _left_out() -> tuple[frozenset[tuple[str, str]], dict[str, tuple[str, ...]]]:
    """Attribute and value of elements that are left out, and beginnings of values by attribute."""
    values: set[tuple[str, str]] = set()
    starts: dict[str, tuple[str, ...]] = {}
    for attribute, value in read_tsv("hanmill.pipelines.extract.html", "wiki_page.tsv", 2):
        if value.endswith("*"):
            starts[attribute] = (*starts.get(attribute, ()), value[:-1])
        else:
            values.add((attribute, value))
    return frozenset(values), starts


def _shown(blocks: Sequence[Block], settings: WikipediaRecipe) -> Iterator[Block]:
    """The blocks in their order, without sections of references and headings with nothing below them."""
    waiting: list[Block] = []
    cut = 0
    for block in blocks:
        level = int(block.tag[1]) if block.tag in _HEADINGS else 0
        if not level:
            if not cut:
                yield from waiting
                waiting.clear()
                yield block
            continue
        if cut and level > cut:
            continue
        cut = level if not settings.tail_sections and is_tail_title(block.text) else 0
        waiting = [heading for heading in waiting if int(heading.tag[1]) < level]
        if not cut and settings.headings:
            waiting.append(block)


def _flags(title: str, html: str) -> tuple[str, ...]:
    kinds = set(page_flags(title, ""))
    if _DISAMBIGUATION in html:
        kinds.add(DISAMBIGUATION)
    if _STUB.search(html):
        kinds.add(STUB)
    return tuple(kind for kind in (DISAMBIGUATION, LIST, STUB) if kind in kinds)


def _refused(page: RawPage, html: str, flags: tuple[str, ...], settings: WikipediaRecipe) -> str | None:
    if not settings.redirects and ("redirect" in page.flags or _REDIRECT in html):
        return "redirect@1"
    kept = {DISAMBIGUATION: settings.disambiguation, LIST: settings.lists, STUB: settings.stubs}
    return next((f"{flag}@1" for flag in flags if not kept[flag]), None)


def _dropped(page: RawPage, html: str, rule: str) -> Dropped:
    snippet = _SNIPPET.sub(" ", html[: 40 * SNIPPET_CHARACTERS]).strip()[:SNIPPET_CHARACTERS]
    return Dropped(page.source, page.document_id, rule, None, None, page.title, page.url, page.place, snippet)
