"""MeCab with UniDic: the words on the best path through a line, each looked up once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypeVar

import MeCab
import unidic_lite

from hanmill.pipelines.annotate.japanese.kana import is_kana, takes_reading
from hanmill.pipelines.annotate.japanese.reading_corrections import CORRECTIONS, NAME, NOUN, NUMBER, OTHER
from hanmill.pipelines.annotate.japanese.romaji import katakana
from hanmill.schemas.hashing import file_sha256

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

#: Marks of words: the reading may need correction; endings may join it; it joins an inflecting word before it.
IN_CONTEXT, INFLECTS, ENDING = 1, 2, 4
_Loaded = TypeVar("_Loaded", MeCab.Model, MeCab.Tagger)


class Word(NamedTuple):
    """Spelling, reading in katakana ("" for none), one of ``reading_corrections``' kinds, and marks."""

    surface: str
    reading: str
    kind: str
    marks: int


class UniDic:
    """unidic-lite. Built once per process."""

    def __init__(self) -> None:
        folder = Path(unidic_lite.DICDIR)
        model = _from_rc(MeCab.Model, folder, *_KEY)
        self._tagger = model.createTagger()
        self._lattice = model.createLattice()
        self._model = model  # what it creates refers to it, and does not keep it
        self._features = _from_rc(MeCab.Tagger, folder, *_FEATURES)
        self._known: dict[str, Word] = {}
        self.version = (
            f"mecab-python3 {version('mecab-python3')}, unidic-lite {version('unidic-lite')}, "
            f"sys.dic sha256 {_sha256(folder / 'sys.dic')}"
        )

    def parse(self, line: str) -> list[Word]:
        """The words of a line; MeCab leaves ASCII white space out."""
        self._lattice.set_sentence(line)
        self._tagger.parse(self._lattice)
        keys = self._lattice.toString().split("\n")
        keys.pop()
        found = list(map(self._known.get, keys))
        return self._learn(keys, found) if None in found else found  # type: ignore[return-value]

    def _learn(self, keys: Sequence[str], found: Sequence[Word | None]) -> list[Word]:
        """The words on the lattice's best path; the new ones (None) are read from its nodes and remembered."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        words = []
        node = self._lattice.bos_node()
        for key, word in zip(keys, found, strict=True):
            node = node.next
            if word is None:
                word = self._known[key] = _word(self._features.formatNode(node))
            words.append(word)
        return words


_sha256 = cache(file_sha256)


def _from_rc(kind: Callable[[str], _Loaded], dictionary: Path, node: str, unknown: str) -> _Loaded:
    with tempfile.NamedTemporaryFile("w", suffix=".rc", encoding="utf-8") as rc:
        rc.write(_RC.format(node=node, unknown=unknown))
        rc.flush()
        return kind(f'-r "{rc.name}" -d "{dictionary}"')


def _word(line: str) -> Word:
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
    return Word(surface, _reading(surface, kana), kind, marks)


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
