"""One pass over the symbols of a page with an explicit stack: links, templates, tags, tables, ``-{…}-``.

Linear in the length of the page: splitting into symbols cannot backtrack, braces are matched once before the pass, and
nesting is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from hanmill.pipelines.extract.wikitext.conversion import without_marks
from hanmill.pipelines.extract.wikitext.conversion_groups import group_name
from hanmill.pipelines.extract.wikitext.elements import tag
from hanmill.pipelines.extract.wikitext.magic_words import expand, is_magic_word
from hanmill.pipelines.extract.wikitext.marks import DROPPED, ITEM, RAW, RAW_END, RULE, RULE_END
from hanmill.pipelines.extract.wikitext.matching import matching
from hanmill.pipelines.extract.wikitext.parser_functions import call, is_parser_function
from hanmill.pipelines.extract.wikitext.rows import bar, line_start
from hanmill.pipelines.extract.wikitext.rules import Resolved, resolve
from hanmill.pipelines.extract.wikitext.state import (
    DEPTH,
    EXTERNAL,
    LINK,
    LINK_WALLS,
    NO_WALLS,
    TEMPLATE,
    VARIANT,
    WALLS,
    Page,
    State,
)
from hanmill.pipelines.extract.wikitext.symbols import split
from hanmill.pipelines.extract.wikitext.template_text import Arguments, Render, life_dates, parse_arguments
from hanmill.pipelines.extract.wikitext.templates import lookup

_LIST_MARKS = re.compile(r"\n[ \t]*[*#:;]+[ \t]*")
# The starts of list items that hold no term to define.
_ITEMS = frozenset(
    f"\n{''.join(marks)}{space}" for depth in (1, 2, 3) for marks in product("*#:", repeat=depth) for space in ("", " ")
)
_NEW_ITEM = f"\n{ITEM}"
_ADDRESS = re.compile(r"\s*(?:https?:|ftp:)?//")
_NOTE_TA = "noteta"
_GROUP = re.compile(r"G[0-9]{1,2}", re.IGNORECASE)
_LONGEST_NAME = 80
#: So many pieces of the output are looked through for a bracket.
_LINE_PIECES = 64
# Every rule that takes effect costs a new glossary; pages have a few dozen.
_MOST_RULES = 256


def scan(text: str, page: Page) -> str:
    """Marked text (see ``marks``) of prepared wikitext that starts with a newline."""
    return _Scanner(text, page).run()


class _Scanner:
    __slots__ = ("_state",)

    def __init__(self, text: str, page: Page) -> None:
        pieces, linked = split(text, variants=page.converter is not None)
        self._state = State(page, pieces, linked, matching(pieces))

    def run(self) -> str:
        state = self._state
        pieces, linked, out, page = state.pieces, state.linked, state.out, state.page
        append = out.append
        count = len(pieces)
        append(pieces[0])
        page.link_characters += linked[0]
        index = 1
        while index < count:
            symbol = pieces[index]
            first = symbol[0]
            if first == "[":
                if symbol[-1] == "]":
                    self._whole_link(symbol)
                else:
                    state.open(LINK if symbol == "[[" else EXTERNAL)
            elif first == "{":
                index = self._brace(index, symbol)
            elif symbol in _ITEMS:
                append(_NEW_ITEM)
            elif first == "\n":
                index = line_start(state, index, symbol)
            elif first == "<":
                index = tag(state, index, symbol)
            elif first == "|" or first == "!":
                bar(state, symbol)
            elif first == "]":
                self._close_link(index, symbol)
            elif symbol == "}}":
                self._close_template()
            elif symbol == "-{":
                state.open(VARIANT)
                append(symbol)
            else:
                self._close_variant(symbol)
            append(pieces[index + 1])
            page.link_characters += linked[(index + 1) >> 1]
            index += 2
        state.pop_all()
        return "".join(out)

    # Links

    def _whole_link(self, symbol: str) -> None:
        page = self._state.page
        target, pipe, label = symbol[2:-2].partition("|")
        if _ADDRESS.match(target):
            words = (target + pipe + label).partition(" ")[2].strip()
        else:
            words = page.links.shown(target, label if pipe else None) or ""
        page.link_characters += len(words)
        self._state.out.append(words or DROPPED)

    def _close_link(self, index: int, symbol: str) -> None:
        state = self._state
        page, out = state.page, state.out
        if symbol == "]]" and state.stack and state.stack[-1].kind == EXTERNAL:
            # ]]] ends the address first.
            text, *following = state.pieces[index + 1 : index + 3]
            if not text and following == ["]"]:
                symbol, state.pieces[index + 2] = "]", "]]"
        if symbol == "]":
            frame = state.pop_to(EXTERNAL, LINK_WALLS)
            if frame is not None:
                if words := state.take(frame.start):
                    page.link_characters = frame.links + len(words)
                    out.append(words)
                else:
                    out.append(DROPPED)
                return
            if not state.in_link_half_closed():
                out.append(symbol)
                return
        frame = state.pop_to(LINK, WALLS)
        if frame is None:
            if state.pop_to(EXTERNAL, WALLS) is not None:
                out.append("]")
            return
        first = frame.parts[0] if frame.parts else len(out)
        target = "".join(out[frame.start : first])
        if "\n" in target.strip("\n"):
            return
        label = "".join(out[first + 1 :]) if frame.parts else None
        del out[frame.start :]
        page.link_characters = frame.links
        shown = None if page.links.is_file(target) else page.links.shown(target, label)
        if shown is None:
            out.append(DROPPED)
        else:
            page.link_characters += len(shown)
            out.append(shown)

    # Templates

    def _brace(self, index: int, symbol: str) -> int:
        """A whole template, or one that opens; returns the index of the symbol to go on after."""
        page, out = self._state.page, self._state.out
        if symbol[-1] == "}":
            raw_name, pipe, rest = symbol[2:-2].partition("|")
            known = _known(raw_name, page.language)
            if known.shows or page.converting:
                if "\n" in rest:
                    rest = _LIST_MARKS.sub(f"\n{ITEM}", rest)
                self._show(known, raw_name, rest.split("|") if pipe else [], page.link_characters)
            else:
                page.templates_dropped[known.name] += 1
                out.append(DROPPED)
            return index
        close = self._state.closes.get(index)
        if symbol == "{{{" and close is not None:
            following = self._state.pieces[close + 1]
            self._state.pieces[close + 1] = following.removeprefix("}")
            frame = self._state.open(TEMPLATE)
            if frame is None:
                return close
            frame.tag = symbol
            return index
        if close is None:
            bar_after = self._state.pieces[index + 2 : index + 3]
            if bar_after == ["|"]:
                # The name of a template that never closes, and its bar.
                return index + 2
            if bar_after == ["\n|"]:
                self._state.pieces[index + 1] = ""
            return index
        known = _known(self._state.pieces[index + 1], page.language)
        shows = known.shows or (known.name == _NOTE_TA and page.converting)
        if not shows or len(self._state.stack) >= DEPTH:
            page.templates_dropped[known.name] += 1
            out.append(DROPPED)
            return close
        self._state.open(TEMPLATE)
        return index

    def _close_template(self) -> None:
        frame = self._state.pop_to(TEMPLATE, NO_WALLS)
        if frame is None:
            return
        out = self._state.out
        bounds = [frame.start - 1, *frame.parts, len(out)]
        name, *parts = ("".join(out[left + 1 : right]) for left, right in pairwise(bounds))
        del out[frame.start :]
        if frame.tag:
            # A parameter: a page has no arguments, so that its default stands.
            out.append((parts[0] if parts else "") or DROPPED)
            return
        self._show(_known(name, self._state.page.language), name, parts, frame.links)

    def _show(self, known: _Known, raw_name: str, parts: list[str], links: int) -> None:
        page = self._state.page
        text: str | None
        if known.render is not None:
            text = known.render(parse_arguments(page.wiki, known.name, parts))
        elif known.name == _NOTE_TA and page.converting:
            text = self._note_ta(parse_arguments(page.wiki, known.name, parts))
        elif known.name[:1] == "#" and known.shows:
            text = call(raw_name, parts)
        else:
            text = expand(raw_name, page.title, page.language, tuple(parts))
        if text and known.render is life_dates and self._is_in_brackets():
            text = text.removeprefix("（").removesuffix("）")
        if text is None:
            page.templates_dropped[known.name] += 1
        page.link_characters = min(page.link_characters, links + len(text or ""))
        self._state.out.append(text or DROPPED)

    def _is_in_brackets(self) -> bool:
        """Whether a full-width bracket is open in this line."""
        line = "".join(self._state.out[-_LINE_PIECES:]).rpartition("\n")[2]
        return line.count("（") > line.count("）")

    def _note_ta(self, arguments: Arguments) -> str:
        """``{{NoteTA|G1=group|T=title rule|1=rule|2=rule}}``: hidden rules for the whole page."""
        names = (text for key, text in sorted(arguments.named.items()) if _GROUP.fullmatch(key))
        tables = (self._state.page.groups.get(group_name(name)) for name in names)
        groups = [self._changed(Resolved("", added=table)) for table in tables if table]
        rules = [f"T|{arguments.named['T']}"] if arguments.named.get("T") else []
        rules += [f"H|{text}" for text in arguments.positional if text]
        return "".join([*groups, *map(self._apply, rules)])

    # LanguageConverter

    def _close_variant(self, symbol: str) -> None:
        frame = self._state.pop_to(VARIANT, WALLS)
        if frame is None:
            self._state.out.append(symbol)
            return
        content = self._state.take(frame.start)[len("-{") :]
        self._state.out.append(self._apply(content) or DROPPED)

    def _apply(self, content: str) -> str:
        """What a rule shows, with marks for what it changes in the text after it."""
        page = self._state.page
        if page.converter is None:
            return content
        resolved = resolve(content, page.converter, page.variant)
        if resolved.title is not None:
            page.converted_title = resolved.title
        if not page.converting:
            return without_marks(resolved.shown)
        shown = f"{RAW}{resolved.shown}{RAW_END}" if resolved.raw and resolved.shown else resolved.shown
        return shown + self._changed(resolved) if resolved.added or resolved.removed else shown

    def _changed(self, resolved: Resolved) -> str:
        """A mark from which on the rules hold, empty where a page has too many."""
        changes = self._state.page.changes
        if len(changes) >= _MOST_RULES:
            return ""
        changes.append(resolved)
        return f"{RULE}{len(changes) - 1}{RULE_END}"


@dataclass(frozen=True, slots=True)
class _Known:
    """A template's name as the tables have it, what shows it, and whether it may show something."""

    name: str
    render: Render | None
    shows: bool


@lru_cache(maxsize=16384)
def _known(raw_name: str, language: str) -> _Known:
    name = " ".join(raw_name.replace("_", " ").lower().split())[:_LONGEST_NAME]
    if name[:1] == "#":
        name = name.partition(":")[0]
    render = lookup(name, language)
    return _Known(name, render, render is not None or is_magic_word(name) or is_parser_function(name))
