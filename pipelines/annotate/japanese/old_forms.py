"""Old forms of kanji (學校, 經濟) written as the dictionary has them."""

from __future__ import annotations

import re

from hanmill.pipelines.text.tsv import read_tsv

_NEW = {ord(old): new for old, new in read_tsv(__package__, "old_forms.tsv", 2)}
_OLD = re.compile(f"[{''.join(map(chr, _NEW))}]")


def in_new_forms(text: str) -> str:
    """The text with old forms of kanji as new ones; same length, the same object where it has none.

    >>> in_new_forms("學校で經濟を")
    '学校で経済を'
    """
    return text.translate(_NEW) if _OLD.search(text) else text
