"""Japanese words and their readings: UniDic's words, inflected forms glued into phrase words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, pairwise

from hanmill.pipelines.annotate.japanese.context_readings import ContextReadings
from hanmill.pipelines.annotate.japanese.counters import counted
from hanmill.pipelines.annotate.japanese.old_forms import in_new_forms
from hanmill.pipelines.annotate.japanese.phrase_readings import Phrase, PhraseReadings, PhraseTable, divided
from hanmill.pipelines.annotate.japanese.reading_corrections import CORRECTIONS, NUMBER, WRONG, corrected
from hanmill.pipelines.annotate.japanese.reading_model import (
    SHIPPED_MODEL,
    SHIPPED_PHRASES,
    ReadingModel,
    read_model,
    read_phrases,
)
from hanmill.pipelines.annotate.japanese.repeat_marks import WrittenOut, han_written_out, written_out
from hanmill.pipelines.annotate.japanese.ruby import apply_ruby
from hanmill.pipelines.annotate.japanese.unidic import BEGINS, ENDING, GOES_ON, IN_CONTEXT, INFLECTS, UniDic, Word
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
#: Between lines stand as many edges as a correction looks words far, so that none sees another line.
_APART = (Word("", "", "", 0),) * 2
_MARKED = {
    mark: b"[" + re.escape(bytes(marks for marks in range(32) if marks & mark)) + b"]"
    for mark in (IN_CONTEXT, INFLECTS, ENDING, BEGINS, GOES_ON)
}
_IN_CONTEXT = re.compile(_MARKED[IN_CONTEXT])
_BEGINS = re.compile(_MARKED[BEGINS] + b"(?=" + _MARKED[GOES_ON] + b")")
_INFLECTED = re.compile(b"(?<=" + _MARKED[INFLECTS] + b")" + _MARKED[ENDING])
_NONE = ("?",)
_NUMBER_SEPARATORS = frozenset(",.，．")
#: 1人 and 2人, in two parts.
_PEOPLE = {"1": ("ヒト", "リ"), "2": ("フタ", "リ"), "１": ("ヒト", "リ"), "２": ("フタ", "リ")}
#: 1人前 is イチニンマエ, 2人三脚 ニニンサンキャク.
_NOT_PEOPLE = frozenset({"前", "三", "三脚", "3"})


class JapaneseSegmenter:
    """Short-unit words of UniDic; with ``glue``, what inflects takes the auxiliaries, て, ば and たり after it.

    流して and 食べられません are then one word each; だ and です begin a word of their own (学生 / でした).
    """

    def __init__(
        self,
        settings: SegmentRecipe,
        model: ReadingModel | None = None,
        phrases: Mapping[str, Phrase] | None = None,
    ) -> None:
        """``model`` and ``phrases`` take the place of those that come with the program."""
        table = read_phrases(SHIPPED_PHRASES) if phrases is None else PhraseTable.of(phrases)
        self._phrases = PhraseReadings(table)
        self._contexts = ContextReadings(read_model(SHIPPED_MODEL) if model is None else model)
        self._dictionary = UniDic(
            lambda surface, stem: self._contexts.knows(surface, stem) or surface in CORRECTIONS, self._phrases
        )
        self._glue = settings.glue

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        """One Words per text, with readings in katakana; those that the source gives win over MeCab's."""
        cut = cut_without_extenders(texts, self._segment)
        if not any(readings):
            return cut
        return [apply_ruby(text, words, spans) for text, words, spans in zip(texts, cut, readings, strict=True)]

    def analysed(self, text: str) -> tuple[list[Word], list[str]]:
        """The words of a text and their readings, with two empty words at either end; nothing glued."""
        words = [*_APART]
        for piece in _pieces(self._written_out(text).text):
            words += self._parse(piece)[0]
            words += _APART
        readings = [word.reading for word in words]
        self._put_right(words, readings, bytes([word.marks for word in words]))
        return words, readings

    def _segment(self, texts: Sequence[str]) -> list[Words]:
        found = [*_APART]
        bounds = [len(found)]
        written = list(map(self._written_out, texts))
        as_written = []
        for text, one in zip(texts, written, strict=True):
            same = one.text is text
            for piece in _pieces(one.text):
                words, kept = self._parse(piece)
                found += words
                found += _APART
                same = same and kept
            bounds.append(len(found))
            as_written.append(same)
        surfaces, readings = self._glued(found)
        cut = []
        for text, one, same, (start, end) in zip(texts, written, as_written, pairwise(bounds), strict=True):
            parts = surfaces[start:end]
            cut_words, read = list(filter(None, parts)), list(compress(readings[start:end], parts))
            if one.owners is not None:
                cut_words, read = one.carried_back(text, cut_words, read)
            elif not same:
                cut_words = carry_back(text, cut_words)
            cut.append(words_of(cut_words, read))
        return cut

    def _written_out(self, text: str) -> WrittenOut:
        return written_out(in_new_forms(native_text(text)), self._dictionary.is_word)

    def _parse(self, piece: str) -> tuple[list[Word], bool]:
        """The words of a line, a 々 that none of them knows written as what it repeats; whether none was."""
        words = self._dictionary.parse(piece)
        if "々" not in piece:
            return words, True
        kept = True
        while (place := _unknown_repeat(piece, words)) is not None:
            longer = han_written_out(piece, place)
            if longer == piece:
                break
            piece, words, kept = longer, self._dictionary.parse(longer), False
        return words, kept

    def _glued(self, words: Sequence[Word]) -> tuple[list[str], list[str]]:
        """Surfaces and readings of words in their context; "" is the surface of those that joined the one before."""
        surfaces = [word.surface for word in words]
        readings = [word.reading for word in words]
        marks = bytes([word.marks for word in words])
        joining = self._put_right(words, readings, marks)
        if self._glue:
            joining = sorted([*joining, *(found.start() for found in _INFLECTED.finditer(marks))])
        for index in reversed(joining):
            surfaces[index - 1] += surfaces[index]
            surfaces[index] = ""
            own, ending = readings[index - 1], readings[index]
            readings[index - 1] = own + ending if own and ending else ""
        return surfaces, readings

    def _put_right(self, words: Sequence[Word], readings: list[str], marks: bytes) -> list[int]:
        """Puts readings right by their context, in place; the words that join the one before them."""
        joining = self._correct(words, readings, [found.start() for found in _IN_CONTEXT.finditer(marks)])
        last = 0
        for start in [begin.start() for begin in _BEGINS.finditer(marks)]:
            longest = self._phrases.longest(words[start].surface, words[start + 1].stem)
            if not longest or start < last or (phrase := self._phrases.at(words, start, longest)) is None:
                continue
            stop, whole = phrase
            if words[start - 1].kind == NUMBER:
                continue
            parts = divided(tuple(word.surface for word in words[start:stop]), tuple(readings[start:stop]), whole)
            if parts is not None:
                readings[start:stop] = parts
                last = stop
        return joining

    def _correct(self, words: Sequence[Word], readings: list[str], places: Sequence[int]) -> list[int]:
        """Puts the readings at ``places``, and of counters after them, right by their neighbours, in place.

        Returns the places of counters that join their number: 1人 and 2人 are one word, ヒトリ and フタリ.
        """
        joining = []
        for index in places:
            readings[index] = self._reading_in_context(words, index, readings[index])
            counter = words[index + 1]
            if words[index].kind != NUMBER or counter.kind == NUMBER or not counter.surface:
                continue
            start = _numeral_start(words, index)
            numeral = "".join(word.surface for word in words[start : index + 1])
            people = _PEOPLE.get(numeral) if counter.surface == "人" else None
            alone = words[start - 1].surface not in _NUMBER_SEPARATORS
            if people and alone and words[index + 2].surface not in _NOT_PEOPLE:
                readings[index : index + 2] = people
                joining.append(index + 1)
                continue
            own = self._reading_in_context(words, index + 1, readings[index + 1])
            readings[index : index + 2] = counted(numeral, readings[index], counter.surface, own)
        return joining

    def _reading_in_context(self, words: Sequence[Word], index: int, reading: str) -> str:
        """The reading of a word by the table of corrections, else by the model, which knows nothing of counters.

        The table has the last word too: it may put the model right (今週中 チュウ).
        """
        right = _by_table(words, index, reading)
        if right != reading or words[index - 1].kind == NUMBER or words[index].kind == NUMBER:
            return right
        chosen = self._contexts.read(words, index, reading)
        return reading if chosen == reading else _by_table(words, index, chosen)


def _by_table(words: Sequence[Word], index: int, reading: str) -> str:
    surface = words[index].surface
    if not reading.startswith(WRONG.get(surface, _NONE)):
        return reading
    second_before, before, _, after, second_after = [(word.surface, word.kind) for word in words[index - 2 : index + 3]]
    return corrected(surface, reading, (before, second_before), (after, second_after))


def _unknown_repeat(piece: str, words: Sequence[Word]) -> int | None:
    """Where in ``piece`` a word begins with 々."""
    place = 0
    for word in words:
        place = piece.index(word.surface, place)
        if word.surface[0] == "々":
            return place
        place += len(word.surface)
    return None


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


def _numeral_start(words: Sequence[Word], index: int) -> int:
    """Where the numeral begins that ends at ``index``: digits are one word, of 十二 each character is."""
    while not words[index].surface.isdecimal() and _is_han_number(words[index - 1]):
        index -= 1
    return index


def _is_han_number(word: Word) -> bool:
    return word.kind == NUMBER and not word.surface.isdecimal()
