"""XML that is no dump of wikitext, told by its beginning: abstract dumps, UTF-16, other documents."""

from __future__ import annotations

import re

_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_PROLOG = re.compile(rb"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z][\w:.-]*)[^<>]*>")
#: Elements with which an export, or a piece of one, begins.
_EXPORT = frozenset({b"mediawiki", b"siteinfo", b"page", b"revision", b"text"})
_ABSTRACT = frozenset({b"feed", b"doc"})


def foreign_format(head: bytes) -> str:
    """What a file is that begins like this, empty where it may be a dump or no XML at all.

    >>> foreign_format(b"<feed>\\n<doc>"), foreign_format(b"<mediawiki>"), foreign_format("<page>".encode("utf-16"))
    ('an abstract dump (<feed>), which holds no wikitext', '', 'XML in UTF-16; dumps are in UTF-8')
    """
    if head.startswith(_UTF_16):
        return "XML in UTF-16; dumps are in UTF-8"
    head = head.removeprefix(_UTF_8_MARK)
    prolog = _PROLOG.match(head)
    root = _ROOT.match(head, prolog.end() if prolog else 0)
    if root is None or root[1] in _EXPORT:
        return ""
    name = root[1].decode("ascii", "replace")
    if root[1] in _ABSTRACT and (b"<abstract" in head or root[1] == b"feed"):
        return f"an abstract dump (<{name}>), which holds no wikitext"
    return f"XML of another kind (<{name}>)" if head.lstrip().startswith(b"<?xml") else ""
