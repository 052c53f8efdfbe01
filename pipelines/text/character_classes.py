"""Classes of characters that matter to Chinese and Japanese text, as one lookup table over all code points.

Simplified and Traditional are told apart without a list of our own: OpenCC says which characters convert, and
the national standards say which of those are written on one side only (国 is in GB 2312 and not in Big5;
后 is in both, so it tells nothing).
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt
import opencc


class CharacterClass(IntEnum):
    """What a code point counts as. Every code point has exactly one class."""

    OTHER = 0
    SPACE = 1
    LATIN = 2
    DIGIT = 3
    ASCII_MARK = 4
    CJK_MARK = 5
    HAN = 6
    SIMPLIFIED = 7
    TRADITIONAL = 8
    JAPANESE_HAN = 9
    HIRAGANA = 10
    KATAKANA = 11
    HANGUL = 12
    BOPOMOFO = 13
    OTHER_LETTER = 14
    CONTROL = 15


#: First and last code point of each block of Han characters (Unicode Standard Annex 38, section 4).
HAN_RANGES = (
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2EE5D),
    (0x2F800, 0x2FA1F),
    (0x30000, 0x3347F),
)
_OTHER_LETTERS = (
    (0x0370, 0x0588),
    (0x0590, 0x06FF),
    (0x0900, 0x109F),
    (0x10A0, 0x10FF),
    (0x1200, 0x139F),
    (0x1780, 0x18AA),
    (0x1F00, 0x1FFF),
)
_LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
_RANGES = (
    (CharacterClass.CONTROL, ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x9F), (0xE000, 0xF8FF), (0xFFF0, 0xFFFF))),
    (CharacterClass.ASCII_MARK, ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E))),
    (CharacterClass.DIGIT, ((0x30, 0x39), (0xFF10, 0xFF19))),
    (CharacterClass.LATIN, _LATIN),
    (CharacterClass.OTHER_LETTER, _OTHER_LETTERS),
    (
        CharacterClass.CJK_MARK,
        (
            (0x2010, 0x2027),
            (0x3001, 0x3004),
            (0x3008, 0x3020),
            (0x3030, 0x303F),
            (0xFE10, 0xFE1F),
            (0xFE30, 0xFE4F),
            (0xFF01, 0xFF0F),
            (0xFF1A, 0xFF20),
            (0xFF3B, 0xFF40),
            (0xFF5B, 0xFF65),
        ),
    ),
    (CharacterClass.HAN, HAN_RANGES),
    (CharacterClass.HIRAGANA, ((0x3041, 0x309F), (0x1B001, 0x1B11F))),
    (CharacterClass.KATAKANA, ((0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))),
    (CharacterClass.HANGUL, ((0x1100, 0x11FF), (0x3131, 0x318E), (0xA960, 0xA97C), (0xAC00, 0xD7A3), (0xD7B0, 0xD7FB))),
    (CharacterClass.BOPOMOFO, ((0x3105, 0x312F), (0x31A0, 0x31BF))),
    (
        CharacterClass.SPACE,
        ((0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x2000, 0x200B), (0x3000, 0x3000)),
    ),
    (CharacterClass.CJK_MARK, ((0x30FB, 0x30FB), (0xB7, 0xB7))),
)


@cache
def character_classes() -> npt.NDArray[np.uint8]:
    """The class of every code point: uint8 [0x110000]. Built once per process, in about 0.1 s."""
    table = np.zeros(0x110000, np.uint8)
    for kind, ranges in _RANGES:
        for first, last in ranges:
            table[first : last + 1] = kind
    to_simplified, to_traditional = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")
    han = "".join(map(chr, range(0x4E00, 0xA000)))
    # One call for all of them, a line each: a phrase never crosses a line.
    lines = "\n".join(han)
    simplified, traditional = to_simplified.convert(lines).split("\n"), to_traditional.convert(lines).split("\n")
    mainland, taiwan, japan = (_repertoire(charset) for charset in ("gb2312", "big5", "shift_jis"))
    for character, simple, full in zip(han, simplified, traditional, strict=True):
        if full != character and character not in taiwan:
            table[ord(character)] = CharacterClass.SIMPLIFIED
        elif simple != character and character not in mainland:
            table[ord(character)] = CharacterClass.TRADITIONAL
        elif character in japan and character not in mainland and character not in taiwan:
            table[ord(character)] = CharacterClass.JAPANESE_HAN
    table.setflags(write=False)
    return table


def _repertoire(charset: str) -> frozenset[str]:
    """Every character that a charset of two bytes can write."""
    rows = (b"".join(bytes((lead, trail)) for trail in range(0x40, 0xFF)) for lead in range(0x81, 0xFF))
    return frozenset("".join(row.decode(charset, "ignore") for row in rows))
