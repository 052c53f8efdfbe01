"""Text converted character for character: by OpenCC, and full-width digits and letters to narrow ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

import opencc

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ％．]")
_NARROW = {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F) if _WIDE.match(chr(point))}


class CharacterConverter:
    """A configuration of OpenCC (``t2s``) that keeps every text's length: what would change it is left as it is."""

    def __init__(self, configuration: str) -> None:
        self._convert = opencc.OpenCC(configuration).convert

    def __call__(self, text: str) -> str:
        """The converted text, as long as the text."""
        converted: str = self._convert(text)
        return converted if len(converted) == len(text) else text

    def each(self, texts: Sequence[str]) -> list[str]:
        """Every text converted, by one call where no text holds NUL."""
        joined = "\0".join(texts)
        converted: list[str] = self._convert(joined).split("\0")
        if [len(form) for form in converted] != [len(text) for text in texts]:
            return [self(text) for text in texts]
        return converted


def narrow(text: str) -> str:
    """The text with full-width digits and letters, ％ and ． as ASCII, as long as before.

    >>> narrow("１２月，ＧＤＰ增长２．５％。")
    '12月，GDP增长2.5%。'
    """
    return text.translate(_NARROW) if _WIDE.search(text) else text
