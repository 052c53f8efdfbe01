"""Chinese in its simplified form, character for character."""

from __future__ import annotations

from collections.abc import Sequence

import opencc


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
