"""An HTML page as a list of text blocks in a tree of containers.

The parser is resiliparse's (HTML standard, error recovery included); its serialisation is balanced and has no
``>`` inside attributes, so one regular expression then walks it, without recursion and at no cost per node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from resiliparse.parse.html import HTMLTree

from pipelines.extract.html.whitespace import READING_END, READING_START, collapse, strip_markers

#: Elements whose content is no text of the page.
_SKIPPED = frozenset(
    [
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "button",
        "textarea",
        "canvas",
        "audio",
        "video",
        "map",
        "dialog",
        "nav",
        "menu",
    ]
)
#: Elements whose content the serialisation does not escape.
_RAW = re.compile(
    r"<!--.*?-->|<(script|style|noscript|iframe|xmp|noembed|noframes|plaintext)\b[^>]*>.*?</\1>", re.DOTALL
)
_TAG = re.compile(r"<([^>]*)>")
_CONTAINERS = frozenset(
    [
        "html",
        "body",
        "div",
        "section",
        "article",
        "main",
        "td",
        "th",
        "ul",
        "ol",
        "dl",
        "table",
        "tbody",
        "tr",
        "form",
        "fieldset",
        "blockquote",
        "center",
        "details",
        "figure",
        "header",
        "footer",
        "aside",
        "hgroup",
        "address",
        "frameset",
        "li",
        "dd",
    ]
)
_BREAKS = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "dt",
        "pre",
        "hr",
        "figcaption",
        "caption",
        "summary",
        "thead",
        "tfoot",
        "legend",
        "option",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(
    r"""(?:\s(?:hidden(?=[\s"=/]|$)|aria-hidden="true")|\sstyle="[^"]*display:\s*none)""", re.IGNORECASE
)
_CLASS = re.compile(r'\s(?:class|id|role)="([^"]*)"')
_LANG = re.compile(r'\slang="([^"]*)"')
_META = re.compile(r"<meta\s([^>]*)>")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_HTML = re.compile(r"<html(\s[^>]*)?>")
_CONTENT = re.compile(r'\scontent="([^"]*)"')
_LANGUAGE_META = re.compile(r'(?:http-equiv="content-language"|property="og:locale")', re.IGNORECASE)


@dataclass(slots=True)
class Container:
    """An element that holds blocks. ``parent`` is an index into the list of containers, -1 for the root."""

    parent: int
    tag: str
    names: str = ""
    lang: str = ""


@dataclass(slots=True)
class Block:
    """A run of text without a block boundary inside.

    ``readings`` are (start, end, reading) in code points of ``text``; ``link_characters`` counts without white
    space; ``row`` numbers the table row a cell belongs to, 0 outside tables.
    """

    container: int
    tag: str
    text: str
    link_characters: int
    row: int
    readings: list[tuple[int, int, str]]


@dataclass(slots=True)
class Outline:
    """A parsed page."""

    title: str
    lang: str
    containers: list[Container]
    blocks: list[Block]


def outline(html: str) -> Outline:
    """Parses a page of any length and depth; never raises on malformed markup."""
    # The parser takes UTF-8, which has no lone surrogates; the markers are noncharacters no page may hold.
    html = strip_markers(html.encode("utf-8", "replace").decode())
    source = HTMLTree.parse(html).document.html
    title = _TITLE.search(source)
    return _Reader(_RAW.sub("", source)).read(
        title=" ".join(unescape(title[1]).split()) if title else "", lang=_page_language(source)
    )


def _page_language(source: str) -> str:
    root = _HTML.search(source)
    lang = _LANG.search(root[1]) if root and root[1] else None
    if lang and lang[1].strip():
        return lang[1].strip()
    for meta in _META.finditer(source, 0, 20_000):
        attributes = " " + meta[1]
        content = _CONTENT.search(attributes)
        if content and _LANGUAGE_META.search(attributes):
            return content[1].split(",")[0].strip().replace("_", "-")
    return ""


@dataclass(slots=True)
class _Reader:
    source: str
    containers: list[Container] = field(default_factory=lambda: [Container(-1, "root")])
    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    link_characters: int = 0
    readings: list[str] = field(default_factory=list)

    def read(self, title: str, lang: str) -> Outline:
        tokens = _TAG.split(self.source[self.source.find("<body") :] if "<body" in self.source else self.source)
        current, tag, row, rows = 0, "", 0, 0
        link_depth = 0
        skipped, skip_depth = "", 0
        pre_depth = 0
        base_start = -1
        numbers: list[int] = []
        pieces = self.pieces
        reading: list[str] | None = None
        for place in range(0, len(tokens), 2):
            text = tokens[place]
            if text and not skipped:
                if "&" in text:
                    text = unescape(text)
                if reading is not None:
                    reading.append(text)
                else:
                    pieces.append(text if pre_depth else text.replace("\n", "\r"))
                    if link_depth:
                        self.link_characters += len(text) - text.count(" ") - text.count("\n")
            if place + 1 == len(tokens):
                break
            element = tokens[place + 1]
            closing = element[:1] == "/"
            name = element[1:] if closing else element.partition(" ")[0]
            if skipped:
                if name == skipped:
                    skip_depth += -1 if closing else 1
                    if not skip_depth:
                        skipped = ""
                continue
            if name == "a":
                link_depth = max(0, link_depth - 1) if closing else link_depth + ("href=" in element)
            elif name in _CONTAINERS:
                self.flush(current, tag, row)
                tag = ""
                if closing:
                    if name == "tr":
                        row = 0
                    elif name in ("ol", "ul") and numbers:
                        numbers.pop()
                    current = max(0, self.containers[current].parent)
                    continue
                if _HIDDEN.search(element):
                    skipped, skip_depth = name, 1
                    continue
                if name == "tr":
                    rows += 1
                    row = rows
                elif name == "ol":
                    numbers.append(1)
                elif name == "ul":
                    numbers.append(0)
                elif name == "li":
                    tag = "li"
                    if numbers and numbers[-1]:
                        pieces.append(f"{numbers[-1]}. ")
                        numbers[-1] += 1
                self.containers.append(self.container(current, name, element))
                current = len(self.containers) - 1
            elif name in _BREAKS:
                self.flush(current, tag, row)
                tag = "" if closing else name
                if name == "pre":
                    pre_depth = max(0, pre_depth - 1) if closing else pre_depth + 1
            elif name == "br":
                if pre_depth or not closing:
                    pieces.append("\n")
            elif name == "ruby":
                base_start = len(pieces) if not closing else -1
            elif name in ("rt", "rp", "rtc"):
                if not closing:
                    reading = []
                elif reading is not None:
                    if name == "rt" and 0 <= base_start < len(pieces):
                        self.annotate(base_start, "".join("".join(reading).split()))
                        base_start = len(pieces)
                    reading = None
            elif not closing and (name in _SKIPPED or (" " in element and _HIDDEN.search(element))):
                if name not in ("input", "img", "embed", "meta", "link", "source", "wbr", "area", "col"):
                    skipped, skip_depth = name, 1
        self.flush(current, tag, row)
        return Outline(title, lang, self.containers, self.blocks)

    def container(self, parent: int, name: str, element: str) -> Container:
        if len(element) == len(name):
            return Container(parent, name, "", self.containers[parent].lang)
        lang = _LANG.search(element)
        return Container(
            parent, name, " ".join(_CLASS.findall(element)), lang[1] if lang else self.containers[parent].lang
        )

    def annotate(self, start: int, reading: str) -> None:
        """Marks the pieces from ``start`` on as the base of a reading."""
        base = "".join(self.pieces[start:])
        if base.strip() and reading:
            lead = len(base) - len(base.lstrip())
            self.pieces[start:] = [base[:lead], READING_START, base[lead:].rstrip(), READING_END]
            self.readings.append(reading)

    def flush(self, container: int, tag: str, row: int) -> None:
        """Ends the current block."""
        if not self.pieces:
            return
        raw = "".join(self.pieces)
        self.pieces.clear()
        if not raw.isspace():
            text, spans = collapse(raw, self.readings)
            if text:
                self.blocks.append(Block(container, tag, text, self.link_characters, row, spans))
        self.link_characters = 0
        self.readings = []
