"""An HTML page as a list of text blocks in a tree of containers.

Balanced markup is cut at every ``<`` and read from front to end: no recursion, and no call per element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from hanmill.pipelines.extract.formulas.sentences import without_marked_sentences
from hanmill.pipelines.extract.formulas.tex import FormulaForm
from hanmill.pipelines.extract.html.character_images import with_character_images
from hanmill.pipelines.extract.html.element_names import name_flags
from hanmill.pipelines.extract.html.formulas import with_formulas
from hanmill.pipelines.extract.html.list_numbers import NUMBERLESS, ListNumbers, list_numbers
from hanmill.pipelines.extract.html.markup import Markup, balanced_markup
from hanmill.pipelines.extract.html.preserved_lines import with_preserved_lines
from hanmill.pipelines.extract.html.scripts import OpenScript, is_note_target, script_text, with_script_elements
from hanmill.pipelines.extract.html.signs import FORMULAS, LINES, SCRIPTS
from hanmill.pipelines.extract.html.tags import (
    ACTIONS,
    BREAK,
    ENTER,
    INLINE,
    ITEM,
    ITEM_END,
    LAST_OF_BLOCK,
    LEAVE,
    LINE,
    LINK,
    LINK_END,
    NOTE,
    RUBY,
    SCRIPT,
    SCRIPT_END,
    SKIP,
    STRUCTURE,
    VOID,
)
from hanmill.pipelines.extract.html.whitespace import (
    BLOCK_END,
    FORMULA,
    LINE_END,
    READING_END,
    READING_START,
    collapse,
    take_readings,
    without_marks,
)

_HIDDEN = re.compile(
    r"""(?:\s(?:hidden(?=[\s"=/]|$)|aria-hidden="true")|\sstyle="[^"]*display\s*:\s*none)""", re.IGNORECASE
)
_CLASS = re.compile(r'\s(?:class|id|role)="([^"]*)"')
_LANG = re.compile(r'\slang="([^"]*)"')
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: What wikis put behind a heading.
_EDIT_LINK = re.compile(
    r"(?<=.)\s*(?:[\[［]\s*(?:编辑|編輯|編集|edit|편집)(?:\s*[|｜]\s*[^\[\]［］]{1,12})?\s*[\]］]|(?:播报)?(?:编辑|編輯|編集)(?:本段)?)\s*\Z"
)


@dataclass(slots=True)
class Block:
    """A run of text without a block boundary inside.

    ``container`` is an index into the columns of the outline. ``readings`` are (start, end, reading) in code points
    of ``text``; ``link_characters`` counts without white space; ``row`` numbers the table row a cell belongs to, 0
    outside tables.
    """

    container: int
    tag: str
    text: str
    link_characters: int
    row: int
    readings: Sequence[tuple[int, int, str]]


@dataclass(slots=True)
class Outline:
    """A parsed page: its blocks, and the elements that hold them as columns, parents before children.

    ``parents`` are indices, -1 for the root at 0; ``names`` are class, id and role in one string, ``signs`` what they
    say (flags of ``element_names``); ``languages`` are inherited.
    """

    title: str
    lang: str
    blocks: list[Block] = field(default_factory=list)
    parents: list[int] = field(default_factory=lambda: [-1])
    tags: list[str] = field(default_factory=lambda: ["root"])
    names: list[str] = field(default_factory=lambda: [""])
    signs: list[int] = field(default_factory=lambda: [0])
    languages: list[str] = field(default_factory=lambda: [""])


def outline(html: str, formulas: FormulaForm = "tex") -> Outline:
    """Parses a page of any length and depth; never raises on malformed markup."""
    return outline_of(balanced_markup(html), formulas)


def outline_of(markup: Markup, formulas: FormulaForm = "tex") -> Outline:
    """The outline of markup that is parsed already."""
    page = Outline(markup.title, markup.lang)
    body = without_marks(markup.body)
    signs = markup.signs
    if FORMULAS in signs:
        body = with_formulas(body, formulas)
    if ' alt="' in body:
        body = with_character_images(body)
    if LINES in signs:
        body = with_preserved_lines(body)
    if SCRIPTS in signs:
        body = with_script_elements(body)
    _Reader(page).read(body)
    return page


def _is_hidden(name: str, attributes: str) -> bool:
    return name not in VOID and _HIDDEN.search(" " + attributes) is not None


def _unescape(text: str) -> str:
    """The references that the serialisation writes (HTML standard, escaping a string)."""
    return text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@lru_cache(maxsize=32768)
def _attributes(attributes: str) -> tuple[str, int, str | None]:
    """Class, id and role in one string, what they say, and the language where one is declared."""
    if attributes.startswith('class="') and attributes.find('"', 7) == len(attributes) - 1:
        # Nearly every element with a name has a class alone.
        names = attributes[7:-1]
        return names, name_flags(names), None
    attributes = " " + attributes
    lang = _LANG.search(attributes) if ' lang="' in attributes else None
    names = " ".join(_CLASS.findall(attributes))
    return names, name_flags(names) if names else 0, lang[1] if lang else None


def _tags(body: str) -> Iterator[str]:
    """The tags without their ``<``, each with the text up to the next one."""
    cut = body.split("<")
    pieces = iter(cut)
    next(pieces)
    return pieces if len(cut) - 1 == body.count(">") else _whole_tags(pieces)


def _whole_tags(pieces: Iterator[str]) -> Iterator[str]:
    """Malformed pages have ``<`` in the names of tags and attributes, where nothing escapes it."""
    held = ""
    for piece in pieces:
        held += piece
        if ">" in piece:
            yield held
            held = ""
        else:
            held += "<"


def _text_after(name: str, pieces: Iterator[str]) -> str:
    """Passes over the rest of an element; returns the text behind its end."""
    end, depth = f"/{name}", 1
    for piece in pieces:
        if piece.startswith((name, end)):
            tag, _, text = piece.partition(">")
            tag = tag.partition(" ")[0]
            depth += (tag == name) - (tag == end)
            if not depth:
                return text
    return ""


class _Reader:
    """Cuts the text of a page into blocks."""

    def __init__(self, page: Outline) -> None:
        self._page = page
        self._current = 0
        self._tag = ""
        self._row = self._rows = 0
        self._pre_depth = 0
        #: The numbers of each open list.
        self._numbers: list[ListNumbers] = []
        #: The numbers of all numbered items so far, and the place of the open one; 0 outside.
        self._prefixes = [""]
        self._item = 0
        #: Text of the current block.
        self._text: list[str] = []
        self._readings: list[str] = []
        #: Blocks before white space is collapsed: text; container, tag, link characters, row, item, readings.
        self._raw: list[str] = []
        self._places: list[tuple[int, str, int, int, int, list[str]]] = []

    def read(self, body: str) -> None:
        text_of_block = self._text
        page = self._page
        parents, languages = page.parents, page.languages
        action_of = ACTIONS.get
        link_depth = links = 0
        base_start = -1
        reading: list[str] | None = None
        scripts: list[OpenScript] = []
        pieces = _tags(body)
        for piece in pieces:
            name, _, text = piece.partition(">")
            attributes = ""
            action = action_of(name)
            if action is None:
                name, _, attributes = name.partition(" ")
                action = action_of(name, INLINE)
                # Searches of plain strings spare nearly every element the regular expression.
                if ("hidden" in attributes or "none" in attributes or "NONE" in attributes) and _is_hidden(
                    name, attributes
                ):
                    if text_of_block and action in (ENTER, BREAK, ITEM, STRUCTURE):
                        self._end_block(links)
                        links = 0
                    action = SKIP
            if action:
                if action <= LAST_OF_BLOCK:
                    if text_of_block:
                        self._end_block(links)
                        links = 0
                    self._tag = ""
                    if action == ENTER:
                        names, signs, lang = _attributes(attributes) if attributes else ("", 0, None)
                        current = self._current
                        self._current = len(parents)
                        languages.append(languages[current] if lang is None else lang)
                        page.names.append(names)
                        page.signs.append(signs)
                        page.tags.append(name)
                        parents.append(current)
                        if name == "ul" or name == "ol":
                            self._numbers.append(NUMBERLESS if name == "ul" else list_numbers(attributes))
                    elif action == LEAVE:
                        self._current = max(0, parents[self._current])
                        if (name == "/ul" or name == "/ol") and self._numbers:
                            self._numbers.pop()
                    elif action == BREAK:
                        self._tag = name
                    elif action == ITEM:
                        self._tag = "li"
                        if self._numbers and self._numbers[-1] is not NUMBERLESS:
                            self._item = len(self._prefixes)
                            self._prefixes.append(self._numbers[-1].next(attributes))
                    elif action == ITEM_END:
                        self._item = 0
                    elif action == STRUCTURE:
                        self._structure(name)
                elif action == LINK:
                    link_depth += "href=" in attributes
                    if scripts and is_note_target(attributes):
                        scripts[-1].is_note = True
                elif action == LINK_END:
                    link_depth = max(0, link_depth - 1)
                elif action == SKIP:
                    text = _text_after(name, pieces)
                elif action == LINE:
                    if self._pre_depth:
                        text_of_block.append(LINE_END)
                    elif text_of_block:
                        self._end_block(links)
                        links = 0
                elif action == RUBY:
                    base_start = len(text_of_block)
                elif action == SCRIPT:
                    scripts.append(OpenScript(name, attributes, len(self._raw), len(text_of_block), links))
                elif action == SCRIPT_END:
                    if scripts and (script := scripts.pop()).block == len(self._raw):
                        links = self._close_script(script, links)
                elif action == NOTE:
                    reading = []
                elif reading is not None:
                    if name == "/rt" and 0 <= base_start < len(text_of_block):
                        self._annotate(base_start, "".join("".join(reading).split()))
                        base_start = len(text_of_block)
                    reading = None
            if text and (text_of_block or self._pre_depth or not text.isspace()):
                if "&" in text:
                    text = _unescape(text)
                if reading is not None:
                    reading.append(text)
                else:
                    text_of_block.append(text.replace("\n", LINE_END) if self._pre_depth else text)
                    if link_depth:
                        links += len(text) - text.count(" ") - text.count("\n")
        if text_of_block:
            self._end_block(links)
        self._collapse()

    def _structure(self, name: str) -> None:
        if name == "tr":
            self._rows += 1
            self._row = self._rows
        elif name == "/tr":
            self._row = 0
        elif name == "pre":
            self._tag = "pre"
            self._pre_depth += 1
        else:
            self._pre_depth = max(0, self._pre_depth - 1)

    def _annotate(self, start: int, reading: str) -> None:
        """Marks the text from ``start`` on as the base of a reading."""
        base = "".join(self._text[start:])
        if base.strip() and reading:
            lead = len(base) - len(base.lstrip())
            self._text[start:] = [base[:lead], READING_START, base[lead:].rstrip(), READING_END]
            self._readings.append(reading)

    def _close_script(self, script: OpenScript, links: int) -> int:
        """Raises or lowers the text since ``<sup>`` or ``<sub>``; returns the link characters of the block."""
        pieces = self._text
        inside = "".join(pieces[script.start :])
        if not inside or READING_START in inside:
            return links
        shown = script_text(script, inside, "".join(pieces[max(0, script.start - 3) : script.start]))
        del pieces[script.start :]
        if shown:
            pieces.append(shown)
            return links
        return script.links

    def _end_block(self, links: int) -> None:
        text = "".join(self._text)
        # Most white space of a page is indentation around blocks; collapsing would pass over it many times.
        self._raw.append(text if self._pre_depth else text.strip(" \n\t"))
        self._places.append((self._current, self._tag, links, self._row, self._item, self._readings))
        self._text.clear()
        if self._readings:
            self._readings = []

    def _collapse(self) -> None:
        """Collapses the white space of all blocks at once: most are too short for a call each."""
        numbered = 0
        for text, (container, tag, links, row, item, readings) in zip(
            collapse(BLOCK_END.join(self._raw)), self._places, strict=bool(self._places)
        ):
            spans: Sequence[tuple[int, int, str]] = ()
            if readings:
                text, spans = take_readings(text, readings)
            if FORMULA in text:
                text, spans = without_marked_sentences(text, FORMULA, spans)
            if links and tag in _HEADINGS and (edit := _EDIT_LINK.search(text)):
                text = text[: edit.start()]
                links = max(0, links - len(edit[0]))
            if not text or text.isspace():
                continue
            if item > numbered:
                # The number of an item stands before its first block with text.
                prefix = self._prefixes[item]
                text = prefix + text
                spans = [(start + len(prefix), end + len(prefix), reading) for start, end, reading in spans]
                numbered = item
            self._page.blocks.append(Block(container, tag, text, links, row, spans))
