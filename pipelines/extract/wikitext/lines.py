"""Lines to paragraphs: soft breaks joined, list marks and headings resolved, empty sections dropped."""

from __future__ import annotations

import re

from hanmill.pipelines.extract.wikitext.marks import ITEM
from hanmill.pipelines.extract.wikitext.words import words

#: Languages written without spaces between words.
UNSPACED = frozenset(words("zh ja yue lzh wuu gan hak nan cdo th lo km my bo"))

_HEADING = re.compile(r"(={1,6})(.+?)\1$")
_ITEM_WHITE = f"{ITEM} \t\u3000"
_CELLS = re.compile(r" *\t[ \t]*")


def paragraphs(text: str, *, headings: bool, spaced: bool) -> str:
    """Paragraphs, list items, table rows and headings, one a line, no empty lines.

    As in MediaWiki a single newline inside a paragraph is white space; next to characters that are written without
    spaces it is nothing (on both sides of it where the language is otherwise ``spaced``). A heading without text below
    it is left out.
    """
    text = text.replace("\xa0", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    if "\t" in text:
        text = _CELLS.sub("\t", text)
    out: list[str] = []
    append = out.append
    pending: list[tuple[int, str]] = []
    last = ""
    open_line = False
    for line in text.split("\n"):
        if not line or not (bare := line.strip()):
            open_line = False
            continue
        first = bare[0]
        joins = goes_on = False
        if first == ITEM:
            bare = bare.lstrip(_ITEM_WHITE)
            if not bare:
                open_line = False
                continue
        elif first == "=" and (match := _HEADING.match(bare)):
            open_line = False
            if headings and (title := match.group(2).strip("= \t")):
                level = len(match.group(1))
                while pending and pending[-1][0] >= level:
                    pending.pop()
                pending.append((level, title))
            continue
        elif first == "-" and bare.startswith("----"):
            bare = bare.lstrip("-").strip()
            if not bare:
                open_line = False
                continue
        else:
            goes_on = line[0] not in " \t"
            joins = open_line and goes_on
        if pending:
            for _, title in pending:
                append("\n")
                append(title)
            pending.clear()
            joins = False
        if not joins:
            append("\n")
        elif _parted(last[-1], bare[0], spaced):
            append(" ")
        append(bare)
        last = bare
        open_line = goes_on
    # A template may put a list item in the middle of a line.
    return "".join(out[1:]).replace(ITEM, "")


def _parted(left: str, right: str, spaced: bool) -> bool:
    """Whether a line break between these characters is a space."""
    before, after = _unspaced(left), _unspaced(right)
    return not (before and after) if spaced else not (before or after)


def _unspaced(character: str) -> bool:
    """Whether a script without spaces: everything from CJK punctuation on, save Hangul."""
    return character > "\u2e7f" and not "\uac00" <= character <= "\ud7a3"
