"""Wikipedia dumps: splits of a file, and one record for every page in a split.

A page belongs to the split in whose streams it begins, even where it ends in the next (pbzip2 cuts pages apart).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote

from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, Failed, RawPage, Record, Site, Split
from hanmill.pipelines.sources.wikipedia.bz2_streams import (
    StreamDamage,
    StreamData,
    cut_at_streams,
    is_bzip2,
    is_multistream,
    read_from_block,
    read_streams,
)
from hanmill.pipelines.sources.wikipedia.dump import PLAIN_PIECE, dump_files, is_compressed, read_dump, read_plain
from hanmill.pipelines.sources.wikipedia.dump_index import index_path, indexed_streams
from hanmill.pipelines.sources.wikipedia.mediawiki import (
    PageElement,
    PageError,
    PageScanner,
    WikiPage,
    parse_page,
    parse_siteinfo,
)
from hanmill.pipelines.sources.wikipedia.wiki_language import base_address, language_of_dump, wiki_name
from hanmill.schemas.location import location
from hanmill.schemas.recipe import WikipediaRecipe

SOURCE = "wikipedia"
#: How a split is read: from where a bzip2 stream starts, from the first bzip2 block in it, from a byte of plain XML,
#: or as the whole of its file.
MULTISTREAM, BLOCKS, PLAIN, WHOLE = "multistream", "blocks", "plain", "whole"

#: Enough of a dump's beginning to hold its siteinfo and text to tell the language by.
_HEAD_BYTES = 1 << 19
_WIKITEXT = "wikitext"


@dataclass(frozen=True, slots=True)
class Wiki:
    """The wiki a dump was taken from. ``name`` is its database name, ``base`` what addresses start with."""

    name: str
    language: str
    base: str
    siteinfo_namespaces: tuple[tuple[int, str], ...] = ()


def plan_splits(path: str, target_bytes: int) -> list[Split]:
    """Splits of about ``target_bytes`` compressed bytes of a dump or a folder of dumps.

    A multistream file is cut where streams start; a bzip2 stream much larger than a split at any byte, each split
    reading the blocks that begin in it; plain XML at any byte; any other file is one split. Raises DumpError where
    there is nothing to read, ValueError unless ``target_bytes`` is positive.
    """
    return [split for name in dump_files(path) for split in _splits_of_file(name, target_bytes)]


def _splits_of_file(name: str, target_bytes: int) -> list[Split]:
    path = location(name)
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
    if not is_bzip2(head):
        if is_compressed(head) or size <= target_bytes:
            return [whole_file(name)]
        return _even_splits(name, 0, size, target_bytes, PLAIN)
    index = index_path(path)
    cuts = cut_at_streams(path, target_bytes, indexed_streams(index) if index else ())
    if len(cuts) == 1 and not is_multistream(path, target_bytes):
        return [whole_file(name)] if size <= target_bytes else _even_splits(name, 0, size, target_bytes, BLOCKS)
    splits: list[Split] = []
    for start, end in pairwise([*cuts, size]):
        if end - start < 2 * max(target_bytes, PLAIN_PIECE):
            splits.append(Split(SOURCE, name, start, end, MULTISTREAM))
        else:
            splits += _even_splits(name, start, end, target_bytes, BLOCKS)
    return splits


def _even_splits(name: str, start: int, end: int, target_bytes: int, reader: str) -> list[Split]:
    edges = [*range(start, end, max(target_bytes, PLAIN_PIECE) // PLAIN_PIECE * PLAIN_PIECE), end]
    return [Split(SOURCE, name, left, right, reader) for left, right in pairwise(edges)]


def whole_file(name: str) -> Split:
    """All of one file as a single split."""
    return Split(SOURCE, name, 0, location(name).stat().st_size, WHOLE)


def read_split(split: Split, settings: WikipediaRecipe) -> Iterator[Record]:
    """One record for every page that begins in the split, and a Failed for every damaged place.

    Holds one piece of a stream and one page.
    """
    name = os.path.basename(split.path)
    wiki = open_wiki(split.path)
    for item in read_pages(split):
        if isinstance(item, StreamDamage):
            place = f"{name}:{item.offset}"
            yield Failed(SOURCE, f"{wiki.name}:@{item.offset}", item.kind, place, item.message, item.bytes_lost)
        else:
            yield _record(item, wiki, settings, name)


def read_pages(split: Split) -> Iterator[PageElement | StreamDamage]:
    """The pages that begin in a split, in order, and the damage between them."""
    scanner = PageScanner()
    current = -1
    for item in _stored(split):
        mine = item.stream < split.end
        if isinstance(item, StreamDamage):
            left = scanner.unfinished()
            if not mine:
                # The split behind reports the damage; here a page is lost by it.
                if left:
                    yield _with_lost_page(replace(item, kind="unfinished_page", bytes_lost=0), left)
                return
            yield _with_lost_page(item, left) if left else item
            continue
        if not mine and not scanner.inside:
            return
        current = item.stream
        for page in scanner.feed(item.data, item.stream):
            if page.stream >= split.end:
                return
            yield page
    if left := scanner.unfinished():
        end = StreamDamage(current, split.end, "truncated_stream", "expected: </page>; found: the end of the dump")
        yield _with_lost_page(end, left)


def _stored(split: Split) -> Iterator[StreamData | StreamDamage]:
    if split.reader == MULTISTREAM:
        return read_streams(location(split.path), split.start, split.end)
    if split.reader == BLOCKS:
        return read_from_block(location(split.path), split.start, split.end)
    if split.reader == PLAIN:
        return read_plain(location(split.path), split.start, split.end)
    return read_dump(split.path)


def _with_lost_page(damage: StreamDamage, left: bytes) -> StreamDamage:
    try:
        parse_page(PageElement(left, damage.stream, 0, len(left)))
        lost = ""
    except PageError as error:
        lost = str(error)
    begun = (
        f"a page had begun, {len(left):,} bytes of it were read ({lost.rpartition('(')[2].rstrip(')') or 'no title'})"
    )
    return replace(damage, message=f"{damage.message}; {begun}", bytes_lost=damage.bytes_lost + len(left))


@lru_cache(maxsize=64)
def open_wiki(path: str) -> Wiki:
    """The wiki a dump was taken from, read from the beginning of the file whichever split is asked for."""
    head = bytearray()
    for item in read_dump(path):
        if isinstance(item, StreamData):
            head += item.data
        if len(head) >= _HEAD_BYTES:
            break
    siteinfo = parse_siteinfo(bytes(head))
    sample: list[str] = []
    scanner = PageScanner()
    for raw in scanner.feed(bytes(head), 0):
        try:
            sample.append(parse_page(raw).text)
        except PageError:
            continue
    if not sample:
        sample.append(scanner.unfinished().decode("utf-8", "replace"))
    language = language_of_dump(siteinfo, os.path.basename(path), "\n".join(sample))
    name = wiki_name(siteinfo, language)
    return Wiki(name, language, base_address(siteinfo, name), siteinfo.namespaces)


def page_address(wiki: Wiki, title: str) -> str:
    """The address of a page, percent-encoded as MediaWiki does (``wfUrlencode``)."""
    return wiki.base + quote(title.replace(" ", "_"), safe="/:;@$!*(),~-._") if wiki.base else ""


def _record(element: PageElement, wiki: Wiki, settings: WikipediaRecipe, name: str) -> Record:
    place = f"{name}:{element.stream}#{element.number}"
    nameless = f"{wiki.name}:@{element.stream}#{element.number}"
    try:
        page = parse_page(element)
    except PageError as error:
        return Failed(SOURCE, nameless, error.kind, place, str(error), element.size)
    document_id = f"{wiki.name}:{page.page_id}" if page.page_id else nameless
    address = page_address(wiki, page.title)
    if rule := _refused(page, settings):
        snippet = page.text[:SNIPPET_CHARACTERS]
        return Dropped(SOURCE, document_id, rule, None, None, page.title, address, place, snippet)
    return RawPage(
        source=SOURCE,
        document_id=document_id,
        form="wikitext",
        content=page.text,
        place=place,
        size=element.size,
        title=page.title,
        url=address,
        lang=wiki.language,
        revision=page.revision,
        timestamp=page.timestamp,
        flags=() if page.redirect is None else ("redirect",),
        site=Site(wiki.siteinfo_namespaces),
    )


def _refused(page: WikiPage, settings: WikipediaRecipe) -> str | None:
    if page.namespace not in settings.namespaces:
        return "namespace@1"
    return None if page.model == _WIKITEXT else "model@1"
