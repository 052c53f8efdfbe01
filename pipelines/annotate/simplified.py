"""Chinese as segmenters know it, character for character: simplified, digits and letters narrow."""

from __future__ import annotations

import re
from collections.abc import Sequence

import opencc

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ％．]")
_NARROW = {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F) if _WIDE.match(chr(point))}


class Simplifier:
    """OpenCC's ``t2s``, character for character: what would change a text's length is left as it is."""

    def __init__(self) -> None:
        self._convert = opencc.OpenCC("t2s").convert

    def __call__(self, text: str) -> str:
        """The simplified form, as long as the text."""
        simplified: str = self._convert(text)
        return simplified if len(simplified) == len(text) else text

    def each(self, texts: Sequence[str]) -> list[str]:
        """The simplified form of every text, by one call where no text holds NUL."""
        joined = "\0".join(texts)
        simplified = self._convert(joined).split("\0")
        if [len(form) for form in simplified] != [len(text) for text in texts]:
            return [self(text) for text in texts]
        return simplified


def narrow(text: str) -> str:
    """The text with full-width digits and letters, ％ and ． as ASCII, as long as before.

    >>> narrow("１２月，ＧＤＰ增长２．５％。")
    '12月，GDP增长2.5%。'
    """
    return text.translate(_NARROW) if _WIDE.search(text) else text
