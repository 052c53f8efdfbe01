"""Japanese words and their readings: MeCab with UniDic, inflected forms glued into phrase words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import compress
from pathlib import Path
from typing import TypeVar

import MeCab
import unidic_lite

from pipelines.annotate.counters import counted
from pipelines.annotate.readings import (
    CORRECTIONS,
    NAME,
    NOUN,
    NUMBER,
    OTHER,
    Neighbour,
    corrected,
    is_kana,
    takes_reading,
)
from pipelines.annotate.romaji import katakana
from pipelines.annotate.ruby import apply_ruby
from pipelines.annotate.sentences import sentence_ends
from pipelines.annotate.words import (
    Words,
    has_extenders,
    native_text,
    restore_extenders,
    without_extenders,
    words_of,
)
from pipelines.records import Reading
from schemas.hashing import file_sha256
from schemas.recipe import SegmentRecipe

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
#: Characters. Longer lines are cut: the memory of one parse grows with its length and is never given back.
_LONGEST_PARSE = 2_000
_NUMBER_SEPARATORS = frozenset(",.，．")
_PEOPLE = {"1": "ヒトリ", "2": "フタリ", "１": "ヒトリ", "２": "フタリ"}
_NOUN_KINDS = {"数詞": NUMBER, "固有名詞": NAME}
_COPULAS = frozenset({"だ", "です"})
_PARTICLES_GLUED = frozenset({"て", "ば", "ちゃ", "ちゃあ", "たり"})


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A dictionary word, equal to itself alone.

    ``kind`` is one of ``readings``' kinds; ``in_context``: its reading may need correction; ``inflects``: endings may
    join it; ``ending``: it joins an inflecting word before it.
    """

    surface: str
    reading: str
    kind: str
    in_context: bool
    inflects: bool
    ending: bool


_EDGE = Token("", "", "", False, False, False)
_Loaded = TypeVar("_Loaded", MeCab.Model, MeCab.Tagger)


