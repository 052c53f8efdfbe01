"""One pass over the tokens of a page with an explicit stack: links, templates, tags, tables, ``-{…}-``.

Linear in the length of the page: the tokeniser's alternatives cannot backtrack, braces are matched once before the
pass, and nesting deeper than ``DEPTH`` is not entered (MediaWiki stops at 40 too).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from pipelines.extract.wikitext import tags
from pipelines.extract.wikitext.conversion import translation, without_marks
from pipelines.extract.wikitext.links import LinkRules
from pipelines.extract.wikitext.magic_words import expand, is_magic_word
from pipelines.extract.wikitext.marks import DROPPED, ITEM, RAW, RAW_END, RULE, RULE_END
from pipelines.extract.wikitext.matching import matching
from pipelines.extract.wikitext.rules import Resolved, resolve
from pipelines.extract.wikitext.templates import Arguments, lookup, parse_arguments, reading_mark
from pipelines.extract.wikitext.variants import Converter, canonical_variant

DEPTH = 40

_COMMON = (
    # a whole link without markup inside, or the start of one; an address in brackets
    r"\[(?:\[(?:[^\[\]{}|<>\n]*+(?:\|[^\[\]{}|<\n]*+)?\]\]|(?!\[))"
    r"|(?:https?:|ftps?:|news:|irc:|gopher:)?//[^\s\[\]<>{}|\"]*+[ \t]*|mailto:[^\s\[\]<>]*+[ \t]*)"
    # a whole template without markup inside, or the start of one, or of a parameter
    r"|\{\{(?:[^{}\[\]<]*+\}\}|\{(?!\{))?"
    # the start of a list item or of a line of a table
    r"|\n[ \t]*(?:[*#:;]+[ \t]*(?:\{\|)?|\{\||\|(?:\}(?!\})|[-+])?|!)"
    r"|\]\]?|\|\|?|\}\}|!!"
    r"|</?[a-zA-Z][^<>]*>"
)
_PLAIN_TOKENS = re.compile(f"({_COMMON})")
_VARIANT_TOKENS = re.compile(rf"({_COMMON}|-\{{(?!\{{(?!\{{))|\}}-)")

# Kinds of frames. A closing mark never reaches past a wall.
_TEMPLATE, _VARIANT, _LINK, _EXTERNAL, _TABLE = "{{", "-{", "[[", "[", "{|"
_WALLS = frozenset({_TEMPLATE, _VARIANT, _TABLE})
_LINK_WALLS = _WALLS | {_LINK}
_TAG_WALLS = _WALLS | {_LINK, _EXTERNAL}
_NO_WALLS: frozenset[str] = frozenset()
# A colon that does not belong to an address.
_COLON = re.compile(r":(?!//)")
_LIST_MARKS = re.compile(r"\n[ \t]*[*#:;]+[ \t]*")
_DEPTHS = {"[[": 1, "]]": -1, "{{": 1, "}}": -1, "-{": 1, "}-": -1}
_NOTE_TA = "noteta"
_LONGEST_NAME = 80
# Every rule that takes effect costs a new glossary; pages have a few dozen.
_MOST_RULES = 256


@dataclass(slots=True)
class Page:
    """What the scanner needs to know of a page, and what it finds out.

    ``wiki`` is the language, or for Chinese the script, of the words that templates add of their own. ``variant`` is
    the variant shown by ``-{…}-`` (never empty where ``converter`` is set); ``converting`` tells that
    text around it is to be converted too. ``changes`` are the rules that RULE marks point at.
    """

    language: str
    wiki: str
    title: str
    links: LinkRules
    converter: Converter | None = None
    variant: str = ""
    converting: bool = False
    tables: bool = False
    opaque: list[str] = field(default_factory=list)
    changes: list[Resolved] = field(default_factory=list)
    converted_title: str | None = None
    link_characters: int = 0
    templates_dropped: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Frame:
    """An open construct. ``parts`` are the places in the output at which its pipes stood.

    ``tag`` is the tag that opened it, or the mark of a table's caption while no row follows it.
    """

    kind: str
    start: int
    links: int
    parts: list[int] = field(default_factory=list)
    tag: str = ""


def scan(text: str, page: Page) -> str:
    """Marked text (see ``marks``) of prepared wikitext that starts with a newline."""
    return _Scanner(text, page).run()


class _Scanner:
    __slots__ = ("_closes", "_out", "_page", "_pieces", "_stack", "_tag_actions")

    def __init__(self, text: str, page: Page) -> None:
        self._page = page
        self._pieces = (_VARIANT_TOKENS if page.converter else _PLAIN_TOKENS).split(text)
        self._closes = matching(self._pieces)
        self._out: list[str] = []
        self._stack: list[_Frame] = []
        self._tag_actions: dict[str, tuple[str, bool] | None] = {}

    def run(self) -> str:
        pieces, out = self._pieces, self._out
        append = out.append
        shown, page = self._page.links.shown, self._page
        count = len(pieces)
        append(pieces[0])
        index = 1
        characters = 0
        while index < count:
            symbol = pieces[index]
            first = symbol[0]
            if first == "[" and symbol[-1] == "]":
                target, bar, label = symbol[2:-2].partition("|")
                if ":" in target or (bar and not label):
                    words = shown(target, label if bar else None) or ""
                else:
                    words = label or target
                characters += len(words)
                append(words or DROPPED)
                append(pieces[index + 1])
                index += 2
                continue
            if characters:
                page.link_characters += characters
                characters = 0
            if first == "[":
                self._open(_LINK if symbol == "[[" else _EXTERNAL)
            elif first == "{":
                index = self._brace(index, symbol)
            elif first == "\n":
                index = self._line_start(index, symbol)
            elif first == "<":
                index = self._tag(index, symbol)
            elif first == "|" or first == "!":
                self._bar(symbol)
            elif first == "]":
                self._close_link(symbol)
            elif symbol == "}}":
                self._close_template()
            elif symbol == "-{":
                self._open(_VARIANT)
                append(symbol)
            else:
                self._close_variant(symbol)
            append(pieces[index + 1])
            index += 2
        page.link_characters += characters
        return "".join(out)

    def _open(self, kind: str) -> _Frame | None:
        if len(self._stack) >= DEPTH:
            return None
        frame = _Frame(kind, len(self._out), self._page.link_characters)
        self._stack.append(frame)
        return frame

    def _pop_to(self, kind: str, walls: frozenset[str]) -> _Frame | None:
        """The innermost open frame of a kind, frames above it given up; None where a wall stands before it."""
        stack = self._stack
        for depth in range(len(stack) - 1, -1, -1):
            frame = stack[depth]
            if frame.kind == kind:
                del stack[depth:]
                return frame
            if frame.kind in walls:
                return None
        return None

    def _take(self, start: int) -> str:
        text = "".join(self._out[start:])
        del self._out[start:]
        return text

    # Links

    def _close_link(self, symbol: str) -> None:
        page, out = self._page, self._out
        if symbol == "]":
            frame = self._pop_to(_EXTERNAL, _LINK_WALLS)
            if frame is None:
                out.append(symbol)
            elif words := self._take(frame.start):
                page.link_characters = frame.links + len(words)
                out.append(words)
            else:
                out.append(DROPPED)
            return
        frame = self._pop_to(_LINK, _WALLS)
        if frame is None:
            if self._pop_to(_EXTERNAL, _WALLS) is not None:
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
        page, out = self._page, self._out
        if symbol[-1] == "}":
            raw_name, bar, rest = symbol[2:-2].partition("|")
            if _known(raw_name, page.language)[1] or page.converting:
                if "\n" in rest:
                    rest = _LIST_MARKS.sub(f"\n{ITEM}", rest)
                self._show(raw_name, rest.split("|") if bar else [], page.link_characters)
            else:
                page.templates_dropped[_known(raw_name, page.language)[0]] += 1
                out.append(DROPPED)
            return index
        close = self._closes.get(index)
        if symbol == "{{{":
            following = self._pieces[close + 1] if close else ""
            if close and following.startswith("}"):
                self._pieces[close + 1] = following[1:]
                out.append(DROPPED)
                return close
            out.append("{")
        if close is None:
            return index
        name, known = _known(self._pieces[index + 1], page.language)
        known = known or (name == _NOTE_TA and page.converting)
        if not known or len(self._stack) >= DEPTH:
            page.templates_dropped[name] += 1
            out.append(DROPPED)
            return close
        self._open(_TEMPLATE)
        return index

    def _close_template(self) -> None:
        frame = self._pop_to(_TEMPLATE, _NO_WALLS)
        if frame is None:
            return
        out = self._out
        bounds = [frame.start - 1, *frame.parts, len(out)]
        name, *parts = ("".join(out[left + 1 : right]) for left, right in pairwise(bounds))
        del out[frame.start :]
        self._show(name, parts, frame.links)

    def _show(self, raw_name: str, parts: list[str], links: int) -> None:
        page = self._page
        name, _ = _known(raw_name, page.language)
        text: str | None
        if (render := lookup(name, page.language)) is not None:
            text = render(parse_arguments(page.wiki, name, parts))
        elif name == _NOTE_TA and page.converting:
            text = self._note_ta(parse_arguments(page.wiki, name, parts))
        else:
            text = expand(raw_name, page.title)
        if text is None:
            page.templates_dropped[name] += 1
        page.link_characters = min(page.link_characters, links + len(text or ""))
        self._out.append(text or DROPPED)

    def _note_ta(self, arguments: Arguments) -> str:
        """``{{NoteTA|T=title rule|1=rule|2=rule}}``: hidden rules for the whole page."""
        rules = [f"T|{arguments.named['T']}"] if arguments.named.get("T") else []
        rules += [f"H|{text}" for text in arguments.positional if text]
        return "".join(map(self._apply, rules))

    # LanguageConverter

    def _close_variant(self, symbol: str) -> None:
        frame = self._pop_to(_VARIANT, _WALLS)
        if frame is None:
            self._out.append(symbol)
            return
        content = self._take(frame.start)[len("-{") :]
        self._out.append(self._apply(content) or DROPPED)

    def _apply(self, content: str) -> str:
        """What a rule shows, with marks for what it changes in the text after it."""
        page = self._page
        if page.converter is None:
            return content
        resolved = resolve(content, page.converter, page.variant)
        if resolved.title is not None:
            page.converted_title = resolved.title
        if not page.converting:
            return without_marks(resolved.shown)
        shown = f"{RAW}{resolved.shown}{RAW_END}" if resolved.raw and resolved.shown else resolved.shown
        if (resolved.added or resolved.removed) and len(page.changes) < _MOST_RULES:
            page.changes.append(resolved)
            shown += f"{RULE}{len(page.changes) - 1}{RULE_END}"
        return shown

    # Lines and tables

    def _line_start(self, index: int, symbol: str) -> int:
        out = self._out
        mark = symbol.lstrip("\n \t")
        if mark[0] in "*#:;":
            out.append(f"\n{ITEM}")
            if mark.rstrip()[-1] == ";":
                self._part_definition(index)
            if mark[-1] != "|":
                return index
            mark = "{|"
        if mark == "{|":
            close = self._closes.get(index)
            out.append("\n\n")
            if not self._page.tables:
                return index if close is None else close
            self._open(_TABLE)
            self._start_row(index)
        elif mark == "|}":
            if self._pop_to(_TABLE, _WALLS - {_TABLE}) is not None:
                out.append("\n\n")
        elif (table := self._nearest(_WALLS | {_LINK})) is None or table.kind != _TABLE:
            out.append(symbol[: len(symbol) - len(mark)])
            self._bar(mark)
        elif mark == "|-":
            self._start_row(index)
        elif mark == "|+":
            out.append(f"\n\n{ITEM}")
            self._start_cell(table)
            table.tag = mark
        else:
            out.append(f"\n\n{ITEM}" if table.tag else "\t")
            self._start_cell(table)
            table.tag = ""
        return index

    def _part_definition(self, index: int) -> None:
        """``; term : definition`` is two lines: parts the text at the first colon outside links and templates."""
        pieces, depth = self._pieces, 0
        for piece in range(index + 1, len(pieces), 2):
            line, newline, _ = pieces[piece].partition("\n")
            if depth == 0 and (colon := _COLON.search(line)):
                place = colon.start()
                pieces[piece] = f"{pieces[piece][:place]}\n{ITEM}{pieces[piece][place + 1 :]}"
                return
            if newline or piece + 1 >= len(pieces) or pieces[piece + 1][0] == "\n":
                return
            depth += _DEPTHS.get(pieces[piece + 1], 0)

    def _nearest(self, kinds: frozenset[str]) -> _Frame | None:
        return next((frame for frame in reversed(self._stack) if frame.kind in kinds), None)

    def _start_row(self, index: int) -> None:
        """A row; the rest of its line is attributes."""
        self._out.append(f"\n\n{ITEM}")
        rest = self._pieces[index + 1]
        end = rest.find("\n")
        self._pieces[index + 1] = "" if end < 0 else rest[end:]

    def _start_cell(self, table: _Frame) -> None:
        table.parts[:] = [len(self._out)]

    def _bar(self, symbol: str) -> None:
        """A pipe: parts arguments of a template, target and label of a link, cells and their attributes."""
        out = self._out
        frame = self._nearest(_WALLS | {_LINK})
        if frame is None or frame.kind == _VARIANT:
            out.append(symbol)
        elif frame.kind == _TABLE:
            if len(symbol) == 2:
                out.append("\t")
                self._start_cell(frame)
            elif symbol == "|" and frame.parts:
                del out[frame.parts.pop() :]
            else:
                out.append(symbol)
        elif symbol[0] == "!":
            out.append(symbol)
        else:
            while self._stack[-1] is not frame:
                self._stack.pop()
            for character in symbol:
                if character == "|":
                    frame.parts.append(len(out))
                out.append(character)

    # Tags

    def _tag(self, index: int, symbol: str) -> int:
        actions = self._tag_actions
        if symbol not in actions:
            actions[symbol] = tags.classify(symbol)
        found = actions[symbol]
        out = self._out
        if found is None:
            out.append(symbol)
            return index
        action, closing = found
        if action == tags.INLINE:
            if closing:
                self._close_hidden(symbol)
        elif action == tags.BREAK:
            out.append("\n\n")
        elif action == tags.BLOCK:
            if closing:
                self._close_hidden(symbol)
            out.append("\n\n")
        elif action == tags.TABLE_TAG:
            close = self._closes.get(index)
            out.append("\n\n")
            if not self._page.tables and close is not None:
                return close
        elif action == tags.ROW:
            out.append("" if closing else f"\n\n{ITEM}")
        elif action == tags.CELL:
            out.append("" if closing else "\t")
        elif symbol[-2] == "/":
            pass
        elif not closing:
            if action == tags.RUBY_TEXT:
                self._close_ruby_text()
            if (frame := self._open(action)) is not None:
                frame.tag = symbol
        else:
            self._close_tag(action)
        return index

    def _close_hidden(self, symbol: str) -> None:
        frame = next((frame for frame in reversed(self._stack) if frame.kind == tags.HIDDEN), None)
        if frame is not None and tags.name_of(frame.tag) == tags.name_of(symbol):
            popped = self._pop_to(tags.HIDDEN, _TAG_WALLS)
            if popped is not None:
                del self._out[popped.start :]
                self._page.link_characters = popped.links

    def _close_tag(self, action: str) -> None:
        if action == tags.RUBY_TEXT:
            self._close_ruby_text()
            return
        if action == tags.RUBY_TAG:
            self._close_ruby_text()
        frame = self._pop_to(action, _TAG_WALLS)
        if frame is None or action == tags.RUBY_TAG:
            return
        text = self._take(frame.start)
        if action == tags.RUBY_PARENTHESIS:
            self._page.link_characters = frame.links
        elif action in (tags.SUPERSCRIPT, tags.SUBSCRIPT):
            self._out.append(tags.raised(text, action))
        elif action == tags.CODE:
            untouched = self._page.converting and RAW not in text and DROPPED not in text
            self._out.append(f"{RAW}{text}{RAW_END}" if untouched else text)
        else:
            self._out.append(self._convert_span(text, frame.tag))

    def _close_ruby_text(self) -> None:
        """``<rt>`` ends: what stands before it in its ``<ruby>`` is the surface."""
        frame = self._pop_to(tags.RUBY_TEXT, _TAG_WALLS | {tags.RUBY_TAG})
        if frame is None:
            return
        reading = self._take(frame.start)
        ruby = self._stack[-1] if self._stack else None
        if ruby is None or ruby.kind != tags.RUBY_TAG:
            self._out.append(reading)
            return
        surface = self._take(ruby.parts[-1] if ruby.parts else ruby.start)
        self._out.append(reading_mark(surface, reading))
        ruby.parts = [len(self._out)]

    def _convert_span(self, text: str, tag: str) -> str:
        """``<langconvert from="zh-hans" to="zh-hant">``."""
        target = tags.attribute(tag, "to")
        translate = translation(canonical_variant(target)) if target else None
        return translate(text) if translate else text


@lru_cache(maxsize=16384)
def _known(raw_name: str, language: str) -> tuple[str, bool]:
    """The name of a template as the tables have it, and whether it may show something."""
    name = " ".join(raw_name.replace("_", " ").lower().split())[:_LONGEST_NAME]
    return name, is_magic_word(name) or lookup(name, language) is not None
