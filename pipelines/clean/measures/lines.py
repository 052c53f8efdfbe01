"""Measures of lines and sentences. Lengths count characters without white space; empty lines do not count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

import ahocorasick_rs

from hanmill.pipelines.clean.measures.registry import Page, rule
from hanmill.pipelines.text.tsv import read_tsv

#: Marks that end a sentence, full-width, half-width, small and Latin.
_END_MARKS = tuple("。！？…．.!?︒﹖﹗｡‥")
#: Closing brackets and quotation marks that may follow them.
_CLOSING = "」』”’）)】》〉］]\"'»｣〕〗›♪"
#: Marks that end direct speech by themselves: the last sentence in 「」 has no mark of its own in Japanese.
_SPEECH_ENDS = tuple("」』”｣")
_SENTENCE_END = re.compile(r"[。！？!?．｡︒﹖﹗\n]+|…{2,}|\.(?=\s|$)")
#: What the split leaves in front of the next sentence.
_AFTER_END = re.compile(rf"\s+|^[{re.escape(_CLOSING)}]+")
_BULLET = re.compile(
    r"\s*(?:[•・●○◆◇■□▪▫★☆※▶►➤→·*\-–—✓✔]|[0-9０-９]{1,3}\s?[.)、．）]|[（(][0-9０-９一二三四五六七八九十]{1,3}[)）]|"
    r"[①-⑳]|[一二三四五六七八九十]{1,3}、|[a-zA-Z][.)])"
)
_ELLIPSIS = ("…", "...", "・・・", "。。。", "‥", "．．．")


@cache
def _noise_matcher() -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(
        [word for (word,) in read_tsv("hanmill.pipelines.clean.measures", "noise_words.tsv", 1)]
    )


@rule("end_mark_ratio@1")
def end_mark_ratio(page: Page) -> float:
    """Share of lines that end in a mark that ends a sentence, direct speech included."""
    return _share(page.lines, _ends_sentence)


@rule("short_line_ratio@1")
def short_line_ratio(page: Page) -> float:
    """Share of lines of at most ten characters."""
    return _share(page.lines, lambda line: len(line) <= 10)


@rule("list_line_ratio@1")
def list_line_ratio(page: Page) -> float:
    """Share of lines that begin with a bullet or a number."""
    return _share(page.lines, lambda line: _BULLET.match(line) is not None)


@rule("list_line_ratio@2")
def list_line_ratio_but_sentences(page: Page) -> float:
    """As ``list_line_ratio@1``, but whole sentences do not count: numbered instructions are no list of names."""
    return _share(page.lines, lambda line: _BULLET.match(line) is not None and not _ends_sentence(line))


@rule("ellipsis_line_ratio@1")
def ellipsis_line_ratio(page: Page) -> float:
    """Share of lines that end in an ellipsis, as teasers do."""
    return _share(page.lines, lambda line: line.endswith(_ELLIPSIS))


@rule("mean_line_length@1")
def mean_line_length(page: Page) -> float:
    """Mean characters per line."""
    return _mean([len(line) for line in page.lines])


@rule("mean_sentence_length@1")
def mean_sentence_length(page: Page) -> float:
    """Mean characters per sentence; a line end ends a sentence."""
    return _mean(_sentence_lengths(page.document.text))


@rule("longest_sentence@1")
def longest_sentence(page: Page) -> float:
    """Characters of the longest sentence."""
    return float(max(_sentence_lengths(page.document.text), default=0))


@rule("page_noise@1")
def page_noise(page: Page) -> float:
    """Words of forums, shops and page furniture (回复, 楼主, 返信, 税込, …) per 1,000 characters."""
    return 1000 * _noise(page.document.text) / page.profile.characters if page.profile.characters else 0.0


def _noise(text: str) -> int:
    return len(_noise_matcher().find_matches_as_indexes(text.encode("utf-8", "replace").decode()))


def _ends_sentence(line: str) -> bool:
    return line.endswith(_END_MARKS) or line.endswith(_SPEECH_ENDS) or line.rstrip(_CLOSING).endswith(_END_MARKS)


def _share(lines: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, lines)) / len(lines) if lines else 0.0


def _sentence_lengths(text: str) -> list[int]:
    lengths = [len(_AFTER_END.sub("", sentence)) for sentence in _SENTENCE_END.split(text)]
    return [length for length in lengths if length]


def _mean(lengths: Sequence[int]) -> float:
    return sum(lengths) / len(lengths) if lengths else 0.0
