"""Regular expressions that every Python we support reads alike."""

from __future__ import annotations

import re
from pathlib import Path

#: Until Python 3.11.5 a group that is repeated possessively may match what the group does not
#: (github.com/python/cpython/issues/106052): 「a tea scoop」 had a word without a letter. Atomic groups are right.
_POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{[\d,]+\})\+")


def test_no_group_is_repeated_possessively(repository: Path) -> None:
    assert _POSSESSIVE_GROUP.search("(?:ab?c)*+")
    assert _POSSESSIVE_GROUP.search("(?:ab?c){2,3}+")
    found = [
        f"{path.relative_to(repository)}:{number}"
        for folder in ("pipelines", "schemas", "trainer", "unihan")
        for path in sorted((repository / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _POSSESSIVE_GROUP.search(line)
    ]
    assert found == []
