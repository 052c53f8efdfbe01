"""Sound changes between numerals and the counters after them: 一本 イッポン, 三本 サンボン, 六回 ロッカイ.

After the appendix 「数詞＋助数詞」 of NHK日本語発音アクセント新辞典 (2016); where it allows two forms, the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from hanmill.pipelines.text.tsv import read_tsv

_K = frozenset("カキクケコ")
_S = frozenset("サシスセソ")
_T = frozenset("タチツテト")
_H = frozenset("ハヒフヘホ")
_TO_P = dict(zip("ハヒフヘホ", "パピプペポ", strict=True))
_TO_B = dict(zip("ハヒフヘホ", "バビブベボ", strict=True))
_TO_VOICED = {"カ": "ガ", "ケ": "ゲ", "コ": "ゴ", "ソ": "ゾ"}

#: Last digit or unit of a numeral to its reading before a counter that hardens it.
_HARDENED: Mapping[str, tuple[str, str]] = {
    "一": ("イチ", "イッ"),
    "六": ("ロク", "ロッ"),
    "八": ("ハチ", "ハッ"),
    "十": ("ジュウ", "ジュッ"),
    "百": ("ヒャク", "ヒャッ"),
}
_DIGITS = dict(zip("0123456789０１２３４５６７８９", "〇一二三四五六七八九" * 2, strict=True))

_COUNTERS = read_tsv(__package__, "counters.tsv", 4)
#: Counters and their own reading; the first sound decides how numerals change before it.
COUNTERS: Mapping[str, str] = {counter: reading for counter, reading, *_ in _COUNTERS}
#: Of the counters in h, those that take b after 三 (the others take p), and those that take p after 四.
_B_AFTER_THREE, _P_AFTER_FOUR, _VOICED_AFTER_THREE, _VOICED_AFTER_THOUSANDS = (
    frozenset(counter for counter, _, marks, _ in _COUNTERS if mark in marks.split())
    for mark in ("b3", "p4", "voiced3", "voiced1000")
)
#: What the dictionary calls them too: 巻 マキ, 足 アシ; after a numeral they are counters.
_ALSO: Mapping[str, frozenset[str]] = {counter: frozenset(also.split()) for counter, *_, also in _COUNTERS}
#: Readings of numerals and counters that agree on no rule, and of numerals with nothing before them: 二日 フツカ,
#: 十二日 ジュウニニチ.
_IRREGULAR, _IRREGULAR_ALONE = (
    {
        (numeral, counter): (read_as, counted_as)
        for numeral, counter, read_as, counted_as, alone in read_tsv(__package__, "irregular_counters.tsv", 5)
        if alone == where
    }
    for where in ("", "alone")
)
_UNIT_READINGS: Mapping[str, tuple[str, ...]] = {
    "四": ("ヨン", "シ"),
    "六": ("ロク", "ムイ"),
    "七": ("ナナ", "シチ"),
    "八": ("ハチ", "ヨウ"),
    "九": ("キュウ",),
}
_DAYS_IN_KA = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 20, 24})
_DAYS = dict(
    zip(
        ["二", "三", "四", "五", "六", "七", "八", "九", "十", "二十"],
        ["フツ", "ミッ", "ヨッ", "イツ", "ムイ", "ナノ", "ヨウ", "ココノ", "トオ", "ハツ"],
        strict=True,
    )
)
#: 一日 has two readings, as dictionaries have.
_HAN_DAYS = {
    tens + ones: 10 * ten + one
    for ten, tens in enumerate(("", "十", "二十", "三十"))
    for one, ones in enumerate(("", *"一二三四五六七八九"))
    if 1 < 10 * ten + one <= 31
}
_LAST_MONTH = 12


@lru_cache(maxsize=1 << 14)
def counted(numeral: str, numeral_reading: str, counter: str, counter_reading: str) -> tuple[str, str]:
    """The readings of a numeral and of the counter after it, changed to fit; others are returned as they are.

    ``numeral_reading`` may be that of the numeral's end: ロク, of 三十六. A numeral in digits has no reading (""), and
    decides its counter's all the same.

    >>> counted("三", "サン", "本", "ポン"), counted("10", "", "分", "フン"), counted("31", "", "日", "カ")
    (('サン', 'ボン'), ('', 'プン'), ('', 'ニチ'))
    """
    unit = _unit(numeral)
    if counter in ("日", "日間") and (numeral.isdecimal() or numeral in _HAN_DAYS):
        ending = "カン" if counter == "日間" else ""
        return _of_days(numeral, numeral_reading, ending)
    if (numeral, counter) in _IRREGULAR_ALONE:
        before, after = _IRREGULAR_ALONE[numeral, counter]
        return before if numeral_reading else "", after
    if numeral.isdecimal() and counter == "月":
        return numeral_reading, "ガツ" if 1 <= int(numeral) <= _LAST_MONTH else counter_reading
    if (unit, counter) in _IRREGULAR:
        before, after = _IRREGULAR[unit, counter]
        return _with_ending(numeral_reading, unit, before), after
    own = COUNTERS.get(counter)
    if own is None or counter_reading not in _forms(counter, own):
        return numeral_reading, counter_reading
    if _hardens(unit, own[0]):
        old, new = _HARDENED[unit]
        if numeral_reading.endswith(old):
            numeral_reading = numeral_reading[: -len(old)] + new
        return numeral_reading, _TO_P.get(own[0], own[0]) + own[1:]
    return numeral_reading, _after_nasal(unit, counter, own)


def _forms(counter: str, own: str) -> tuple[str, ...]:
    """What a counter's reading may be; 分 read ブン (a part) is not the counter of minutes."""
    hard = _TO_P.get(own[0], own[0]) + own[1:]
    voiced = (_TO_B[own[0]] + own[1:],) if counter in _B_AFTER_THREE else ()
    return own, hard, *voiced, *_ALSO[counter]


