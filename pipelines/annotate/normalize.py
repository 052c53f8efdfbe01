"""Text normalisation with an edit map: where in the raw text each normalised code point comes from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import opencc
from numpy.typing import NDArray

from pipelines.annotate.conversion_offsets import conversion_offsets
from pipelines.annotate.form_offsets import form_offsets
from pipelines.records import Reading
from schemas.recipe import NormalizeRecipe

#: What no native library takes: NUL ends a string, lone surrogates are no characters.
_REMOVED = re.compile("[\0\ud800-\udfff]")
#: Half-width katakana and its punctuation, in Unicode's block order (Halfwidth and Fullwidth Forms).
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_FULL_WIDTH = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF61, 0xFFA0)}


@dataclass(frozen=True, slots=True)
class Normalized:
    """Normalised text and where it comes from.

    ``raw_offsets`` int64 [len(text) + 1]: the position in the raw text of each normalised code point, then the
    length of the raw text. It never falls. Code points that were made from several, or several from one, all
    point at the first.
    """

    text: str
    raw_offsets: NDArray[np.int64]

    def move(self, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """Readings of spans of the raw text as readings of spans of ``text``; those left empty are dropped."""
        moved = []
        for reading in readings:
            start, end = np.searchsorted(self.raw_offsets[:-1], [reading.start, reading.end]).tolist()
            if start < end:
                moved.append(Reading(start, end, reading.reading))
        return tuple(moved)


class Normalizer:
    """NUL and lone surrogates out; half-width kana wide; NFC or NFKC; OpenCC (Chinese only); lower case. In this order.

    Holds an OpenCC converter: build one per process.
    """

    def __init__(self, settings: NormalizeRecipe) -> None:
        self._form = settings.form
        self._lowercase = settings.lowercase
        self._convert: Callable[[str], str] | None = None
        if settings.opencc:
            self._convert = opencc.OpenCC(settings.opencc).convert

    def normalize_text(self, text: str, *, chinese: bool) -> str:
        """The normalised text alone: several times as fast as with its map."""
        if text.isascii() and "\0" not in text:
            return text.lower() if self._lowercase else text
        text = self._in_form(_widened(_REMOVED.sub("", text)))
        if chinese and self._convert is not None:
            text = self._convert(text)
        return text.lower() if self._lowercase else text

    def normalize(self, text: str, *, chinese: bool) -> Normalized:
        """The normalised text, equal to ``normalize_text``, and its map to the raw text."""
        length = len(text)
        offsets = np.arange(length + 1, dtype=np.int64)
        removed = [match.start() for match in _REMOVED.finditer(text)]
        if removed:
            offsets = np.delete(offsets, removed)
            text = _REMOVED.sub("", text)
        text = _widened(text)
        formed = self._in_form(text)
        if formed != text:
            offsets = offsets[form_offsets(text, self._form)]
            text = formed
        if chinese and self._convert is not None:
            converted = self._convert(text)
            if converted != text:
                offsets = offsets[conversion_offsets(text, converted, self._convert)]
                text = converted
        if self._lowercase:
            lowered = text.lower()
            if len(lowered) != len(text):
                lengths = [len(character.lower()) for character in text]
                offsets = offsets[np.append(np.repeat(np.arange(len(text)), lengths), len(text))]
            text = lowered
        return Normalized(text, offsets)

    def _in_form(self, text: str) -> str:
        return unicodedata.normalize(self._form, text)


def _widened(text: str) -> str:
    return text.translate(_FULL_WIDTH) if _HALF_WIDTH.search(text) else text
