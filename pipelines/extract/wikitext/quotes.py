"""Apostrophes that are text among those that are italics and bold: ''Nevermind'''s songs, l'''amour''.

After MediaWiki's ``Parser::doQuotes``, which decides line by line.
"""

from __future__ import annotations

import re

_RUN = re.compile("''+")
#: Of more than five all but the last five are text; of four the first is.
_MORE = re.compile("'{6,}")
_ITALICS, _BOLD, _BOTH = 2, 3, 5
#: Resolved where other references are, and no quotation mark till then.
_APOSTROPHE = "&#39;"


def with_apostrophes(text: str) -> str:
    """The text, where neither bold nor italics of a line come out even with one ``'''`` as an apostrophe and ``''``.

    Of several the one behind a word of one letter, else behind a longer one, else behind a space.

    >>> with_apostrophes("''Nevermind'''s sleeve")
    "''Nevermind&#39;''s sleeve"
    """
    if "''''''" in text:
        text = _MORE.sub(lambda run: _APOSTROPHE * (len(run.group()) - _BOTH) + "'" * _BOTH, text)
    parts: list[str] = []
    position = 0
    while (found := text.find("'''", position)) >= 0:
        start, end = text.rfind("\n", position, found) + 1 or position, text.find("\n", found)
        end = len(text) if end < 0 else end
        parts += (text[position:start], _line(text[start:end]))
        position = end
    return "".join((*parts, text[position:])) if parts else text


def _line(line: str) -> str:
    runs = [(run.start(), run.end()) for run in _RUN.finditer(line)]
    sizes = [_BOLD if end - start == _BOLD + 1 else end - start for start, end in runs]
    italics, bold = sizes.count(_ITALICS) + sizes.count(_BOTH), sizes.count(_BOLD) + sizes.count(_BOTH)
    if not (italics % 2 and bold % 2):
        return line
    places: dict[str, int] = {}
    for (_, end), size in zip(runs, sizes, strict=True):
        if size == _BOLD:
            places.setdefault(_before(line, end - size), end - size)
    place = next((places[kind] for kind in ("letter", "word", "space") if kind in places), None)
    return line if place is None else line[:place] + _APOSTROPHE + line[place + 1 :]


def _before(line: str, place: int) -> str:
    """What stands before a place: a space, one letter, or more."""
    if line[place - 1 : place] == " ":
        return "space"
    return "letter" if line[place - 2 : place - 1] == " " and place > 1 else "word"
