"""MeCab with UniDic: the words on the best path through a line, numbered as they are met."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import MeCab
import unidic_lite

from pipelines.annotate.reading_corrections import CORRECTIONS, NAME, NOUN, NUMBER, OTHER, Neighbour
from pipelines.annotate.readings import is_kana, takes_reading
from pipelines.annotate.romaji import katakana
from schemas.hashing import file_sha256

#: MeCab reads output formats from an rc file only; ``dicrc`` overrules the command line.
_RC = """output-format-type = hanmill
node-format-hanmill = {node}
unk-format-hanmill = {unknown}
eos-format-hanmill =
"""
#: Surface, part of speech, its two subclasses, conjugation type, lemma, kana spelling (UniDic 2.1.2).
_FEATURES = r"%m\t%f[0]\t%f[1]\t%f[2]\t%f[4]\t%f[7]\t%f[17]", r"%m\t%f[0]\t%f[1]\t%f[2]\t\t\t"
#: Surface, context ids and cost: what the search compares, so it takes entries equal in these for one another
#: and always finds the same of them. A third faster to write than features, which only new words are asked for.
_KEY = r"%m\t%phl\t%phr\t%pw\n", r"%m\t%phl\t%phr\t%pw\n"
_MOST_KNOWN = 1 << 17
_COPULAS = frozenset({"だ", "です"})
_PARTICLES_GLUED = frozenset({"て", "ば", "ちゃ", "ちゃあ", "たり"})
_NOUN_KINDS = {"数詞": NUMBER, "固有名詞": NAME}

#: The number of what stands beyond the ends of a text.
EDGE = 0
#: Marks of words: the reading may need correction; endings may join it; it joins an inflecting word before it.
IN_CONTEXT, INFLECTS, ENDING = 1, 2, 4
_Loaded = TypeVar("_Loaded", MeCab.Model, MeCab.Tagger)


class UniDic:
    """unidic-lite, its words numbered until ``forget``. Built once per process.

    By number: ``surfaces``, ``readings`` in katakana ("" for none), and ``neighbours``, what the words beside it see.
    """

    surfaces: list[str]
    readings: list[str]
    neighbours: list[Neighbour]
    marks: bytearray

    def __init__(self) -> None:
        folder = Path(unidic_lite.DICDIR)
        model = _from_rc(MeCab.Model, folder, *_KEY)
        self._tagger = model.createTagger()
        self._lattice = model.createLattice()
        self._model = model  # what it creates refers to it, and does not keep it
        self._features = _from_rc(MeCab.Tagger, folder, *_FEATURES)
        self.version = (
            f"mecab-python3 {version('mecab-python3')}, unidic-lite {version('unidic-lite')}, "
            f"sys.dic sha256 {_sha256(folder / 'sys.dic')}"
        )
        self._begin()

    def _begin(self) -> None:
        self._numbers: dict[str, int] = {}
        self.marks = bytearray()
        self.surfaces, self.readings, self.neighbours = [], [], []
        self._add("", "", "", 0)

    def forget(self) -> None:
        """Gives up all numbers where there are very many."""
        if len(self._numbers) > _MOST_KNOWN:
            self._begin()

    def parse(self, line: str) -> list[int]:
        """The numbers of a line's words; MeCab leaves ASCII white space out."""
        self._lattice.set_sentence(line)
        self._tagger.parse(self._lattice)
        keys = self._lattice.toString().split("\n")
        keys.pop()
        found = list(map(self._numbers.get, keys))
        return self._learn(keys, found) if None in found else found  # type: ignore[return-value]

    def _learn(self, keys: Sequence[str], found: Sequence[int | None]) -> list[int]:
        """The words on the lattice's best path; the new ones (None) are read from its nodes and remembered."""
        numbers = []
        node = self._lattice.bos_node()
        for key, number in zip(keys, found, strict=True):
            node = node.next
            if number is None:
                number = self._numbers[key] = self._add(*_word(self._features.formatNode(node)))
            numbers.append(number)
        return numbers

    def _add(self, surface: str, reading: str, kind: str, marks: int) -> int:
        self.surfaces.append(surface)
        self.readings.append(reading)
        self.neighbours.append((surface, kind))
        self.marks.append(marks)
        return len(self.surfaces) - 1


_sha256 = cache(file_sha256)


def _from_rc(kind: Callable[[str], _Loaded], dictionary: Path, node: str, unknown: str) -> _Loaded:
    with tempfile.NamedTemporaryFile("w", suffix=".rc", encoding="utf-8") as rc:
        rc.write(_RC.format(node=node, unknown=unknown))
        rc.flush()
        return kind(f'-r "{rc.name}" -d "{dictionary}"')


def _word(line: str) -> tuple[str, str, str, int]:
    """Spelling, reading, kind and marks of a word, from its features."""
    surface, part, subclass, use, conjugation, lemma, kana = line.split("\t")
    kind = NUMBER if surface.isdecimal() else _kind(part, subclass, use)
    marks = 0
    if kind == NUMBER or surface in CORRECTIONS:
        marks |= IN_CONTEXT
    if conjugation:
        marks |= INFLECTS
    if (
        (part == "助動詞" and lemma not in _COPULAS)
        or (part == "助詞" and lemma in _PARTICLES_GLUED and subclass in ("接続助詞", "副助詞"))
        or (part == "接尾辞" and conjugation)
    ):
        marks |= ENDING
    return surface, _reading(surface, kana), kind, marks


def _kind(part: str, subclass: str, use: str) -> str:
    """What a word is to its neighbours; nouns that stand as adverbs (昨日会社へ) begin no compound."""
    if part != "名詞" or use == "副詞可能":
        return OTHER
    return _NOUN_KINDS.get(subclass, NOUN)


def _reading(surface: str, kana: str) -> str:
    """Kana as they are written; the dictionary's reading where a word has Han."""
    if is_kana(surface):
        return katakana(surface)
    return kana if takes_reading(surface) else ""
