"""Readings of the dictionary that are put right, and which words have a reading at all."""

from __future__ import annotations

import re

_KANA = re.compile("[\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff]+")
_READABLE = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

#: (surface, UniDic's reading) to the reading of contemporary prose.
SURFACE_READINGS = {
    ("私", "ワタクシ"): "ワタシ",
    ("日本", "ニッポン"): "ニホン",
}


def is_kana(word: str) -> bool:
    """Whether a word is written in kana alone, and so reads as it is written."""
    return _KANA.fullmatch(word) is not None


def takes_reading(word: str) -> bool:
    """Whether a word holds kana or Han; digits, Latin letters and symbols stay as they are."""
    return _READABLE.search(word) is not None
