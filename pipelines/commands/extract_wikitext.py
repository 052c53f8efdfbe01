"""``hanmill extract wikitext``: pages of a dump, or one page of wikitext, as JSON lines."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from hanmill.pipelines.annotate.segmenters import cutter
from hanmill.pipelines.commands.missing_files import end_where_missing
from hanmill.pipelines.commands.refusal import Refusal
from hanmill.pipelines.extract.wikitext import Extracted, VariantError, extract
from hanmill.pipelines.extract.wikitext.group_pages import read_groups
from hanmill.pipelines.extract.wikitext.variants import checked_variant
from hanmill.pipelines.sources.wikipedia.bz2_streams import StreamDamage
from hanmill.pipelines.sources.wikipedia.dump import DumpError, dump_files, read_dump
from hanmill.pipelines.sources.wikipedia.dump_format import foreign_format
from hanmill.pipelines.sources.wikipedia.mediawiki import PageElement, PageError, WikiPage, parse_page
from hanmill.pipelines.sources.wikipedia.namespaces import Namespaces, namespaces_for
from hanmill.pipelines.sources.wikipedia.reader import Wiki, open_wiki, page_address, read_pages, whole_file
from hanmill.pipelines.sources.wikipedia.wiki_language import script_language
from hanmill.pipelines.text.printable import json_line, printable
from hanmill.schemas.recipe import SegmentRecipe

#: A file that is no dump is one page of wikitext; anything larger is not read whole.
_PAGE_LIMIT = 128 << 20
_HEAD = 1 << 16

Line = dict[str, Any]
Options = dict[str, Any]


@click.command("wikitext", epilog="Example: hanmill extract wikitext --variant zh-tw zhwiki.xml.bz2 > pages.jsonl")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--lang", default="", help="Language of the wiki; found out where it is not given.")
@click.option("--variant", "variants", multiple=True, help="zh-hans, zh-hant, zh-tw, … (repeat for parallel text).")
@click.option("--groups", default="", metavar="DUMP", help="Pages Module:CGroup/… whose rules --variant is to apply.")
@click.option("--headings/--no-headings", default=True, show_default=True, help="Keep section titles as lines.")
@click.option("--tail-sections", is_flag=True, help="Keep references, notes and external links.")
@click.option("--tables", is_flag=True, help="Keep tables, a row a line, cells parted by tabs.")
@click.option("--templates", is_flag=True, help="Print the templates left out most often to standard error.")
def wikitext(
    files: tuple[str, ...],
    lang: str,
    variants: tuple[str, ...],
    groups: str,
    headings: bool,
    tail_sections: bool,
    tables: bool,
    templates: bool,
) -> None:
    """Prints one JSON object a line for every page: title, id, text, spans; error where a page cannot be read."""
    options: Options = {"headings": headings, "tail_sections": tail_sections, "tables": tables}
    if groups:
        try:
            options["groups"] = read_groups(groups)
        except (DumpError, OSError) as error:
            raise Refusal(f"--groups {groups}: {error}") from error
    if variants:
        options["cut"] = cutter(SegmentRecipe())
    dropped: Counter[str] = Counter()
    for name in files:
        for line in _lines(name, lang, variants, options, dropped):
            click.echo(json_line(line).encode())
    if templates:
        for template, count in dropped.most_common(50):
            click.echo(f"{count:>8}  {printable(template)}", err=True)
    end_where_missing(files)


def _lines(name: str, lang: str, variants: tuple[str, ...], options: Options, dropped: Counter[str]) -> Iterator[Line]:
    try:
        for file in dump_files(name):
            yield from _lines_of_file(file, lang, variants, options, dropped)
    except (DumpError, OSError) as error:
        yield {"file": name, "error": f"unreadable_file: {error}"}


def _lines_of_file(
    file: str, lang: str, variants: tuple[str, ...], options: Options, dropped: Counter[str]
) -> Iterator[Line]:
    beginning = _beginning(file)
    if foreign := foreign_format(beginning or b""):
        yield {"file": file, "error": f"no_dump: found {foreign}; expected a MediaWiki XML dump or a page of wikitext"}
        return
    if beginning is not None and not _is_export(beginning):
        yield from _bare_page(file, lang, variants, options, dropped)
        return
    wiki = open_wiki(file)
    language = lang or wiki.language
    namespaces = namespaces_for(language, wiki.siteinfo_namespaces)
    for item in read_pages(whole_file(file)):
        if isinstance(item, StreamDamage):
            yield {"file": file, "offset": item.offset, "error": f"{item.kind}: {item.message}"}
            continue
        try:
            page = parse_page(item)
        except PageError as error:
            yield _unreadable(item, file, error)
            continue
        yield from _page_lines(page, wiki, language, namespaces, variants, options, dropped)


def _unreadable(item: PageElement, file: str, error: PageError) -> Line:
    return {"file": file, "offset": item.stream, "page": item.number, "error": f"{error.kind}: {error}"}


def _page_lines(
    page: WikiPage,
    wiki: Wiki,
    language: str,
    namespaces: Namespaces,
    variants: tuple[str, ...],
    options: Options,
    dropped: Counter[str],
) -> Iterator[Line]:
    about: Line = {
        "id": page.page_id,
        "namespace": page.namespace,
        "revision": page.revision,
        "timestamp": page.timestamp,
        "url": page_address(wiki, page.title),
        "lang": language,
    }
    if page.redirect is not None:
        about["redirect"] = page.redirect
    yield from _texts(page.text, page.title, about, language, namespaces, variants, options, dropped)


def _bare_page(
    file: str, lang: str, variants: tuple[str, ...], options: Options, dropped: Counter[str]
) -> Iterator[Line]:
    size = os.path.getsize(file)
    if size > _PAGE_LIMIT:
        yield {"file": file, "error": f"oversized_page: size: {size:,} bytes; at most: {_PAGE_LIMIT:,}"}
        return
    text = Path(file).read_bytes().decode("utf-8", "replace")
    language = lang or script_language(text)
    title = Path(file).stem
    yield from _texts(text, title, {"id": ""}, language, namespaces_for(language), variants, options, dropped)


def _texts(
    text: str,
    title: str,
    about: Line,
    language: str,
    namespaces: Namespaces,
    variants: tuple[str, ...],
    options: Options,
    dropped: Counter[str],
) -> Iterator[Line]:
    for variant in variants or ("",):
        try:
            if variant:
                checked_variant(language, variant)
            extracted = extract(text, language, title=title, variant=variant, namespaces=namespaces, **options)
        except VariantError as error:
            yield {"title": title, **about, "error": f"unknown_variant: {error}"}
            continue
        dropped.update(extracted.templates_dropped)
        yield _line(extracted, about, variant)


def _line(extracted: Extracted, about: Line, variant: str) -> Line:
    line: Line = {"title": extracted.title, **about}
    if variant:
        line["variant"] = variant
    line["text"] = extracted.text
    line["spans"] = [
        {"start": reading.start, "end": reading.end, "reading": reading.reading} for reading in extracted.readings
    ]
    line["flags"] = list(extracted.flags)
    return line


def is_dump(file: str) -> bool:
    """Whether a file is a MediaWiki export in any form, and not a page of wikitext."""
    beginning = _beginning(file)
    return beginning is None or _is_export(beginning)


def _beginning(file: str) -> bytes | None:
    """The first decoded bytes, None where the file is damaged so early."""
    head = bytearray()
    for item in read_dump(file):
        if isinstance(item, StreamDamage):
            return None
        head += item.data
        if item.stream or len(head) >= _HEAD:
            break
    return bytes(head[:_HEAD])


def _is_export(beginning: bytes) -> bool:
    return b"<mediawiki" in beginning or b"<page>" in beginning
