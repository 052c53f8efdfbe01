"""Japanese words and their readings: UniDic's words, inflected forms glued into phrase words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise

from hanmill.pipelines.annotate.japanese.counters import counted
from hanmill.pipelines.annotate.japanese.reading_corrections import CORRECTIONS, NUMBER, corrected
from hanmill.pipelines.annotate.japanese.ruby import apply_ruby
from hanmill.pipelines.annotate.japanese.unidic import ENDING, IN_CONTEXT, INFLECTS, UniDic, Word
from hanmill.pipelines.annotate.words import (
    Words,
    carry_back,
    cut_without_extenders,
    native_text,
    words_of,
)
from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.text.sentences import sentence_ends
from hanmill.schemas.recipe import SegmentRecipe

#: Characters. Longer lines are cut: the memory of one parse grows with its length and is never given back.
_LONGEST_PARSE = 2_000
#: Between texts stand as many edges as a correction looks words far, so that none sees another text.
_APART = (Word("", "", "", 0),) * 2
_MARKED = {
    mark: b"[" + bytes(marks for marks in range(8) if marks & mark) + b"]" for mark in (IN_CONTEXT, INFLECTS, ENDING)
}
_IN_CONTEXT = re.compile(_MARKED[IN_CONTEXT])
_INFLECTED = re.compile(b"(?<=" + _MARKED[INFLECTS] + b")" + _MARKED[ENDING])
_NUMBER_SEPARATORS = frozenset(",.，．")
#: 1人 and 2人, in two parts.
_PEOPLE = {"1": ("ヒト", "リ"), "2": ("フタ", "リ"), "１": ("ヒト", "リ"), "２": ("フタ", "リ")}


class JapaneseSegmenter:
    """Short-unit words of UniDic; with ``glue``, what inflects takes the auxiliaries, て, ば and たり after it.

    流して and 食べられません are then one word each; だ and です begin a word of their own (学生 / でした).
    """

    version: str

    def __init__(self, settings: SegmentRecipe) -> None:
        self._dictionary = UniDic()
        self._glue = settings.glue
        self.version = self._dictionary.version

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        """One Words per text, with readings in katakana; those that the source gives win over MeCab's."""
        cut = cut_without_extenders(texts, self._segment)
        if not any(readings):
            return cut
        return [apply_ruby(text, words, spans) for text, words, spans in zip(texts, cut, readings, strict=True)]

    def _segment(self, texts: Sequence[str]) -> list[Words]:
        found = [*_APART]
        bounds = [len(found)]
        written = [native_text(text) for text in texts]
        for text in written:
            for piece in _pieces(text):
                found += self._dictionary.parse(piece)
            found += _APART
            bounds.append(len(found))
        surfaces, readings = self._glued(found)
        cut = []
        for text, plain, (start, end) in zip(texts, written, pairwise(bounds), strict=True):
            parts = surfaces[start:end]
            words = list(filter(None, parts))
            if plain != text:
                words = carry_back(text, words)
            cut.append(words_of(words, list(compress(readings[start:end], parts))))
        return cut

    def _glued(self, words: Sequence[Word]) -> tuple[list[str], list[str]]:
        """Surfaces and readings of words in their context; "" is the surface of those that joined the one before."""
        surfaces = [word.surface for word in words]
        readings = [word.reading for word in words]
        marks = bytes([word.marks for word in words])
        joining = _correct(words, readings, [found.start() for found in _IN_CONTEXT.finditer(marks)])
        if self._glue:
            joining = sorted([*joining, *(found.start() for found in _INFLECTED.finditer(marks))])
        for index in reversed(joining):
            surfaces[index - 1] += surfaces[index]
            surfaces[index] = ""
            own, ending = readings[index - 1], readings[index]
            readings[index - 1] = own + ending if own and ending else ""
        return surfaces, readings


def _pieces(text: str) -> list[str]:
    """Lines, the white space in them as single ASCII spaces, which MeCab leaves out; very long ones in parts."""
    pieces = []
    for line in text.splitlines():
        short = [line] if len(line) <= _LONGEST_PARSE else _cut_line(line)
        pieces += [" ".join(words) for words in map(str.split, short) if words]
    return pieces


def _cut_line(line: str) -> Iterator[str]:
    start = 0
    for end in sentence_ends(line):
        for cut in range(start, end, _LONGEST_PARSE):
            yield line[cut : min(cut + _LONGEST_PARSE, end)]
        start = end


def _correct(words: Sequence[Word], readings: list[str], places: Sequence[int]) -> list[int]:
    """Puts the readings at ``places``, and of counters after them, right by their neighbours, in place.

    Returns the places of counters that join their number: 1人 and 2人 are one word, ヒトリ and フタリ.
    """
    joining = []
    for index in places:
        readings[index] = _reading_in_context(words, index, readings[index])
        counter = words[index + 1]
        if words[index].kind != NUMBER or counter.kind == NUMBER or not counter.surface:
            continue
        start = _numeral_start(words, index)
        numeral = "".join(word.surface for word in words[start : index + 1])
        people = _PEOPLE.get(numeral) if counter.surface == "人" else None
        if people and words[start - 1].surface not in _NUMBER_SEPARATORS:
            readings[index : index + 2] = people
            joining.append(index + 1)
            continue
        own = _reading_in_context(words, index + 1, readings[index + 1])
        readings[index : index + 2] = counted(numeral, readings[index], counter.surface, own)
    return joining


def _numeral_start(words: Sequence[Word], index: int) -> int:
    """Where the numeral begins that ends at ``index``: digits are one word, of 十二 each character is."""
    while not words[index].surface.isdecimal() and _is_han_number(words[index - 1]):
        index -= 1
    return index


def _is_han_number(word: Word) -> bool:
    return word.kind == NUMBER and not word.surface.isdecimal()


def _reading_in_context(words: Sequence[Word], index: int, reading: str) -> str:
    surface = words[index].surface
    if surface not in CORRECTIONS:
        return reading
    second_before, before, _, after, second_after = [(word.surface, word.kind) for word in words[index - 2 : index + 3]]
    return corrected(surface, reading, (before, second_before), (after, second_after))