def _unit(numeral: str) -> str:
    """The digit or unit that a numeral ends with, as a Han character: 一 of 21, 十 of 20, 百 of 三百."""
    digits = numeral.rstrip("0０")
    zeros = len(numeral) - len(digits)
    if zeros and digits and digits[-1] in _DIGITS:
        return "十百千万"[min(zeros, 4) - 1]
    return _DIGITS.get(numeral[-1:], numeral[-1:])


def _hardens(unit: str, first: str) -> bool:
    if first in _K or first in _H:
        return unit in _HARDENED
    return unit in ("一", "八", "十") and (first in _S or first in _T)


def _after_nasal(unit: str, counter: str, own: str) -> str:
    first = own[0]
    if unit in ("三", "千", "万", "何"):
        if first in _H:
            return (_TO_B if counter in _B_AFTER_THREE else _TO_P)[first] + own[1:]
        if counter in _VOICED_AFTER_THREE and unit in ("三", "何"):
            return _TO_VOICED[first] + own[1:]
    if counter in _VOICED_AFTER_THOUSANDS and unit in ("千", "万"):
        return _TO_VOICED[first] + own[1:]
    if unit == "四" and counter in _P_AFTER_FOUR:
        return _TO_P[first] + own[1:]
    return own


def _of_days(numeral: str, reading: str, ending: str) -> tuple[str, str]:
    """フツ カ, ジュウヨッ カ, ジュウニ ニチ; ``reading`` is that of the numeral's end."""
    number = int(numeral) if numeral.isdecimal() else _HAN_DAYS[numeral]
    if number not in _DAYS_IN_KA:
        return reading, "ニチ" + ending
    own = _DAYS.get(numeral)
    return own if own and reading else _with_ending(reading, numeral[-1], "ヨッ"), "カ" + ending


def _with_ending(reading: str, unit: str, ending: str) -> str:
    for old in _UNIT_READINGS.get(unit, ()):
        if reading.endswith(old):
            return reading[: -len(old)] + ending
    return reading
