"""Text normalisation with an edit map: where in the raw text each normalised code point comes from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.text.character_conversion import CharacterConverter
from hanmill.pipelines.text.conversion_offsets import conversion_offsets
from hanmill.pipelines.text.form_offsets import form_offsets
from hanmill.pipelines.text.phrase_conversion import CHARACTER_CONFIGURATIONS, CutWords, PhraseConverter, converter
from hanmill.schemas.recipe import NormalizeRecipe

#: What no native library takes: NUL ends a string, lone surrogates are no characters.
_REMOVED = re.compile("[\0\ud800-\udfff]")
#: Half-width katakana and its punctuation, in Unicode's block order (Halfwidth and Fullwidth Forms).
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_FULL_WIDTH = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF61, 0xFFA0)}

#: Characters with a <wide> decomposition (UAX 11): the ideographic space, full-width letters, digits and signs.
_WIDE = {
    code: chr(int(decomposition.removeprefix("<wide> "), 16))
    for code in (0x3000, *range(0xFF01, 0xFFE7))
    if (decomposition := unicodedata.decomposition(chr(code))).startswith("<wide>")
}
#: Raised and lowered digits, signs and letters of numbers (10⁸, H₂O, xⁿ): NFKC would make other numbers of them. They
#: pass it as noncharacters, of which Unicode has as many in one block; a text that holds these is folded whole.
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"
_KEPT = {ord(character): 0xFDD0 + place for place, character in enumerate(_RAISED)}
_GIVEN_BACK = {stand_in: character for character, stand_in in _KEPT.items()}
_IS_RAISED, _NONCHARACTER = re.compile(f"[{_RAISED}]"), re.compile("[\ufdd0-\ufdef]")


class Normalized:
    """Normalised text and where it comes from. The map is worked out when it is first asked for."""

    __slots__ = ("_offsets", "_trace", "text")

    def __init__(self, text: str, trace: Callable[[], NDArray[np.int64]]) -> None:
        self.text = text
        self._trace = trace
        self._offsets: NDArray[np.int64] | None = None

    @property
    def raw_offsets(self) -> NDArray[np.int64]:
        """int64 [len(text) + 1]: the position in the raw text of each code point, then the raw text's length.

        It never falls. The raw text from one position to the next one that differs normalises to the code points that
        have the first: é of e and an acute; all of 株式会社 have the position of ㍿.
        """
        if self._offsets is None:
            self._offsets = self._trace()
        return self._offsets


class Normalizer:
    """Puts text into the form that a recipe asks for, in this order.

    NUL and lone surrogates out; half-width kana wide; NFC or NFKC (but raised and lowered numbers stay); wide
    characters folded; old kanji new (Japanese only); OpenCC (Chinese only); lower case.

    Holds an OpenCC converter: build one per process.
    """

    def __init__(self, settings: NormalizeRecipe, cut: CutWords | None = None) -> None:
        """``cut`` cuts Chinese into words: with it OpenCC's phrases count only where they agree with the words."""
        self._form = settings.form
        self._lowercase = settings.lowercase
        self._fold_width = settings.fold_width
        # Old forms of kanji to new: 學校 to 学校.
        self._modernise = CharacterConverter("t2jp") if settings.shinjitai else None
        self._convert: Callable[[str], str] | None = None
        self._by_word: PhraseConverter | None = None
        if settings.opencc:
            self._convert = converter(settings.opencc)
            if cut is not None and settings.opencc not in CHARACTER_CONFIGURATIONS:
                self._convert = self._by_word = PhraseConverter(settings.opencc, cut)
        # Only the configurations with phrases (s2twp) put words of another length in a text of the same length.
        self._rewords = settings.opencc.endswith("p")

    def normalize_text(self, text: str, *, chinese: bool, japanese: bool = False) -> str:
        """The normalised text alone."""
        if text.isascii() and "\0" not in text:
            return text.lower() if self._lowercase else text
        text = self._folded(self._in_form(_widened(_cleared(text))), japanese=japanese)
        if chinese and self._convert is not None:
            text = self._convert(text)
        return text.lower() if self._lowercase else text

    def normalize(self, text: str, *, chinese: bool, japanese: bool = False) -> Normalized:
        """The normalised text, equal to ``normalize_text``, with its map to the raw text."""
        normalized = self.normalize_text(text, chinese=chinese, japanese=japanese)
        if normalized == text:
            return Normalized(normalized, lambda: np.arange(len(text) + 1, dtype=np.int64))
        return Normalized(normalized, lambda: self._raw_offsets(text, chinese=chinese, japanese=japanese))

    def _raw_offsets(self, text: str, *, chinese: bool, japanese: bool) -> NDArray[np.int64]:
        offsets = np.arange(len(text) + 1, dtype=np.int64)
        removed = [match.start() for match in _REMOVED.finditer(text)]
        if removed:
            offsets = np.delete(offsets, removed)
            text = _REMOVED.sub("", text)
        text = _widened(text)
        formed = self._in_form(text)
        if formed != text:
            offsets = offsets[form_offsets(self._kept(text), self._form)]
            text = formed
        text = self._folded(text, japanese=japanese)
        if chinese and self._convert is not None:
            if self._by_word is not None:
                by_word = self._by_word.convert(text)
                converted, offsets = by_word.text, offsets[by_word.offsets]
            elif len(converted := self._convert(text)) != len(text) or self._rewords:
                offsets = offsets[conversion_offsets(text, converted, self._convert)]
            text = converted
        if self._lowercase:
            counts = [len(character.lower()) for character in text]
            offsets = offsets[np.append(np.repeat(np.arange(len(text)), counts), len(text))]
        return offsets

    def _folded(self, text: str, *, japanese: bool) -> str:
        """What puts one character for another; as long as the text."""
        if self._fold_width:
            text = text.translate(_WIDE)
        return self._modernise(text) if japanese and self._modernise is not None else text

    def _in_form(self, text: str) -> str:
        kept = self._kept(text)
        formed = unicodedata.normalize(self._form, kept)
        return formed if kept is text else formed.translate(_GIVEN_BACK)

    def _kept(self, text: str) -> str:
        """The text with what NFKC must not fold replaced one for one."""
        if self._form == "NFC" or not _IS_RAISED.search(text) or _NONCHARACTER.search(text):
            return text
        return text.translate(_KEPT)


def _cleared(text: str) -> str:
    if "\0" not in text:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _REMOVED.sub("", text)


def _widened(text: str) -> str:
    return text.translate(_FULL_WIDTH) if _HALF_WIDTH.search(text) else text
