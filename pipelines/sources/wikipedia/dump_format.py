"""Files that are no dump of wikitext, told by their beginning: abstract dumps, UTF-16, other XML, JSON, SQL."""

from __future__ import annotations

import re

_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_PROLOG = re.compile(rb"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z][\w:.-]*)[^<>]*>")
#: Elements with which an export, or a piece of one, begins.
_EXPORT = frozenset({b"mediawiki", b"siteinfo", b"page", b"revision", b"text"})
#: Lines of CirrusSearch's and Wikimedia Enterprise's dumps, and the tables of the database.
_JSON = re.compile(rb"\s*(?:\[\s*)?\{\s*\"")
_SQL = re.compile(rb"\s*(?:-- (?:MySQL|MariaDB) dump|CREATE TABLE\b|INSERT INTO\b|/\*!\d{5})")
_ABSTRACT = frozenset({b"feed", b"doc"})


def foreign_format(head: bytes) -> str:
    """What a file is that begins like this, empty where it may be a dump or a page of wikitext.

    >>> foreign_format(b"<feed>\\n<doc>"), foreign_format(b"<mediawiki>"), foreign_format("<page>".encode("utf-16"))
    ('an abstract dump (<feed>), which holds no wikitext', '', 'XML in UTF-16; dumps are in UTF-8')
    """
    if head.startswith(_UTF_16):
        return "XML in UTF-16; dumps are in UTF-8"
    head = head.removeprefix(_UTF_8_MARK)
    if _JSON.match(head):
        return "lines of JSON, as CirrusSearch's dumps and Wikimedia Enterprise's are"
    if _SQL.match(head):
        return "an SQL dump of tables"
    prolog = _PROLOG.match(head)
    root = _ROOT.match(head, prolog.end() if prolog else 0)
    if root is None or root[1] in _EXPORT:
        return ""
    name = root[1].decode("ascii", "replace")
    if root[1] in _ABSTRACT and (b"<abstract" in head or root[1] == b"feed"):
        return f"an abstract dump (<{name}>), which holds no wikitext"
    return f"XML of another kind (<{name}>)" if head.lstrip().startswith(b"<?xml") else ""
