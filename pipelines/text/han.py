"""Han characters as a class of a regular expression, and the languages that are written in them alone."""

from __future__ import annotations

#: Unified ideographs and their compatibility forms: the inside of a character class.
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: Languages cut as Chinese; pinyin is theirs too.
CHINESE = frozenset({"zh", "yue", "lzh"})
