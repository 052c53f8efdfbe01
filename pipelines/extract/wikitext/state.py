"""What the scanner carries along: the page, its symbols, the output and the stack of open constructs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hanmill.pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT, raised_start
from hanmill.pipelines.extract.wikitext.conversion_groups import ConversionGroups
from hanmill.pipelines.extract.wikitext.links import LinkRules
from hanmill.pipelines.extract.wikitext.rules import Resolved
from hanmill.pipelines.extract.wikitext.variants import Converter
from hanmill.pipelines.text.phrase_conversion import CutWords

#: Nesting deeper than this is not entered (MediaWiki stops at 40 too).
DEPTH = 40

# Pieces of a label that are looked through for a bracket, so that no label is looked through too often.
_LONGEST_LABEL = 32

#: Kinds of frames, besides the tags.
TEMPLATE, VARIANT, LINK, EXTERNAL, TABLE = "{{", "-{", "[[", "[", "{|"
#: A closing symbol never reaches past a wall.
WALLS = frozenset({TEMPLATE, VARIANT, TABLE})
LINK_WALLS = WALLS | {LINK}
TAG_WALLS = LINK_WALLS | {EXTERNAL}
_SCRIPTS = frozenset({SUPERSCRIPT, SUBSCRIPT})
NO_WALLS: frozenset[str] = frozenset()


@dataclass(slots=True)
class Page:
    """What the scanner needs to know of a page, and what it finds out.

    ``wiki`` is the language, or for Chinese the script, of the words that templates add of their own. ``variant`` is
    the variant shown by ``-{…}-`` (never empty where ``converter`` is set); ``converting`` tells that text around it
    is to be converted too, ``groups`` hold the rules that ``{{NoteTA|G1=…}}`` names. ``changes`` are the rules that
    RULE marks point at. ``cut`` cuts Chinese into words, for its conversion.
    """

    language: str
    wiki: str
    title: str
    links: LinkRules
    converter: Converter | None = None
    variant: str = ""
    converting: bool = False
    groups: ConversionGroups = field(default_factory=dict)
    tables: bool = False
    cut: CutWords | None = None
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
                self._give_up(depth + 1)
                stack.pop()
                return frame
            if frame.kind in walls:
                return None
        return None

    def pop_all(self) -> None:
        """The page ends: whatever is still open is given up."""
        self._give_up(0)

    def _give_up(self, depth: int) -> None:
        """Frames from ``depth`` on never close.

        A link leaves its words, a file or a category nothing, up to the end of its line.
        """
        while len(self.stack) > depth:
            frame = self.stack.pop()
            if frame.kind in _SCRIPTS and frame.start < len(self.out):
                before = next((piece for piece in reversed(self.out[: frame.start]) if piece), "")
                self.out[frame.start] = raised_start(self.out[frame.start], frame.kind, before)
            elif frame.kind == LINK and frame.start < len(self.out):
                hidden = self.page.links.shown(self.out[frame.start], None) is None
                if hidden or frame.parts:
                    self._blank_line(frame.start, len(self.out) if hidden else frame.parts[0] + 1)

    def _blank_line(self, start: int, end: int) -> None:
        """Takes away the output from ``start`` to ``end``, or to the end of the line."""
        for index in range(start, min(end, len(self.out))):
            _, newline, rest = self.out[index].partition("\n")
            self.out[index] = newline + rest
            if newline:
                return

    def in_link_half_closed(self) -> bool:
        """Whether a single bracket ends the link that is open, as in ``[[猫]``: it has no bracket of its own."""
        if not self.stack or self.stack[-1].kind != LINK or len(self.out) - self.stack[-1].start > _LONGEST_LABEL:
            return False
        text = "".join(self.out[self.stack[-1].start :])
        return "\n" not in text and text.count("[") <= text.count("]")

    def take(self, start: int) -> str:
        """The output from ``start`` on, taken out."""
        text = "".join(self.out[start:])
        del self.out[start:]
        return text

    def nearest(self, kinds: frozenset[str]) -> Frame | None:
        """The innermost open frame of one of these kinds."""
        for frame in reversed(self.stack):
            if frame.kind in kinds:
                return frame
        return None
