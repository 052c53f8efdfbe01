"""What the reading model sees of a word: its neighbours, their kinds, and what the dictionary reads.

A word is known by its Han: 被っ, 被る and 被ら are one key, 被~, whose readings (カブ, コウム) take the ending that is
written; 表 without an ending is another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from pipelines.annotate.japanese.romaji import katakana

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_INFLECTED = re.compile(f"(.*[{_HAN}])([\u3041-\u3096]*)")
#: Words that say what a text is about stand up to so many words away.
REACH = 5
#: Templates of features; the number is the place of the template's weights.
TEMPLATES = (
    "always", "ending", "dictionary", "part", "ending and dictionary", "before", "after", "second before",
    "second after", "two before", "two after", "both", "part before", "part after", "parts", "last character before",
    "first character after", "near",
)  # fmt: skip
NEAR = len(TEMPLATES) - 1
#: Templates whose values are two strings.
PAIRS = frozenset({4, 9, 10, 11, 14})
#: Words are content words to others when they hold Han or katakana.
_CONTENT = re.compile(f"[{_HAN}\u30a1-\u30fa]")

Feature = str | tuple[str, str]


class TaggedWord(Protocol):
    """Spelling and part of speech."""

    @property
    def surface(self) -> str: ...
    @property
    def part(self) -> str: ...


@lru_cache(maxsize=1 << 16)
def key_and_ending(surface: str) -> tuple[str, str]:
    """The key of a word and its ending in katakana; ("", "") for words without Han.

    >>> key_and_ending("被っ"), key_and_ending("表"), key_and_ending("する")
    (('被~', 'ッ'), ('表', ''), ('', ''))
    """
    found = _INFLECTED.fullmatch(surface)
    if not found:
        return "", ""
    return found[1] + ("~" if found[2] else ""), katakana(found[2])


@lru_cache(maxsize=1 << 16)
def is_content(surface: str) -> bool:
    """Whether a word counts among those near others."""
    return _CONTENT.search(surface) is not None


def near(words: Sequence[TaggedWord], index: int) -> list[str]:
    """The content words up to REACH words away, without the word itself."""
    around = words[max(index - REACH, 0) : index + REACH + 1]
    surfaces = [word.surface for word in around]
    del surfaces[min(index, REACH)]
    return [surface for surface in surfaces if is_content(surface)]


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
        (second_before.surface, before.surface),
        (after.surface, second_after.surface),
        (before.surface, after.surface),
        before.part,
        after.part,
        (before.part, after.part),
        before.surface[-1:],
        after.surface[:1],
    ]
    found: list[tuple[int, Feature]] = list(enumerate(single))
    found += [(NEAR, surface) for surface in near(words, index)]
    return found
