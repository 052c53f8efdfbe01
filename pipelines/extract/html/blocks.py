"""An HTML page as a list of text blocks in a tree of containers.

The parser is resiliparse's (HTML standard, error recovery included); its serialisation is balanced and has no
``>`` inside attributes, so one regular expression then walks it, without recursion and at no cost per node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from resiliparse.parse.html import HTMLTree

from pipelines.extract.html.whitespace import LINE_END, READING_END, READING_START, collapse, readable

#: Elements whose content is no text of the page.
_SKIPPED = frozenset(
    (
        *("template", "object", "svg", "math", "select", "button", "textarea", "canvas", "audio", "video", "map"),
        *("dialog", "nav", "menu"),
    )
)
#: Comments, and elements whose content is no markup and no text of the page.
_RAW_START = re.compile(r"<(?:!--|(script|style|noscript|iframe|xmp|noembed|noframes)[\s>/])", re.IGNORECASE)
_RAW_END = {
    name: re.compile(f"</{name}[^>]*>", re.IGNORECASE)
    for name in ("script", "style", "noscript", "iframe", "xmp", "noembed", "noframes")
}
_TAG = re.compile(r"<([^>]*)>")
_CONTAINERS = (
    *("html", "body", "div", "section", "article", "main", "td", "th", "ul", "ol", "dl", "table", "tbody", "tr"),
    *("form", "fieldset", "blockquote", "center", "details", "figure", "header", "footer", "aside", "hgroup"),
    *("address", "frameset", "li", "dd"),
)
_BREAKS = (
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "pre", "hr", "figcaption", "caption", "summary", "thead"),
    *("tfoot", "legend"),
)
_ENTER, _LEAVE, _BREAK, _BREAK_END, _LINK, _LINK_END, _LINE, _RUBY, _NOTE, _NOTE_END, _SKIP = range(1, 12)
#: What to do at a tag, by its name with the slash of an end tag; other tags are inline and change nothing.
_ACTIONS = {
    **dict.fromkeys(_CONTAINERS, _ENTER),
    **{f"/{name}": _LEAVE for name in _CONTAINERS},
    **dict.fromkeys(_BREAKS, _BREAK),
    **{f"/{name}": _BREAK_END for name in _BREAKS},
    **dict.fromkeys(_SKIPPED, _SKIP),
    **dict.fromkeys(("rt", "rp", "rtc"), _NOTE),
    **{f"/{name}": _NOTE_END for name in ("rt", "rp", "rtc")},
    "a": _LINK,
    "/a": _LINK_END,
    "br": _LINE,
    "ruby": _RUBY,
}
#: Elements without content, hence without an end.
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
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
    # Scripts are most of many pages: what the parser need not see costs nothing.
    html = _without_raw_text(html)
    try:
        source = HTMLTree.parse(html).document.html
    except UnicodeEncodeError:
        # The parser takes UTF-8, which has no lone surrogates.
        source = HTMLTree.parse(html.encode("utf-8", "ignore").decode()).document.html
    title = _TITLE.search(source)
    return _Reader(readable(_without_raw_text(source))).read(
        title=" ".join(unescape(title[1]).split()) if title else "", lang=_page_language(source)
    )


def _without_raw_text(source: str) -> str:
    """The page without comments and scripts. Where one does not end, the parser decides what that means."""
    parts, end = [], 0
    while start := _RAW_START.search(source, end):
        if not start[1]:
            close = source.find("-->", start.start() + 2)
            close = close + 3 if close >= 0 else -1
        else:
            found = _RAW_END[start[1].lower()].search(source, start.end())
            close = found.end() if found else -1
        if close < 0:
            break
        parts.append(source[end : start.start()])
        end = close
    parts.append(source[end:])
    return "".join(parts)


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


def _is_hidden(name: str, element: str) -> bool:
    # Two searches of plain strings spare nearly every element the regular expression.
    if "hidden" not in element and "none" not in element:
        return False
    return name not in _VOID and _HIDDEN.search(element) is not None


def _unescape(text: str) -> str:
    """The references that the serialisation writes (HTML standard, escaping a string)."""
    return text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@lru_cache(maxsize=8192)
def _attributes(element: str) -> tuple[str, str | None]:
    """Class, id and role in one string, and the language where one is declared."""
    lang = _LANG.search(element)
    return " ".join(_CLASS.findall(element)), lang[1] if lang else None


class _Reader:
    """Walks the tokens of a serialised page and cuts them into blocks."""

    def __init__(self, source: str) -> None:
        body = source.find("<body")
        self._tokens = _TAG.split(source[max(0, body) :])
        self._containers = [Container(-1, "root")]
        self._blocks: list[Block] = []
        self._current = 0
        self._tag = ""
        self._row = self._rows = 0
        #: The next number of each open list; 0 in a list without numbers.
        self._numbers: list[int] = []
        self._pieces: list[str] = []
        self._prefix = ""
        self._link_characters = 0
        self._readings: list[str] = []

    def read(self, title: str, lang: str) -> Outline:
        tokens, pieces = self._tokens, self._pieces
        link_depth = pre_depth = skip_depth = 0
        skipped = ""
        base_start = -1
        reading: list[str] | None = None
        for place in range(0, len(tokens) - 1, 2):
            text, element = tokens[place], tokens[place + 1]
            if skipped:
                name = element.partition(" ")[0]
                if name.removeprefix("/") == skipped:
                    skip_depth += -1 if name[0] == "/" else 1
                    if not skip_depth:
                        skipped = ""
                continue
            if text and (pieces or pre_depth or not text.isspace()):
                if "&" in text:
                    text = _unescape(text)
                if reading is not None:
                    reading.append(text)
                else:
                    pieces.append(text.replace("\n", LINE_END) if pre_depth else text)
                    if link_depth:
                        self._link_characters += len(text) - text.count(" ") - text.count("\n")
            name, _, attributes = element.partition(" ")
            action = _ACTIONS.get(name)
            if action == _SKIP or (attributes and _is_hidden(name, element)):
                skipped, skip_depth = name, 1
                if action in (_ENTER, _BREAK):
                    self._flush()
            elif action is None:
                continue
            elif action <= _BREAK_END:
                if pieces:
                    self._flush()
                self._tag = name if action == _BREAK else ""
                if action == _ENTER:
                    self._enter(name, element)
                elif action == _LEAVE:
                    self._leave(name)
                elif name == "pre":
                    pre_depth += 1
                elif name == "/pre":
                    pre_depth = max(0, pre_depth - 1)
            elif action == _LINK:
                link_depth += "href=" in attributes
            elif action == _LINK_END:
                link_depth = max(0, link_depth - 1)
            elif action == _LINE:
                if pre_depth:
                    pieces.append(LINE_END)
                else:
                    self._flush()
            elif action == _RUBY:
                base_start = len(pieces)
            elif action == _NOTE:
                reading = []
            elif reading is not None:
                if name == "/rt" and 0 <= base_start < len(pieces):
                    self._annotate(base_start, "".join("".join(reading).split()))
                    base_start = len(pieces)
                reading = None
        if not skipped:
            pieces.append(_unescape(tokens[-1]))
        self._flush()
        return Outline(title, lang, self._containers, self._blocks)

    def _enter(self, name: str, element: str) -> None:
        if name == "tr":
            self._rows += 1
            self._row = self._rows
        elif name == "ol":
            self._numbers.append(1)
        elif name == "ul":
            self._numbers.append(0)
        elif name == "li":
            self._tag = "li"
            if self._numbers and self._numbers[-1]:
                self._prefix = f"{self._numbers[-1]}. "
                self._numbers[-1] += 1
        names, lang = _attributes(element)
        if lang is None:
            lang = self._containers[self._current].lang
        self._containers.append(Container(self._current, name, names, lang))
        self._current = len(self._containers) - 1

    def _leave(self, name: str) -> None:
        if name == "/tr":
            self._row = 0
        elif name in ("/ol", "/ul") and self._numbers:
            self._numbers.pop()
        elif name == "/li":
            self._prefix = ""
        self._current = max(0, self._containers[self._current].parent)

    def _annotate(self, start: int, reading: str) -> None:
        """Marks the pieces from ``start`` on as the base of a reading."""
        base = "".join(self._pieces[start:])
        if base.strip() and reading:
            lead = len(base) - len(base.lstrip())
            self._pieces[start:] = [base[:lead], READING_START, base[lead:].rstrip(), READING_END]
            self._readings.append(reading)

    def _flush(self) -> None:
        """Ends the current block."""
        if not self._pieces:
            return
        raw = "".join(self._pieces)
        self._pieces.clear()
        if not raw.isspace():
            text, spans = collapse(raw, self._readings)
            if text:
                if self._prefix:
                    shift = len(self._prefix)
                    text = self._prefix + text
                    spans = [(start + shift, end + shift, reading) for start, end, reading in spans]
                    self._prefix = ""
                self._blocks.append(Block(self._current, self._tag, text, self._link_characters, self._row, spans))
        self._link_characters = 0
        self._readings = []
