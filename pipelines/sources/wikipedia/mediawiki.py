"""Pages and siteinfo of a MediaWiki export, found by their marks in the byte stream.

No XML parser is run: a page is what stands between ``<page>`` and ``</page>``, and inside a page ``<`` is always
escaped. So a document type, an entity declaration or an external reference is never acted upon, and a damaged page
cannot take its neighbours with it. Format: mediawiki.org "Help:Export", schema export-0.3 to 0.11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PAGE, _PAGE_END = b"<page>", b"</page>"
#: A page larger than this, in bytes of XML, is not held (MediaWiki takes 2 MiB of text; escaped it can grow sixfold).
PAGE_LIMIT = 16 << 20

_NUMERIC = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_TEXT = re.compile(rb"<text(?=[\s>/])[^<>]*>")
_REVISION = re.compile(rb"<revision>\s*<id>\s*(\d+)\s*</id>")
_TIMESTAMP = re.compile(rb"<timestamp>([^<]*)</timestamp>")
_MODEL = re.compile(rb"<model>([^<]*)</model>")
_ID = re.compile(rb"<id>\s*(\d+)\s*</id>")
_NS = re.compile(rb"<ns>\s*(-?\d{1,9})\s*</ns>")
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
_REDIRECT = re.compile(rb"<redirect(?=[\s/>])(?:[^<>]*\btitle=\"([^\"<>]*)\")?[^<>]*>")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)

#: A slot of a revision (schema 0.11); the main one stands outside such elements, or has its role.
_CONTENT = re.compile(rb"<content>(.*?)</content>", re.DOTALL)
_MAIN_ROLE = re.compile(rb"<role>\s*main\s*</role>")

_SITEINFO_TEXT = {
    name: re.compile(rb"<" + name.encode() + rb">([^<]*)</" + name.encode() + rb">")
    for name in ("dbname", "base", "sitename")
}
_XML_LANG = re.compile(rb"<mediawiki\b[^>]*\bxml:lang=\"([^\"]*)\"")
_NAMESPACE = re.compile(rb"<namespace\s[^>]*?key=\"(-?\d{1,9})\"[^>]*?(?:/>|>([^<]*)</namespace>)")


class PageError(ValueError):
    """A page that lacks what makes it one. ``kind`` is a short stable name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Siteinfo:
    """What a dump says of its wiki; empty where it says nothing. ``language`` is ``xml:lang``."""

    dbname: str = ""
    base: str = ""
    sitename: str = ""
    language: str = ""
    namespaces: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PageElement:
    """The bytes of one page, marks included. ``stream`` is the offset of the stream in which it begins.

    ``number`` counts the pages of that stream from 0. ``size`` is in bytes; ``data`` is cut where a page is larger
    than PAGE_LIMIT.
    """

    data: bytes
    stream: int
    number: int
    size: int


@dataclass(frozen=True, slots=True)
class WikiPage:
    """One page with its last revision. ``redirect`` is the target the dump names, None where it names none."""

    title: str
    namespace: int
    page_id: str
    revision: str
    timestamp: str
    model: str
    redirect: str | None
    text: str


class PageScanner:
    """Finds pages in pieces of a stream; what is left at the end is ``unfinished``."""

    __slots__ = ("_behind", "_buffer", "_inside", "_number", "_size", "_start", "_stream")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._inside = False
        #: Stream of the newest piece and the number of its next page; the same of the stream before.
        self._stream = -1
        self._number = 0
        self._behind = (-1, 0)
        #: Stream and number of the page that has begun.
        self._start = (-1, 0)
        self._size = 0

    @property
    def inside(self) -> bool:
        """Whether a page has begun and not ended; true also where a piece ends within ``<page>``."""
        return self._inside or any(self._buffer.endswith(_PAGE[:length]) for length in range(1, len(_PAGE)))

    def feed(self, data: bytes, stream: int) -> Iterator[PageElement]:
        """Adds a piece and gives every page that ends in it. A page may begin in one stream and end in another."""
        buffer = self._buffer
        scanned = max(0, len(buffer) - len(_PAGE_END))
        foreign = 0
        if stream != self._stream:
            self._behind = (self._stream, self._number)
            self._stream, self._number = stream, 0
            foreign = len(buffer)
        buffer += data
        position = 0
        #: Where the next ``</page>`` stands, the buffer's end for nowhere; looked for once for all pages before it.
        closing = -1
        while True:
            if not self._inside:
                found = buffer.find(_PAGE, position)
                if found < 0:
                    del buffer[: max(position, len(buffer) - len(_PAGE) + 1)]
                    return
                self._begin_page(in_stream_before=found < foreign)
                scanned = position = found
            if closing < max(scanned, position):
                found = buffer.find(_PAGE_END, max(scanned, position))
                closing = found if found >= 0 else len(buffer)
            again = buffer.find(_PAGE, max(scanned, position + 1), closing)
            if again > position:
                yield self._page(bytes(buffer[position:again]))
                self._begin_page(in_stream_before=again < foreign)
                scanned = position = again
                continue
            if closing == len(buffer):
                del buffer[:position]
                self._bound()
                return
            end = closing + len(_PAGE_END)
            yield self._page(bytes(buffer[position:end]))
            self._inside = False
            position = end

    def unfinished(self) -> bytes:
        """The beginning of a page that never ended, and forgets it."""
        left = bytes(self._buffer) if self._inside else b""
        self._buffer.clear()
        self._inside = False
        return left

    def _begin_page(self, *, in_stream_before: bool) -> None:
        """A page belongs to the stream in which its mark begins."""
        if in_stream_before:
            self._start = self._behind
        else:
            self._start = (self._stream, self._number)
            self._number += 1
        self._inside, self._size = True, 0

    def _page(self, data: bytes) -> PageElement:
        stream, number = self._start
        return PageElement(data, stream, number, self._size + len(data))

    def _bound(self) -> None:
        """Keeps only the head of a page that is too large, and its last bytes."""
        surplus = len(self._buffer) - PAGE_LIMIT
        if surplus > 0:
            del self._buffer[4096 : 4096 + surplus]
            self._size += surplus


