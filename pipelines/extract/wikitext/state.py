"""What the scanner carries along: the page, its symbols, the output and the stack of open constructs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pipelines.extract.wikitext.links import LinkRules
from pipelines.extract.wikitext.rules import Resolved
from pipelines.extract.wikitext.variants import Converter

#: Nesting deeper than this is not entered (MediaWiki stops at 40 too).
DEPTH = 40

#: Kinds of frames, besides the tags.
TEMPLATE, VARIANT, LINK, EXTERNAL, TABLE = "{{", "-{", "[[", "[", "{|"
#: A closing symbol never reaches past a wall.
WALLS = frozenset({TEMPLATE, VARIANT, TABLE})
LINK_WALLS = WALLS | {LINK}
TAG_WALLS = LINK_WALLS | {EXTERNAL}
NO_WALLS: frozenset[str] = frozenset()


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
class Frame:
    """An open construct. ``parts`` are the places in the output at which its pipes stood.

    ``tag`` is the tag that opened it, or the mark of a table's caption while no row follows it.
    """

    kind: str
    start: int
    links: int
    parts: list[int] = field(default_factory=list)
    tag: str = ""


@dataclass(slots=True)
class State:
    """``pieces`` are text and symbols in turn, ``linked`` counts the characters of links in the text (``symbols``).

    ``closes`` says which symbol closes which (``matching``).
    """

    page: Page
    pieces: list[str]
    linked: list[int]
    closes: dict[int, int]
    out: list[str] = field(default_factory=list)
    stack: list[Frame] = field(default_factory=list)

    def open(self, kind: str) -> Frame | None:
        """A new frame on the stack; None where it is too deep."""
        if len(self.stack) >= DEPTH:
            return None
        frame = Frame(kind, len(self.out), self.page.link_characters)
        self.stack.append(frame)
        return frame

    def pop_to(self, kind: str, walls: frozenset[str]) -> Frame | None:
        """The innermost open frame of a kind, frames above it given up; None where a wall stands before it."""
        stack = self.stack
        for depth in range(len(stack) - 1, -1, -1):
            frame = stack[depth]
            if frame.kind == kind:
                del stack[depth:]
                return frame
            if frame.kind in walls:
                return None
        return None

    def take(self, start: int) -> str:
        """The output from ``start`` on, taken out."""
        text = "".join(self.out[start:])
        del self.out[start:]
        return text

    def nearest(self, kinds: frozenset[str]) -> Frame | None:
        """The innermost open frame of one of these kinds."""
        return next((frame for frame in reversed(self.stack) if frame.kind in kinds), None)
