"""Lines to paragraphs: soft breaks joined, list marks and headings resolved, empty sections dropped."""

from __future__ import annotations

import re

from pipelines.extract.wikitext.marks import ITEM
from pipelines.extract.wikitext.words import words

#: Languages written without spaces between words.
UNSPACED = frozenset(words("zh ja yue lzh wuu gan hak nan cdo th lo km my bo"))

_HEADING = re.compile(r"(={1,6})(.+?)\1$")
_SPACES = re.compile(r"[ \xa0]{2,}")
_CELLS = re.compile(r" *\t[ \t]*")


def paragraphs(text: str, *, headings: bool, spaced: bool) -> str:
    """Paragraphs, list items, table rows and headings, one a line, no empty lines.

    As in MediaWiki a single newline inside a paragraph is white space; next to characters that are written without
    spaces it is nothing (on both sides of it where the language is otherwise ``spaced``). A heading without text below
    it is left out.
    """
    if "  " in text or "\xa0" in text:
        text = _SPACES.sub(" ", text)
    out: list[str] = []
    pending: list[tuple[int, str]] = []
    open_line = False
    for line in text.split("\n"):
        first = line[:1]
        if first == ITEM or ITEM in line:
            bare = line.replace(ITEM, "").strip()
            if "\t" in bare:
                bare = _CELLS.sub("\t", bare)
            joins = goes_on = False
        else:
            bare = line.strip()
            joins = open_line and first not in " \t"
            goes_on = first not in " \t"
        if not bare:
            open_line = False
            continue
        if bare[0] == "=" and (match := _HEADING.match(bare)):
            open_line = False
            if headings and (title := match.group(2).strip("= \t")):
                level = len(match.group(1))
                while pending and pending[-1][0] >= level:
                    pending.pop()
                pending.append((level, title))
            continue
        if bare[0] == "-" and bare.startswith("----"):
            open_line = False
            bare = bare.lstrip("-").strip()
            if not bare:
                continue
        if pending:
            out += [title for _, title in pending]
            pending.clear()
            joins = False
        if joins:
            out[-1] = _joined(out[-1], bare, spaced)
        else:
            out.append(bare)
        open_line = goes_on
    return "\n".join(out)


def _joined(left: str, right: str, spaced: bool) -> str:
    before, after = _unspaced(left[-1]), _unspaced(right[0])
    return left + right if (before and after) or (not spaced and (before or after)) else f"{left} {right}"


def _unspaced(character: str) -> bool:
    """Whether a script without spaces: everything from CJK punctuation on, save Hangul."""
    return character > "\u2e7f" and not "\uac00" <= character <= "\ud7a3"
