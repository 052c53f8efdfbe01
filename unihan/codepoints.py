"""Code points in the notation of the Unicode Character Database: ``U+6C17``."""

from __future__ import annotations

import re

_NOTATION = re.compile(r"U\+([0-9A-F]{4,6})")


def parse_codepoint(text: str) -> str | None:
    """The character that ``U+XXXX`` names, or None where it names none (bad notation, surrogate, out of range).

    >>> parse_codepoint("U+6C17")
    '気'
    >>> parse_codepoint("U+D800") is None
    True
    """
    match = _NOTATION.fullmatch(text)
    if match is None:
        return None
    value = int(match[1], 16)
    if value > 0x10FFFF or 0xD800 <= value < 0xE000:
        return None
    return chr(value)


def notation(text: str) -> str:
    """``U+XXXX`` of every character of ``text``, joined by a space.

    >>> notation("気")
    'U+6C17'
    """
    return " ".join(f"U+{ord(character):04X}" for character in text)
