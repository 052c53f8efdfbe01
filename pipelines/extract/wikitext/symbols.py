"""The symbols of wikitext: what the scanner stops at. No alternative can backtrack, so splitting is linear."""

from __future__ import annotations

import re

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
_PLAIN = re.compile(f"({_COMMON})")
_WITH_VARIANTS = re.compile(rf"({_COMMON}|-\{{(?!\{{(?!\{{))|\}}-)")


def split(text: str, *, variants: bool) -> list[str]:
    """Text (at even places) and symbols (at odd places) in turn. ``-{`` and ``}-`` are symbols with ``variants``."""
    return (_WITH_VARIANTS if variants else _PLAIN).split(text)
