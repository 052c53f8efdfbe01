"""Serbian between Latin (``sr-el``) and Cyrillic (``sr-ec``) script, letter by letter.

Source: MediaWiki ``SrConverter``: Roman numerals and addresses stay as they are.
"""

from __future__ import annotations

import re

_PAIRS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z", "и": "i", "ј": "j",
    "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "č", "џ": "dž", "ш": "š",
    "Љ": "Lj", "Њ": "Nj", "Џ": "Dž",
}  # fmt: skip
_TO_LATIN = str.maketrans({**_PAIRS, **{k.upper(): v.upper() for k, v in _PAIRS.items() if k.upper() not in _PAIRS}})
_LETTERS = {v: k for k, v in _PAIRS.items()} | {v.upper(): k.upper() for k, v in _PAIRS.items()}
_LATIN = re.compile(r"[Dd][žŽ]|[Ll][jJ]|[Nn][jJ]|[a-zA-ZčćđšžČĆĐŠŽ]")
_KEPT = re.compile(
    r"((?<!\S)(?:https?|ftp|gopher|irc)://\S+|(?<![^\W_])M{0,3}(?:C[DM]|D?C{0,3})(?:X[LC]|L?X{0,3})(?:I[VX]|V?I{0,3})(?![^\W_]))"
)


def to_latin(text: str) -> str:
    """Cyrillic letters in Latin ones.

    >>> to_latin("Његош")
    'Njegoš'
    """
    return text.translate(_TO_LATIN)


def to_cyrillic(text: str) -> str:
    """Latin letters in Cyrillic ones, save Roman numerals and addresses.

    >>> to_cyrillic("Fridrih IV je car.")
    'Фридрих IV је цар.'
    """
    parts = _KEPT.split(text)
    parts[::2] = [_LATIN.sub(_letter, part) for part in parts[::2]]
    return "".join(parts)


def _letter(match: re.Match[str]) -> str:
    found = match.group()
    return _LETTERS.get(found) or _LETTERS.get(found.lower(), found)
