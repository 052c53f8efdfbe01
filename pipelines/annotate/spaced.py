"""Words of languages that put white space between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from hanmill.pipelines.annotate.words import Words, cut_without_extenders, words_of
from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.text.general_categories import general_categories
from hanmill.pipelines.text.han import HAN

_HAN = f"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b{HAN}"
_HIRAGANA = "\u3041-\u3096\u309d-\u309f"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"


class SpaceSegmenter:
    """White space separates words; punctuation and symbols stand apart, one each.

    An apostrophe between letters (``don't``) and a point or comma between digits (``3.14``) stay inside. A run of
    Han, hiragana or katakana inside the text is a word of its own.
    """

    def __init__(self) -> None:
        self._word = _word_pattern()

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        """One Words per text, without readings."""
        return cut_without_extenders(texts, self._segment)

    def _segment(self, texts: Sequence[str]) -> list[Words]:
        return [words_of(self._word.findall(text)) for text in texts]


@cache
def _word_pattern() -> re.Pattern[str]:
    cjk = _HAN + _HIRAGANA + _KATAKANA
    spacing_marks = "".join(map(chr, np.flatnonzero(general_categories() == b"Mc").tolist()))
    # ASCII apart: the class of all other letters is tried range by range, five times slower.
    other, ascii_letters = r"(?![\x00-\x7f])", "[A-Za-z0-9]++"
    letters = rf"(?>(?:{ascii_letters}|{other}(?:[^\W_{cjk}]++|[{spacing_marks}]++))+)"
    in_number = rf"(?>(?:(?<=\d)[.,](?=\d){letters})*)"
    in_word = rf"(?>(?:['’](?=\w){letters})*)"
    runs = rf"{other}(?:[{_HAN}]++|[{_HIRAGANA}]++|[{_KATAKANA}]++)"
    return re.compile(rf"\s*+({letters}{in_number}{in_word}|{runs}|\S)")
