"""The symbols of wikitext: what the scanner stops at. No alternative can backtrack, so splitting is linear."""

from __future__ import annotations

import re

_COMMON = (
    # a plain link, whose words are text; a colon may mean a namespace, or part a term from its definition
    r"\[\[(?:[^\[\]{}|<>\n:]*+\|(?!\]))?([^\[\]{}|<>\n:]++)\]\]"
    # a whole link without markup inside, or the start of one; an address in brackets
    r"|\[(?:\[(?:[^\[\]{}|<>\n]*+(?:\|[^\[\]{}|<\n]*+)?\]\]|(?!\[))"
    r"|(?:https?:|ftps?:|news:|irc:|gopher:)?//[^\s\[\]<>{}|\"]*+[ \t]*|mailto:[^\s\[\]<>]*+[ \t]*)"
    # a whole template without markup inside, or the start of one, or of a parameter
    r"|\{\{(?:[^{}\[\]<]*+\}\}|\{(?!\{))?"
    # the start of a list item or of a line of a table
    r"|\n[ \t]*(?:[*#:;]+[ \t]*(?:\{\|)?|\{\||\|(?:\}(?!\})|[-+])?|!)"
    r"|\]\]?|\|\|?|\}\}|!!"
    r"|</?[a-zA-Z][^<>]*>"
)
_PLAIN = re.compile(f"({_COMMON})")
_WITH_VARIANTS = re.compile(rf"({_COMMON}|-\{{(?!\{{(?!\{{))|\}}-)")


def split(text: str, *, variants: bool) -> tuple[list[str], list[int]]:
    """Text (at even places) and symbols (at odd places) in turn, and the characters of links in every piece of text.

    Links without a namespace are text already. ``-{`` and ``}-`` are symbols with ``variants``.
    """
    found = (_WITH_VARIANTS if variants else _PLAIN).split(text)
    pieces: list[str] = []
    linked: list[int] = []
    piece, characters = found[0], 0
    for symbol, words, following in zip(found[1::3], found[2::3], found[3::3], strict=True):
        if words is not None:
            piece += words
            piece += following
            characters += len(words)
        else:
            pieces.append(piece)
            pieces.append(symbol)
            linked.append(characters)
            piece, characters = following, 0
    pieces.append(piece)
    linked.append(characters)
    return pieces, linked
