"""Word borders where a rule is right and a model guesses: Latin words, addresses, brackets and other marks.

A learnt model has seen few Latin letters, and cuts ``githu b .com`` or glues ``[上``. Here a Latin word, a name with
dots, an address or a path is one word; a bracket or a quotation mark is a word of its own; Han is not glued to other
marks, nor to a Latin word of two letters and more unless the dictionary has them as one word (卡拉OK).
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.text.characters import CODE_POINTS
from hanmill.pipelines.text.general_categories import general_categories
from hanmill.pipelines.text.tsv import read_tsv

_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
#: Addresses, paths and Latin words with what joins them; a full stop that ends a sentence joins nothing.
_LATIN_WORD = re.compile(
    rf"""(?:https?|ftp)://[!-~]*[\w/]                         # an address
       | [\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+           # a mail address
       | (?<![\w/])(?:/[A-Za-z0-9_.-]*[A-Za-z0-9_]){{2,}}     # a path
       | (?:[0-9]+(?=[._&/'’-]?[{_LATIN}]))?[{_LATIN}]+(?:[0-9]*[._&/'’-][{_LATIN}0-9]+)*(?:\+\+|\#(?![A-Za-z]))?
    """,
    re.VERBOSE | re.ASCII,
)
_HAS_LATIN = re.compile(f"[{_LATIN}]")
_OTHER, _HAN, _MARK, _BRACKET = range(4)
#: Marks that belong to words (AT&T, 汤姆·汉克斯, 3.14, 50%, -5, C++, #5), and those that are cut with their like.
_JOINING = frozenset("·•・‧&'’.-–_/%％‰+#@:：,，$￥€£°℃№*~～\\^`´¨／∶○－．，：＃＠＋＆＄＿～＊")
_LEAST_LETTERS = 2


def apply_rules(
    text: str, codepoints: NDArray[np.uint32], dictionary_ends: NDArray[np.int64], ends: NDArray[np.bool_]
) -> None:
    """Puts the borders that rules know into ``ends`` (bool [n], whether a word ends with a character), in place.

    ``dictionary_ends`` int64 are the last characters of the words that the dictionary cutter finds.
    """
    _cut_at_marks(codepoints, ends)
    if _HAS_LATIN.search(text):
        _keep_latin_words(text, codepoints, dictionary_ends, ends)


def _cut_at_marks(codepoints: NDArray[np.uint32], ends: NDArray[np.bool_]) -> None:
    kinds = _kinds()[codepoints]
    left, right = kinds[:-1], kinds[1:]
    brackets = (left == _BRACKET) | (right == _BRACKET)
    mark_and_word = ((left == _MARK) & (right < _MARK)) | ((right == _MARK) & (left < _MARK))
    ends[:-1] |= brackets | mark_and_word


def _keep_latin_words(
    text: str, codepoints: NDArray[np.uint32], dictionary_ends: NDArray[np.int64], ends: NDArray[np.bool_]
) -> None:
    in_dictionary = np.zeros(len(ends), dtype=bool)
    in_dictionary[dictionary_ends[dictionary_ends < len(ends)]] = True
    kinds = _kinds()
    for found in _LATIN_WORD.finditer(text):
        start, end = found.span()
        ends[start : end - 1] = False
        if end - start < _LEAST_LETTERS:
            continue
        if start and kinds[codepoints[start - 1]] == _HAN and in_dictionary[start - 1]:
            ends[start - 1] = True
        if end < len(ends) and kinds[codepoints[end]] == _HAN and in_dictionary[end - 1]:
            ends[end - 1] = True
    for found in _known_words().finditer(text):
        start, end = found.span()
        ends[start : end - 1] = False
        ends[[start - 1, end - 1]] = True


@cache
def _known_words() -> re.Pattern[str]:
    words = sorted((word for (word,) in read_tsv(__package__, "latin_han_words.tsv", 1)), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@cache
def _kinds() -> NDArray[np.uint8]:
    """uint8 [0x110000]: Han, marks that are cut from words, brackets and quotation marks, and all others."""
    kinds = np.full(CODE_POINTS, _OTHER, dtype=np.uint8)
    categories = general_categories()
    for first, stop in ((0, 0x3400), (0xFF01, 0xFF66)):
        near = categories[first:stop]
        kinds[first:stop][np.isin(near.astype("S1"), (b"P", b"S"))] = _MARK
        kinds[first:stop][np.isin(near, (b"Ps", b"Pe", b"Pi", b"Pf"))] = _BRACKET
    kinds[ord('"')] = _BRACKET
    kinds[[ord(character) for character in (*_JOINING, "’")]] = _OTHER
    kinds[[0x3005, 0x3006, 0x3007]] = _HAN
    kinds[0x3400:0xA000] = _HAN
    kinds[0xF900:0xFB00] = _HAN
    kinds[0x20000:0x40000] = _HAN
    return kinds
