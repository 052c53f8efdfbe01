"""What the names of elements (class, id, role) say of them, as flags: furniture, content, comments, posts of a forum.

A page has a hundred names and its site the same ones on every page: each word is looked at once, then remembered.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from hanmill.pipelines.text.tsv import read_tsv

FURNITURE, CONTENT, CONTENTS_TABLE, ASIDE, COMMENTS, MAYBE_COMMENTS, FORUM = (1 << bit for bit in range(7))
#: A name of comments, if only of their number.
_COUNTER = 1 << 7
_KINDS = {
    "furniture": FURNITURE,
    "content": CONTENT,
    "contents_table": CONTENTS_TABLE,
    "aside": ASIDE,
    "comments": COMMENTS,
    "maybe_comments": MAYBE_COMMENTS,
    "forum": FORUM,
}
#: Longer words are cut: they are data that scripts put there.
_LONGEST_WORD = 200


def name_flags(names: str) -> int:
    """The flags of an element with these names, which white space separates.

    An element that counts comments or opens them is none of them.

    >>> [bool(name_flags(names) & COMMENTS) for names in ("comment-count", "post-1 Comment-List")]
    [False, True]
    """
    flags = 0
    for word in names.split():
        flags |= _word_flags(word)
    if flags & (COMMENTS | _COUNTER):
        flags &= ~MAYBE_COMMENTS
    return flags


@lru_cache(maxsize=32768)
def _word_flags(word: str) -> int:
    word = word[:_LONGEST_WORD].lower()
    flags = 0
    for kind, pattern in _patterns():
        if pattern.search(word):
            flags |= kind
    if flags & COMMENTS and not _comments().search(_counters().sub("", word)):
        flags ^= COMMENTS | _COUNTER
    return flags


@cache
def _patterns() -> tuple[tuple[int, re.Pattern[str]], ...]:
    return tuple((flag, _pattern(kind)) for kind, flag in _KINDS.items())


@cache
def _comments() -> re.Pattern[str]:
    return _pattern("comments")


@cache
def _counters() -> re.Pattern[str]:
    return _pattern("counters")


def _pattern(kind: str) -> re.Pattern[str]:
    rows = read_tsv("hanmill.pipelines.extract.html", "element_names.tsv", 2)
    return re.compile("|".join(pattern for of, pattern in rows if of == kind))
