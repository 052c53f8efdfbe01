"""What in a word is read: kana and Han; and which words are their own reading."""

from __future__ import annotations

import re
import unicodedata

from hanmill.pipelines.text.han import HAN

_KANA_RANGES = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"
_HAN_RANGES = f"\u3005-\u3007\u3031-\u3035\u303b{HAN}"
#: What words inflect in.
HIRAGANA = "".join(map(chr, range(0x3041, 0x3097)))
_KANA = re.compile(f"[{_KANA_RANGES}]+")
#: Half-width katakana with their sound marks, and what stands between katakana in one word.
_NARROW = "\uff66-\uff9f"
_BETWEEN = "・･=＝"
_ALMOST_KANA = re.compile(
    f"[{_KANA_RANGES}{_NARROW}{_BETWEEN}]*[{_KANA_RANGES}{_NARROW}][{_KANA_RANGES}{_NARROW}{_BETWEEN}]*"
)
_NOT_READ = str.maketrans("", "", _BETWEEN)
_READABLE = re.compile(f"[{_KANA_RANGES}{_HAN_RANGES}]")


def is_kana(word: str) -> bool:
    """Whether a word is written in kana alone, and so reads as it is written."""
    return _KANA.fullmatch(word) is not None


def kana_of(word: str) -> str:
    """The kana of a word that holds half-width ones, or marks between them, and nothing else; "" for others.

    >>> kana_of("ﾊﾟﾝ"), kana_of("ル・マン"), kana_of("駅")
    ('パン', 'ルマン', '')
    """
    if not _ALMOST_KANA.fullmatch(word):
        return ""
    return unicodedata.normalize("NFKC", word).translate(_NOT_READ)


def takes_reading(word: str) -> bool:
    """Whether a word holds kana or Han; digits, Latin letters and symbols stay as they are."""
    return _READABLE.search(word) is not None
