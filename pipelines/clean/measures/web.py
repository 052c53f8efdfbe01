"""Measures of web pages: links, block lists of addresses, word lists."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import ahocorasick_rs

from hanmill.pipelines.clean.measures.registry import Page, rule
from hanmill.schemas.errors import HanmillError


class ListFileError(HanmillError, ValueError):
    """A word list or block list that is missing or unreadable."""


@rule("link_ratio@1")
def link_ratio(page: Page) -> float:
    """Share of characters inside links."""
    return page.document.link_characters / page.profile.characters if page.profile.characters else 0.0


@rule("listed_words@1", reads_list=True)
def listed_words(page: Page) -> float:
    """Words of the list per 1,000 characters. One word a line, ``#`` begins a comment, case is ignored.

    Words of ASCII letters count as whole words only, others wherever they stand. Raises ListFileError.
    """
    if not page.profile.characters:
        return 0.0
    return 1000 * _occurrences(_matcher(page.file), page.document.text) / page.profile.characters


@rule("listed_address@1", reads_list=True)
def listed_address(page: Page) -> float:
    """1 where the host or a domain above it, or the address up to a path separator, is in the list; else 0.

    One host (``example.com``) or host and path (``example.com/forum``) a line, ``#`` begins a comment. Raises
    ListFileError.
    """
    return float(_is_blocked(page.document.url, _addresses(page.file)))


def _read_list(file: str) -> list[str]:
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ListFileError(f"{file}: expected a list in UTF-8, one entry a line: {error}") from error
    entries = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    return [entry for entry in entries if entry]


@lru_cache(maxsize=16)
def _matcher(file: str) -> ahocorasick_rs.AhoCorasick:
    words = _read_list(file)
    if not words:
        raise ListFileError(f"{file}: expected one word a line, found none")
    return ahocorasick_rs.AhoCorasick(words, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


@lru_cache(maxsize=16)
def _addresses(file: str) -> frozenset[str]:
    return frozenset(entry.partition("://")[2] or entry for entry in _read_list(file))


def _occurrences(matcher: ahocorasick_rs.AhoCorasick, text: str) -> int:
    lowered = text.lower().encode("utf-8", "replace").decode()
    return sum(_is_whole(lowered, start, end) for _, start, end in matcher.find_matches_as_indexes(lowered))


def _is_whole(text: str, start: int, end: int) -> bool:
    if _is_ascii_letter(text[start]) and start and _is_ascii_letter(text[start - 1]):
        return False
    return not (_is_ascii_letter(text[end - 1]) and end < len(text) and _is_ascii_letter(text[end]))


def _is_ascii_letter(character: str) -> bool:
    return "a" <= character <= "z"


def _is_blocked(url: str, blocked: frozenset[str]) -> bool:
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    while host:
        if host in blocked:
            return True
        path = ""
        for step in parts.path.lower().split("/")[1:]:
            path += f"/{step}"
            if host + path in blocked:
                return True
        host = host.partition(".")[2]
    return False
