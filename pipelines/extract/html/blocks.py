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

from pipelines.extract.html.whitespace import LINE_END, READING_END, READING_START, collapse, without_marks

#: Elements whose content is no text of the page.
_SKIPPED = frozenset(
    (
        *("template", "object", "svg", "math", "select", "button", "textarea", "canvas", "audio", "video", "map"),
        *("dialog", "nav", "menu"),
    )
)
#: Comments, and elements whose content is no markup and no text of the page.
_RAW_START = re.compile(r"<(?=[!snix])(?:!--|(script|style|noscript|iframe|xmp|noembed|noframes)[\s>/])", re.IGNORECASE)
#: Those the parser may leave or make, in the lower case that it writes.
_RAW_LEFT = ("<!--", "<script", "<style", "<noscript", "<iframe", "<xmp", "<noembed", "<noframes")
_RAW_END = {
    name: re.compile(f"</{name}[^>]*>", re.IGNORECASE)
    for name in ("script", "style", "noscript", "iframe", "xmp", "noembed", "noframes")
}
_CONTAINERS = (
    *("html", "body", "div", "section", "article", "main", "td", "th", "ul", "ol", "dl", "table", "form", "fieldset"),
    *("blockquote", "center", "details", "figure", "header", "footer", "aside", "address", "frameset"),
)
_BREAKS = (
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "hr", "figcaption", "caption", "summary", "thead", "tbody"),
    *("tfoot", "legend", "hgroup"),
)
#: Breaks with more to do: items are numbered, rows counted, white space kept.
_STRUCTURED = ("li", "tr", "pre")
_ENTER, _LEAVE, _BREAK, _BREAK_END, _STRUCTURE, _LINK, _LINK_END, _LINE, _RUBY, _NOTE, _NOTE_END, _SKIP = range(1, 13)
#: What to do at a tag, by its name with the slash of an end tag; other tags are inline and change nothing.
_ACTIONS = {
    **dict.fromkeys(_CONTAINERS, _ENTER),
    **{f"/{name}": _LEAVE for name in _CONTAINERS},
    **dict.fromkeys(_BREAKS, _BREAK),
    **{f"/{name}": _BREAK_END for name in _BREAKS},
    **dict.fromkeys(_STRUCTURED, _STRUCTURE),
    **{f"/{name}": _STRUCTURE for name in _STRUCTURED},
    **dict.fromkeys(_SKIPPED, _SKIP),
    **dict.fromkeys(("rt", "rp", "rtc"), _NOTE),
    **{f"/{name}": _NOTE_END for name in ("rt", "rp", "rtc")},
    "a": _LINK,
    "/a": _LINK_END,
    "br": _LINE,
    "ruby": _RUBY,
}
#: A tag (name with the slash of an end tag, attributes) and the text up to the next one.
_TOKEN = re.compile(r"<([^ >]*)([^>]*)>([^<]*)")
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
    if any(start in source for start in _RAW_LEFT):
        source = _without_raw_text(source)
    return _Reader(without_marks(source)).read(
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


def _is_hidden(name: str, attributes: str) -> bool:
    # Two searches of plain strings spare nearly every element the regular expression.
    if "hidden" not in attributes and "none" not in attributes:
        return False
    return name not in _VOID and _HIDDEN.search(attributes) is not None


def _unescape(text: str) -> str:
    """The references that the serialisation writes (HTML standard, escaping a string)."""
    return text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@lru_cache(maxsize=8192)
def _attributes(attributes: str) -> tuple[str, str | None]:
    """Class, id and role in one string, and the language where one is declared."""
    lang = _LANG.search(attributes)
    return " ".join(_CLASS.findall(attributes)), lang[1] if lang else None


class _Reader:
    """Walks the tokens of a serialised page and cuts them into blocks."""

    def __init__(self, source: str) -> None:
        body = source.find("<body")
        self._source = source[max(0, body) :]
        self._containers = [Container(-1, "root")]
        self._blocks: list[Block] = []
        self._current = 0
        self._tag = ""
        self._row = self._rows = 0
        self._pre_depth = 0
        #: The next number of each open list; 0 in a list without numbers.
        self._numbers: list[int] = []
        self._pieces: list[str] = []
        self._prefix = ""
        self._link_characters = 0
        self._readings: list[str] = []

    def read(self, title: str, lang: str) -> Outline:
        pieces = self._pieces
        link_depth = skip_depth = 0
        skipped = skip_end = ""
        base_start = -1
        reading: list[str] | None = None
        for name, attributes, text in _TOKEN.findall(self._source):
            if skipped:
                skip_depth += (name == skipped) - (name == skip_end)
                if skip_depth:
                    continue
                skipped = ""
            elif action := _ACTIONS.get(name):
                if action == _SKIP or (attributes and _is_hidden(name, attributes)):
                    skipped, skip_end, skip_depth = name, f"/{name}", 1
                    if action in (_ENTER, _BREAK, _STRUCTURE):
                        self._flush()
                    continue
                if action <= _STRUCTURE:
                    if pieces:
                        self._flush()
                    self._tag = name if action == _BREAK else ""
                    if action == _ENTER:
                        self._enter(name, attributes)
                    elif action == _LEAVE:
                        self._leave(name)
                    elif action == _STRUCTURE:
                        self._structure(name)
                elif action == _LINK:
                    link_depth += "href=" in attributes
                elif action == _LINK_END:
                    link_depth = max(0, link_depth - 1)
                elif action == _LINE:
                    if self._pre_depth:
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
            elif attributes and _is_hidden(name, attributes):
                skipped, skip_end, skip_depth = name, f"/{name}", 1
                continue
            if text and (pieces or self._pre_depth or not text.isspace()):
                if "&" in text:
                    text = _unescape(text)
                if reading is not None:
                    reading.append(text)
                else:
                    pieces.append(text.replace("\n", LINE_END) if self._pre_depth else text)
                    if link_depth:
                        self._link_characters += len(text) - text.count(" ") - text.count("\n")
        self._flush()
        return Outline(title, lang, self._containers, self._blocks)

    def _enter(self, name: str, attributes: str) -> None:
        if name == "ol":
            self._numbers.append(1)
        elif name == "ul":
            self._numbers.append(0)
        names, lang = _attributes(attributes) if attributes else ("", None)
        if lang is None:
            lang = self._containers[self._current].lang
        self._containers.append(Container(self._current, name, names, lang))
        self._current = len(self._containers) - 1

    def _leave(self, name: str) -> None:
        if name in ("/ol", "/ul") and self._numbers:
            self._numbers.pop()
        self._current = max(0, self._containers[self._current].parent)

    def _structure(self, name: str) -> None:
        if name == "tr":
            self._rows += 1
            self._row = self._rows
        elif name == "/tr":
            self._row = 0
        elif name == "li":
            self._tag = "li"
            if self._numbers and self._numbers[-1]:
                self._prefix = f"{self._numbers[-1]}. "
                self._numbers[-1] += 1
        elif name == "/li":
            self._prefix = ""
        elif name == "pre":
            self._tag = "pre"
            self._pre_depth += 1
        else:
            self._pre_depth = max(0, self._pre_depth - 1)

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