class JapaneseSegmenter:
    """Short-unit words of UniDic; with ``glue``, what inflects takes the auxiliaries, て, ば and たり after it.

    流して and 食べられません are then one word each; だ and です begin a word of their own (学生 / でした).
    """

    version: str

    def __init__(self, settings: SegmentRecipe) -> None:
        dictionary = Path(unidic_lite.DICDIR)
        model = _from_rc(MeCab.Model, dictionary, *_KEY)
        self._tagger = model.createTagger()
        self._lattice = model.createLattice()
        self._model = model  # what it creates refers to it, and does not keep it
        self._features = _from_rc(MeCab.Tagger, dictionary, *_FEATURES)
        self._known: dict[str, Token] = {}
        self._glue = settings.glue
        self.version = (
            f"mecab-python3 {version('mecab-python3')}, unidic-lite {version('unidic-lite')}, "
            f"sys.dic sha256 {_sha256(dictionary / 'sys.dic')}"
        )

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        """One Words per text, with readings in katakana; those that the source gives win over MeCab's."""
        if has_extenders("".join(texts)):
            cut = [self._with_extenders(text) if has_extenders(text) else self._segment_one(text) for text in texts]
        else:
            cut = [self._segment_one(text) for text in texts]
        if not any(readings):
            return cut
        return [apply_ruby(text, words, spans) for text, words, spans in zip(texts, cut, readings, strict=True)]

    def _with_extenders(self, text: str) -> Words:
        return restore_extenders(text, self._segment_one(without_extenders(text)))

    def _segment_one(self, text: str) -> Words:
        plain = native_text(text)
        tokens = self._tokens(plain)
        readings = [token.reading for token in tokens]
        places = [index for index, token in enumerate(tokens) if token.in_context]
        if places:
            _correct(tokens, readings, places)
        surfaces = [token.surface for token in tokens]
        if self._glue:
            surfaces, readings = _glued(tokens, surfaces, readings)
        if plain != text:
            surfaces = _carry_back("".join(text.split()), surfaces)
        return words_of(surfaces, readings)

    def _tokens(self, text: str) -> list[Token]:
        tokens: list[Token] = []
        for piece in _pieces(text):
            self._lattice.set_sentence(piece)
            self._tagger.parse(self._lattice)
            keys = self._lattice.toString().split("\n")[:-1]
            found = list(map(self._known.get, keys))
            if None in found:
                found = self._learn(keys, found)
            tokens += found
        return tokens

    def _learn(self, keys: Sequence[str], found: Sequence[Token | None]) -> list[Token]:
        """The words on the lattice's best path; the new ones (None) are read from its nodes and remembered."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        tokens = []
        node = self._lattice.bos_node()
        for key, token in zip(keys, found, strict=True):
            node = node.next
            if token is None:
                token = self._known[key] = _token(self._features.formatNode(node))
            tokens.append(token)
        return tokens


_sha256 = cache(file_sha256)


def _from_rc(kind: Callable[[str], _Loaded], dictionary: Path, node: str, unknown: str) -> _Loaded:
    with tempfile.NamedTemporaryFile("w", suffix=".rc", encoding="utf-8") as rc:
        rc.write(_RC.format(node=node, unknown=unknown))
        rc.flush()
        return kind(f'-r "{rc.name}" -d "{dictionary}"')


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


def _token(line: str) -> Token:
    surface, part, subclass, use, conjugation, lemma, kana = line.split("\t")
    ending = (
        (part == "助動詞" and lemma not in _COPULAS)
        or (part == "助詞" and lemma in _PARTICLES_GLUED and subclass in ("接続助詞", "副助詞"))
        or (part == "接尾辞" and conjugation != "")
    )
    kind = _kind(part, subclass, use)
    in_context = surface in CORRECTIONS or kind == NUMBER
    return Token(surface, _reading(surface, kana), kind, in_context, conjugation != "", ending)


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


def _correct(tokens: list[Token], readings: list[str], places: Sequence[int]) -> None:
    """Puts the readings at ``places``, and of counters after them, right by their neighbours, in place.

    1人 and 2人 become one word, ヒトリ and フタリ.
    """
    merged = []
    for index in places:
        token = tokens[index]
        readings[index] = _reading_in_context(tokens, index, readings[index])
        if token.kind != NUMBER or index + 1 == len(tokens) or tokens[index + 1].kind == NUMBER:
            continue
        counter = tokens[index + 1].surface
        people = _PEOPLE.get(token.surface) if counter == "人" else None
        if people and (index == 0 or tokens[index - 1].surface not in _NUMBER_SEPARATORS):
            tokens[index] = replace(token, surface=token.surface + counter, kind=NOUN)
            readings[index] = people
            merged.append(index + 1)
            continue
        own = _reading_in_context(tokens, index + 1, readings[index + 1])
        readings[index], readings[index + 1] = counted(token.surface, readings[index], counter, own)
    for index in reversed(merged):
        del tokens[index], readings[index]


def _reading_in_context(tokens: Sequence[Token], index: int, reading: str) -> str:
    surface = tokens[index].surface
    if surface not in CORRECTIONS:
        return reading
    before = _neighbours(tokens[max(0, index - 2) : index][::-1])
    return corrected(surface, reading, before, _neighbours(tokens[index + 1 : index + 3]))


def _neighbours(tokens: Sequence[Token]) -> list[Neighbour]:
    return [(token.surface, token.kind) for token in (*tokens, _EDGE, _EDGE)]


def _glued(tokens: Sequence[Token], surfaces: list[str], readings: list[str]) -> tuple[list[str], list[str]]:
    """Surfaces and readings with the endings joined to the words before them; the lists are used up."""
    endings = [index for index, token in enumerate(tokens) if token.ending and index and tokens[index - 1].inflects]
    for index in reversed(endings):
        surfaces[index - 1] += surfaces[index]
        own, ending = readings[index - 1], readings[index]
        readings[index - 1] = own + ending if own and ending else ""
        surfaces[index] = ""
    return list(filter(None, surfaces)), list(compress(readings, surfaces))


def _carry_back(compact: str, surfaces: Sequence[str]) -> list[str]:
    carried = []
    start = 0
    for surface in surfaces:
        carried.append(compact[start : start + len(surface)])
        start += len(surface)
    return carried
