"""Measures of repetition, on characters: neither words nor spaces are needed (Gopher, appendix A.1.1, for CJK)."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.clean.measures.registry import Page, rule
from hanmill.pipelines.text.characters import code_points

#: Repetition shows in any stretch; longer documents are measured on this many characters.
_MAX_CHARACTERS = 200_000
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SPACE = re.compile(r"\s+")
_DEFLATE_LEVEL = 6
#: How often a page may write the term it is about before that counts as repetition.
_TERM_TIMES = 8
#: Lengths of groups that may follow themselves, and how often one must stand before that is more than emphasis.
_GROUP_SIZES = range(2, 14)
_GROUP_TIMES = 3


@rule("repeated_line_ratio@1")
def repeated_line_ratio(page: Page) -> float:
    """Share of characters in lines that have stood before, among the characters of all lines."""
    return _repeated_lines(page.lines)


@rule("top_2gram_ratio@1")
def top_2gram_ratio(page: Page) -> float:
    """Share of the text that the commonest two characters in a row make up."""
    return _top_ngram(page.document.text, 2)


@rule("top_4gram_ratio@1")
def top_4gram_ratio(page: Page) -> float:
    """Share of the text that the commonest four characters in a row make up."""
    return _top_ngram(page.document.text, 4)


@rule("top_4gram_ratio@2")
def top_4gram_ratio_beyond_a_term(page: Page) -> float:
    """As ``top_4gram_ratio@1``, but the first eight times do not count: a short page may name what it is about."""
    return _top_ngram(page.document.text, 4, _TERM_TIMES)


@rule("repeated_5gram_ratio@1")
def repeated_5gram_ratio(page: Page) -> float:
    """Share of characters inside runs of five that stand in the text more than once, the first time aside."""
    return _repeated_ngrams(page.document.text, 5)


@rule("repeated_10gram_ratio@1")
def repeated_10gram_ratio(page: Page) -> float:
    """Share of characters inside runs of ten that stand in the text more than once, the first time aside."""
    return _repeated_ngrams(page.document.text, 10)


@rule("longest_character_run@1")
def longest_character_run(page: Page) -> float:
    """Length of the longest run of one and the same character."""
    return _longest_run(page.document.text)


@rule("longest_repeated_run@1")
def longest_repeated_run(page: Page) -> float:
    """Characters of the longest stretch in which 2 to 13 characters follow themselves, three times and more; else 0.

    White space is left out. Such stretches are what makes the loss of a language model jump.
    """
    return _longest_repeated_run(page.document.text)


@rule("compression_ratio@1")
def compression_ratio(page: Page) -> float:
    """Deflated size by UTF-8 size: low for repetition, high for scattered words; short texts compress badly."""
    return _compression(page.document.text)


def _repeated_lines(lines: Sequence[str]) -> float:
    counts = Counter(lines)
    whole = sum(len(line) * count for line, count in counts.items())
    return sum(len(line) * (count - 1) for line, count in counts.items()) / whole if whole else 0.0


def _ngram_hashes(text: str, size: int) -> npt.NDArray[np.uint64]:
    """A hash of each run of ``size`` characters, white space left out: uint64 [characters - size + 1]."""
    points = code_points(_SPACE.sub("", text[:_MAX_CHARACTERS])).astype(np.uint64)
    count = len(points) - size + 1
    if count < 1:
        return np.empty(0, np.uint64)
    hashes = np.zeros(count, np.uint64)
    for place in range(size):
        hashes = (hashes ^ points[place : place + count]) * _MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _top_ngram(text: str, size: int, granted: int = 0) -> float:
    hashes = np.sort(_ngram_hashes(text, size))
    if not len(hashes):
        return 0.0
    edges = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1], [True])))
    top = int(np.diff(edges).max())
    # Once is no repetition; overlapping occurrences cannot cover more than the text.
    counted = top - granted if top > 1 else 0
    return min(1.0, max(0, counted) * size / (len(hashes) + size - 1))


def _repeated_ngrams(text: str, size: int) -> float:
    hashes = _ngram_hashes(text, size)
    if not len(hashes):
        return 0.0
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    again = order[1:][ordered[1:] == ordered[:-1]]
    # Marks [place, place + size) for every repeated place, by differences.
    edges = np.zeros(len(hashes) + size, np.int32)
    np.add.at(edges, again, 1)
    np.add.at(edges, again + size, -1)
    covered = np.cumsum(edges[: len(hashes) + size - 1]) > 0
    return float(np.count_nonzero(covered)) / len(covered)


def _longest_run(text: str) -> float:
    points = code_points(text[:_MAX_CHARACTERS])
    if not len(points):
        return 0.0
    edges = np.flatnonzero(np.concatenate(([True], points[1:] != points[:-1], [True])))
    return float(np.diff(edges).max())


def _longest_repeated_run(text: str) -> float:
    points = code_points(_SPACE.sub("", text[:_MAX_CHARACTERS]))
    longest = 0
    for size in _GROUP_SIZES:
        if len(points) < size * _GROUP_TIMES:
            break
        same = points[size:] == points[:-size]
        edges = np.flatnonzero(np.concatenate(([True], ~same, [True])))
        stretch = int(np.diff(edges).max()) - 1 + size
        if stretch >= size * _GROUP_TIMES:
            longest = max(longest, stretch)
    return float(longest)


def _compression(text: str) -> float:
    data = text[:_MAX_CHARACTERS].encode("utf-8", "replace")
    return len(zlib.compress(data, _DEFLATE_LEVEL)) / len(data) if data else 1.0