def parse_page(raw: PageElement) -> WikiPage:
    """Reads one page. Raises PageError where it has no end, no title, no text or is too large."""
    data = raw.data
    if raw.size > PAGE_LIMIT:
        raise PageError(
            "oversized_page", f"size of the page: {raw.size:,} bytes; at most: {PAGE_LIMIT:,} ({_peek(data)})"
        )
    if not data.endswith(_PAGE_END):
        raise PageError("unfinished_page", f"expected: </page>; found: another <page> ({_peek(data)})")
    title = _TITLE.search(data)
    if title is None:
        raise PageError("no_title", f"expected: <title>; found: none in {len(data):,} bytes")
    if b"<content>" in data:
        data = _CONTENT.sub(_main_slot, data)
    text_tags = list(_TEXT.finditer(data))
    text_tag = text_tags[-1] if text_tags else None
    revision = text = b""
    head = data
    if text_tag is not None:
        end = data.find(b"</text>", text_tag.end())
        empty = text_tag.group().endswith(b"/>")
        if end < 0 and not empty:
            raise PageError("no_text_end", f"expected: </text>; found: the end of the page ({_peek(data)})")
        text = b"" if empty else data[text_tag.end() : end]
        head = data[: text_tag.start()]
    elif b"<revision" not in data:
        raise PageError("no_revision", f"expected: <revision>; found: none ({_peek(data)})")
    revisions = _REVISION.findall(head)
    revision = revisions[-1] if revisions else b""
    page_id, namespace = _ID.search(head), _NS.search(head)
    redirect = _REDIRECT.search(head)
    return WikiPage(
        title=unescape(title.group(1).decode("utf-8", "replace")).strip(),
        namespace=int(namespace.group(1)) if namespace else 0,
        page_id=page_id.group(1).decode() if page_id else "",
        revision=revision.decode(),
        timestamp=_last(_TIMESTAMP, head),
        model=_last(_MODEL, head) or "wikitext",
        redirect=None if redirect is None else unescape((redirect.group(1) or b"").decode("utf-8", "replace")),
        text=unescape(text.decode("utf-8", "replace")),
    )


def _main_slot(match: re.Match[bytes]) -> bytes:
    """Of a revision with several slots the main one is the page."""
    return match[1] if _MAIN_ROLE.search(match[1]) else b""


def parse_siteinfo(head: bytes) -> Siteinfo:
    """What the beginning of a dump, up to the first page, says of its wiki."""
    head = head.partition(_PAGE)[0]
    found = {name: _last(pattern, head) for name, pattern in _SITEINFO_TEXT.items()}
    language = _XML_LANG.search(head)
    namespaces = tuple((int(key), unescape(name.decode("utf-8", "replace"))) for key, name in _NAMESPACE.findall(head))
    return Siteinfo(
        **found, language=language.group(1).decode("utf-8", "replace") if language else "", namespaces=namespaces
    )


def unescape(text: str) -> str:
    """The five predefined entities and character references, once; any other entity stays as it is written.

    >>> unescape("&lt;ref&gt; &amp;lt; &#x6f22; &lol9;")
    '<ref> &lt; 漢 &lol9;'
    """
    if "<![CDATA[" in text:
        return _CDATA.sub(lambda match: match.group(1), text)
    if "&" not in text:
        return text
    if "&#" in text:
        return _NUMERIC.sub(_character, text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    return text.replace("&amp;", "&")


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _PREDEFINED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or (code < 0x20 and code not in (9, 10, 13)):
        return match.group()
    return chr(code)


def _last(pattern: re.Pattern[bytes], data: bytes) -> str:
    found = pattern.findall(data)
    return unescape(found[-1].decode("utf-8", "replace")).strip() if found else ""


def _peek(data: bytes) -> str:
    title = _TITLE.search(data[:4096])
    return f"title {title.group(1).decode('utf-8', 'replace')!r}" if title else f"begins {data[:60]!r}"
