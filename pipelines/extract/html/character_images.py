"""Pictures that stand for a character: emoji, and characters outside a site's fonts (外字), as Aozora Bunko names them.

Without them a sentence has a hole: 作家の村 for 作家の髙村.
"""

from __future__ import annotations

import re
from html import unescape

#: An alternative text that begins outside ASCII, and is short or names a character by its place in a standard.
_ALTERNATIVE = re.compile(r' alt="([^"\x00-\x7f][^"<>]{0,80})"')
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\ufe00-\ufe0f\U000e0100-\U000e01ef]?")
#: Pictographs of the supplementary plane with their modifiers and joiners, and older ones that ask for colour.
_EMOJI = re.compile(
    "(?:[\U0001f000-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff\u2600-\u27bf]*|[\u2600-\u27bf]\ufe0f)+"
)
#: 第3水準1-15-44: plane, row and cell of JIS X 0213.
_JIS_PLACE = re.compile(r"([12])-(\d{1,2})-(\d{1,2})")
_CODE_POINT = re.compile(r"U\+([0-9A-Fa-f]{4,5})")
_GAIJI = "gaiji"
#: How pages name pictures of characters; a Han character alone may as well say what a photograph shows.
_OF_TYPE = re.compile(r"gaiji|kanji|hanzi|moji|glyph|character|\bchar\b|\bzi\b", re.IGNORECASE)
#: What printers set for a type they lack.
_GETA = "〓"


def with_character_images(body: str) -> str:
    """Balanced markup in which the character stands for its picture."""
    parts: list[str] = []
    position = 0
    for match in _ALTERNATIVE.finditer(body):
        start, end = body.rfind("<", position, match.start()), body.find(">", match.end())
        if start < 0 or end < 0 or not body.startswith("<img", start):
            continue
        if shown := _character(unescape(match[1]), body[start:end]):
            parts += (body[position:start], shown)
            position = end + 1
    parts.append(body[position:])
    return "".join(parts)


def _character(alternative: str, tag: str) -> str:
    if _EMOJI.fullmatch(alternative) or (_HAN.fullmatch(alternative) and _OF_TYPE.search(tag)):
        return alternative
    if _GAIJI not in tag:
        return ""
    if place := _JIS_PLACE.search(alternative):
        return _of_jis(*map(int, place.groups()))
    point = _CODE_POINT.search(alternative)
    return chr(int(point[1], 16)) if point else _GETA


def _of_jis(plane: int, row: int, cell: int) -> str:
    """The character at a place of JIS X 0213; a geta where there is none."""
    if not (1 <= row <= 94 and 1 <= cell <= 94):
        return _GETA
    pair = bytes((0xA0 + row, 0xA0 + cell))
    try:
        return (pair if plane == 1 else b"\x8f" + pair).decode("euc_jis_2004")
    except UnicodeDecodeError:
        return _GETA
