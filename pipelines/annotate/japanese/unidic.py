"""MeCab with UniDic: the words on the best path through a line, each looked up once."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import MeCab
import unidic_lite

from hanmill.pipelines.annotate.japanese.kana import HIRAGANA, is_kana, kana_of, takes_reading
from hanmill.pipelines.annotate.japanese.phrase_readings import PhraseReadings
from hanmill.pipelines.annotate.japanese.reading_corrections import NAME, NOUN, NUMBER, OTHER
from hanmill.pipelines.annotate.japanese.romaji import katakana

#: MeCab reads output formats from an rc file only; ``dicrc`` overrules the command line.
_RC = """output-format-type = hanmill
node-format-hanmill = {node}
unk-format-hanmill = {unknown}
eos-format-hanmill =
"""
#: Of UniDic 2.1.2's features the first three (part of speech), conjugation type, lemma, kana spelling. Unknown words
#: have six.
_CONJUGATION, _LEMMA, _KANA, _UNKNOWN = 4, 7, 17, 6
#: Surface, context ids and cost: what the search compares, so it takes entries equal in these for one another
#: and always finds the same of them. A third faster to write than features, which only new words are asked for (and
#: which MeCab itself would write out three times slower than they are split here).
_KEY = r"%m\t%phl\t%phr\t%pw\n", r"%m\t%phl\t%phr\t%pw\n"
_MOST_KNOWN = 1 << 17
_COPULAS = frozenset({"だ", "です"})
_PARTICLES_GLUED = frozenset({"て", "ば", "ちゃ", "ちゃあ", "たり"})
_FIRST_KATAKANA = "ァ"
_NOUN_KINDS = {"数詞": NUMBER, "固有名詞": NAME}

#: Marks of words: the reading may need correction; endings may join it; it joins an inflecting word before it; a
#: phrase may begin with it; it may be the second word of one.
IN_CONTEXT, INFLECTS, ENDING, BEGINS, GOES_ON = 1, 2, 4, 8, 16
_Loaded = TypeVar("_Loaded", MeCab.Model, MeCab.Tagger)


class Word(NamedTuple):
    """Spelling, reading in katakana ("" for none), one of ``reading_corrections``' kinds, marks, part of speech.

    ``content`` is the spelling again where the word has Han or katakana, ``stem`` what is before its hiragana.
    """

    surface: str
    reading: str
    kind: str
    marks: int
    part: str = ""
    content: str = ""
    stem: str = ""


class UniDic:
    """unidic-lite. Built once per process."""

    def __init__(self, in_context: Callable[[str, str], bool], phrases: PhraseReadings) -> None:
        """``in_context`` tells of a word's spelling and stem whether its reading may need correction."""
        self._in_context = in_context
        self._phrases = phrases
        folder = Path(unidic_lite.DICDIR)
        model = _from_rc(MeCab.Model, folder, *_KEY)
        self._tagger = model.createTagger()
        self._lattice = model.createLattice()
        self._model = model  # what it creates refers to it, and does not keep it
        self._known: dict[str, Word] = {}

    def parse(self, line: str) -> list[Word]:
        """The words of a line; MeCab leaves ASCII white space out."""
        self._lattice.set_sentence(line)
        self._tagger.parse(self._lattice)
        keys = self._lattice.toString().split("\n")
        keys.pop()
        found = list(map(self._known.get, keys))
        return self._learn(keys, found) if None in found else found  # type: ignore[return-value]

    def is_word(self, text: str) -> bool:
        """Whether the dictionary reads the text as one word that it knows."""
        words = self.parse(text)
        return len(words) == 1 and not self._lattice.bos_node().next.stat

    def _learn(self, keys: Sequence[str], found: Sequence[Word | None]) -> list[Word]:
        """The words on the lattice's best path; the new ones (None) are read from its nodes and remembered."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        words = []
        node = self._lattice.bos_node()
        for key, word in zip(keys, found, strict=True):
            node = node.next
            if word is None:
                word = self._known[key] = self._word(key.partition("\t")[0], node.feature)
            words.append(word)
        return words

    def _word(self, surface: str, line: str) -> Word:
        features = line.split(",", _KANA + 1)
        if '"' in line and '"' in line[: -len(features[-1])]:
            features = next(csv.reader([line]))
        known = len(features) > _UNKNOWN
        lemma = features[_LEMMA] if known and features[0].startswith("助") else ""
        marks, kind, part = _grammar(*features[:3], features[_CONJUGATION] if known else "", lemma)
        if surface.isdecimal():
            kind = NUMBER
        content, stem = "", surface
        reading = ""
        if is_kana(surface):
            reading = katakana(surface)
            if surface[0] >= _FIRST_KATAKANA:
                content = surface
        elif alone := kana_of(surface):
            reading, content = katakana(alone), surface
        elif takes_reading(surface):
            reading = features[_KANA].strip("*") if known else ""
            reading = reading or self._phrases.of_word(surface)
            content, stem = surface, surface.rstrip(HIRAGANA) or surface
        if kind is NUMBER or (content and self._in_context(surface, stem)):
            marks |= IN_CONTEXT
        if surface in self._phrases.firsts and not part.startswith("接尾辞"):
            marks |= BEGINS
        if stem in self._phrases.seconds:
            marks |= GOES_ON
        return Word(surface, reading, kind, marks, part, content, stem)


@cache
def _grammar(part: str, subclass: str, use: str, conjugation: str, lemma: str) -> tuple[int, str, str]:
    """Marks, kind, and part of speech with what of its subclasses neighbours may depend on."""
    part, subclass, use, conjugation = ("" if each == "*" else each for each in (part, subclass, use, conjugation))
    marks = INFLECTS if conjugation else 0
    if (
        (part == "助動詞" and lemma not in _COPULAS)
        or (part == "助詞" and lemma in _PARTICLES_GLUED and subclass in ("接続助詞", "副助詞"))
        or (part == "接尾辞" and conjugation)
    ):
        marks |= ENDING
    whole = f"{part}-{subclass}-{use}" if subclass in ("固有名詞", "普通名詞") else f"{part}-{subclass}"
    return marks, _kind(part, subclass, use), whole


def _kind(part: str, subclass: str, use: str) -> str:
    """What a word is to its neighbours; nouns that stand as adverbs (昨日会社へ) begin no compound."""
    if part != "名詞" or use == "副詞可能":
        return OTHER
    return _NOUN_KINDS.get(subclass, NOUN)


def _from_rc(kind: Callable[[str], _Loaded], dictionary: Path, node: str, unknown: str) -> _Loaded:
    with tempfile.NamedTemporaryFile("w", suffix=".rc", encoding="utf-8") as rc:
        rc.write(_RC.format(node=node, unknown=unknown))
        rc.flush()
        return kind(f'-r "{rc.name}" -d "{dictionary}"')
