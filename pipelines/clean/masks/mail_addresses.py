"""E-mail addresses, right beside Chinese and Japanese characters too, and as people write them against harvesters.

Word boundaries do not help there: every Han character is a word character to a regular expression, so
``はtaro@example.jp`` has none before ``taro``. The patterns look at ASCII neighbours only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hanmill.pipelines.clean.masks.context import WINDOW
from hanmill.pipelines.clean.masks.places import MASKS, Place
from hanmill.pipelines.text.tsv import read_tsv

_LOCAL = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+][A-Za-z0-9._%+-]{0,63}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?"
_TOP = r"(?P<top>[A-Za-z]{2,24})(?![A-Za-z0-9-])"
_PLAIN = re.compile(rf"(?P<local>{_LOCAL})@(?:{_LABEL}\.){{1,8}}{_TOP}")
_AT = r"(?:\s?[\[(<{]\s?(?:at|AT|@)\s?[\])>}]\s?)"
_DOT = r"(?:\.|\s?[\[(<{]\s?(?:dot|DOT|\.)\s?[\])>}]\s?)"
_SPELLED = re.compile(rf"(?P<local>{_LOCAL}){_AT}(?:{_LABEL}{_DOT}){{1,8}}{_TOP}")
_IN_SPELLED = re.compile(r"[\[(<{]\s?(?:at|@)\s?[\])>}]", re.IGNORECASE)
#: A remote of a program: git@host.example:folder/name
_PATH = re.compile(r":(?=[A-Za-z~/])")
#: A login to a host: ssh user@host.example.
_LOGIN = re.compile(r"\b(?:ssh|scp|sftp|rsync|mosh)\s(?:-\S+\s+)*$")
#: Accounts of programs, not of people.
_PROGRAMS = frozenset({"git", "hg", "svn"})
#: What follows a dot in names of files and services, and is no top-level domain.
_ENDINGS = frozenset(ending for (ending,) in read_tsv("hanmill.pipelines.clean.masks", "file_endings.tsv", 1))


def find_mail_addresses(text: str) -> Iterator[Place]:
    """Places of e-mail addresses.

    >>> list(find_mail_addresses("連絡はtaro@example.jpまで、logo@2x.pngを参照"))
    [Place(start=3, end=18, kind='email')]
    """
    patterns = [_PLAIN] if "@" in text else []
    if ("at" in text or "AT" in text or "@" in text) and _IN_SPELLED.search(text):
        patterns.append(_SPELLED)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match["top"].lower() in _ENDINGS or match[0] == MASKS["email"]:
                continue
            if match["local"].lower() in _PROGRAMS or _PATH.match(text, match.end()):
                continue
            if _LOGIN.search(text, max(0, match.start() - WINDOW), match.start()):
                continue
            yield Place(match.start(), match.end(), "email")
