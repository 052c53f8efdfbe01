"""What BERT's tokeniser does before it cuts words into pieces (Devlin et al. 2019, basic tokenisation)."""

from __future__ import annotations

import unicodedata
from collections.abc import Set
from typing import NamedTuple

#: Stretches that BERT calls Chinese characters: each is a word of its own. Kana are not among them.
_CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class Piece(NamedTuple):
    """A character of a word and its place in the text; accents taken off, one place may have several."""

    character: str
    place: int


def basic_words(text: str, strip_accents: bool, breaks: Set[int] = frozenset()) -> list[list[Piece]]:
    """Words of a normalised text: Chinese characters and punctuation alone, all else between white space and them.

    A word begins at each of ``breaks``, places of the text. Control characters are left out, and accents where
    ``strip_accents`` (BERT's without case).
    """
    words: list[list[Piece]] = []
    inside = False
    for place, character in enumerate(text):
        if place in breaks:
            inside = False
        if character.isspace():
            inside = False
            continue
        if unicodedata.category(character) in ("Cc", "Cf") or character == "\ufffd":
            continue
        if _is_chinese(ord(character)) or _is_punctuation(character):
            words.append([Piece(character, place)])
            inside = False
            continue
        bare = _bare(character) if strip_accents else character
        pieces = [Piece(letter, place) for letter in bare]
        if not pieces:
            continue
        if inside:
            words[-1] += pieces
        else:
            words.append(pieces)
        inside = True
    return words


def _bare(character: str) -> str:
    parts = unicodedata.normalize("NFD", character)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def _is_chinese(code: int) -> bool:
    return any(first <= code <= last for first, last in _CHINESE)


def _is_punctuation(character: str) -> bool:
    code = ord(character)
    ascii_sign = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_sign or unicodedata.category(character).startswith("P")
