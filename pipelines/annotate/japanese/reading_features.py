"""What the reading model sees of a word: its neighbours, their kinds, and what the dictionary reads.

A word is known by its Han: 被っ, 被る and 被ら are one key, 被~, whose readings (カブ, コウム) take the ending that is
written; 表 without an ending is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from hanmill.pipelines.annotate.japanese.kana import HIRAGANA
from hanmill.pipelines.annotate.japanese.romaji import katakana

#: Words that say what a text is about stand up to so many words away.
REACH = 5
#: Templates of features; the number is the place of the template's weights.
TEMPLATES = (
    "always", "ending", "dictionary", "part", "ending and dictionary", "before", "after", "second before",
    "second after", "both", "part before", "part after", "last character before", "first character after",
    "first kana of the ending", "near",
)  # fmt: skip
NEAR = len(TEMPLATES) - 1
FIRST_KANA = NEAR - 1
#: Templates whose values are two strings.
PAIRS = frozenset({4, 9})
Feature = str | tuple[str, str]


class TaggedWord(Protocol):
    """A word with its part of speech."""

    @property
    def surface(self) -> str:
        """As it is written."""

    @property
    def part(self) -> str:
        """Part of speech and subclass."""

    @property
    def content(self) -> str:
        """The spelling where the word says what a text is about, "" for others."""


@lru_cache(maxsize=1 << 16)
def key_and_ending(surface: str) -> tuple[str, str]:
    """The key of a word and its ending in katakana; ("", "") for words in hiragana.

    >>> key_and_ending("被っ"), key_and_ending("表"), key_and_ending("する")
    (('被~', 'ッ'), ('表', ''), ('', ''))
    """
    stem = surface.rstrip(HIRAGANA)
    if not stem:
        return "", ""
    ending = surface[len(stem) :]
    return (f"{stem}~", katakana(ending)) if ending else (stem, "")


def near(words: Sequence[TaggedWord], index: int) -> list[str]:
    """The content words up to REACH words away, without the word itself."""
    around = [word.content for word in words[max(index - REACH, 0) : index + REACH + 1]]
    del around[min(index, REACH)]
    return [content for content in around if content]


def features(words: Sequence[TaggedWord], index: int, ending: str, dictionary: str) -> list[tuple[int, Feature]]:
    """Template and value of every feature of the word at ``index``, which two words stand before and after.

    ``dictionary`` is the reading it would have without a model, its ending cut off.
    """
    word = words[index]
    second_before, before, after, second_after = words[index - 2], words[index - 1], words[index + 1], words[index + 2]
    single: list[Feature] = [
        "",
        ending,
        dictionary,
        word.part,
        (ending, dictionary),
        before.surface,
        after.surface,
        second_before.surface,
        second_after.surface,
        (before.surface, after.surface),
        before.part,
        after.part,
        before.surface[-1:],
        after.surface[:1],
        ending[:1],
    ]
    found: list[tuple[int, Feature]] = list(enumerate(single))
    found += [(NEAR, surface) for surface in near(words, index)]
    return found
