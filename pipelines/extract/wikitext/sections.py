"""Sections at the end of an article that hold references, notes and links, by their titles."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from hanmill.pipelines.extract.wikitext.marks import DROPPED
from hanmill.pipelines.text.tsv import read_tsv

_MARKUP = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]|'{2,}|<[^<>]*>|\{\{[^{}]*\}\}|-\{(?:[^{}|]*\|)?|\}-")


@cache
def _titles() -> frozenset[str]:
    """Titles in lower case, without markup and spaces."""
    return frozenset(row[0] for row in read_tsv("hanmill.pipelines.extract.wikitext", "tail_sections.tsv", 1))


def without_tail_sections(text: str) -> str:
    """Takes out every section with such a title, with its subsections; what follows it stays.

    ``text`` starts with a newline and holds no comments.
    """
    first, *rest = text.split("\n=")
    if not rest:
        return text
    out = [first]
    cut_level = 0
    for part in rest:
        heading = part.partition("\n")[0].rstrip(" \t")
        title = heading.strip("=")
        closing = len(heading) - len(heading.rstrip("="))
        if closing and title:
            level = min(1 + len(heading) - len(heading.lstrip("=")), closing)
            if not cut_level or level <= cut_level:
                cut_level = level if is_tail_title(title) else 0
        if not cut_level:
            out.append(part)
    return "\n=".join(out)


@lru_cache(maxsize=16384)
def is_tail_title(heading: str) -> bool:
    """Whether a section of this title, with or without markup, holds references, notes or links."""
    title = heading.strip()
    if not title.isalnum():
        title = _MARKUP.sub(lambda match: match.group(1) or "", heading.replace(DROPPED, ""))
        title = "".join(title.split())
    return title.lower().strip(":：") in _titles()
