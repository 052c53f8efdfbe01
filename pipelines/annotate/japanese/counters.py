"""Sound changes between numerals and the counters after them: 一本 イッポン, 三本 サンボン, 六回 ロッカイ.

After the appendix 「数詞＋助数詞」 of NHK日本語発音アクセント新辞典 (2016); where it allows two forms, the first.
"""

from __future__ import annotations

from collections.abc import Mapping

_K = frozenset("カキクケコ")
_S = frozenset("サシスセソ")
_T = frozenset("タチツテト")
_H = frozenset("ハヒフヘホ")
_TO_P = dict(zip("ハヒフヘホ", "パピプペポ", strict=True))
_TO_B = dict(zip("ハヒフヘホ", "バビブベボ", strict=True))
_TO_VOICED = {"カ": "ガ", "ケ": "ゲ", "ソ": "ゾ"}

#: Last digit or unit of a numeral to its reading before a counter that hardens it.
_HARDENED: Mapping[str, tuple[str, str]] = {
    "一": ("イチ", "イッ"),
    "六": ("ロク", "ロッ"),
    "八": ("ハチ", "ハッ"),
    "十": ("ジュウ", "ジュッ"),
    "百": ("ヒャク", "ヒャッ"),
}
_DIGITS = dict(zip("0123456789０１２３４５６７８９", "〇一二三四五六七八九" * 2, strict=True))

#: Counters and their own reading; the first sound decides how numerals change before it.
COUNTERS: Mapping[str, str] = {
    "本": "ホン", "匹": "ヒキ", "杯": "ハイ", "分": "フン", "泊": "ハク", "発": "ハツ", "歩": "ホ", "版": "ハン",
    "敗": "ハイ", "票": "ヒョウ", "回": "カイ", "階": "カイ", "か月": "カゲツ", "ヶ月": "カゲツ", "カ月": "カゲツ",
    "ヵ月": "カゲツ", "箇月": "カゲツ", "か国": "カコク", "ヶ国": "カコク", "カ国": "カコク", "ヶ所": "カショ",
    "か所": "カショ", "カ所": "カショ", "箇所": "カショ", "個": "コ", "軒": "ケン", "件": "ケン", "機": "キ",
    "曲": "キョク", "句": "ク", "缶": "カン", "基": "キ", "冊": "サツ", "歳": "サイ", "才": "サイ", "週": "シュウ",
    "週間": "シュウカン", "種": "シュ", "首": "シュ", "種類": "シュルイ", "分間": "フンカン", "戸": "コ",
    "審": "シン", "周": "シュウ", "級": "キュウ", "局": "キョク", "校": "コウ", "線": "セン", "戦": "セン",
    "期": "キ", "国": "コク", "声": "セイ", "丁": "チョウ", "寸": "スン", "色": "ショク", "食": "ショク",
    "店": "テン", "店舗": "テンポ", "世帯": "セタイ", "世代": "セダイ", "球": "キュウ", "区": "ク", "巻": "カン",
    "角": "カク", "脚": "キャク", "項": "コウ", "項目": "コウモク", "回戦": "カイセン", "拍": "ハク", "編": "ヘン",
    "遍": "ヘン", "試合": "シアイ", "党": "トウ", "式": "シキ", "世": "セイ", "章": "ショウ", "世紀": "セイキ",
    "隻": "セキ", "周年": "シュウネン", "社": "シャ", "足": "ソク", "頭": "トウ", "通": "ツウ", "点": "テン",
    "体": "タイ", "丁目": "チョウメ", "着": "チャク", "等": "トウ",
}  # fmt: skip
#: Of the counters in h, those that take b after 三 (the others take p), and those that take p after 四.
_B_AFTER_THREE = frozenset({"本", "匹", "杯", "遍"})
_P_AFTER_FOUR = frozenset({"分", "泊", "発", "版", "分間"})
_VOICED_AFTER_THREE = frozenset({"階", "軒", "足"})
#: Readings of numerals and counters that agree on no rule.
_IRREGULAR: Mapping[tuple[str, str], tuple[str, str]] = {
    ("四", "年"): ("ヨ", "ネン"),
    ("四", "年間"): ("ヨ", "ネンカン"),
    ("四", "時"): ("ヨ", "ジ"),
    ("四", "時間"): ("ヨ", "ジカン"),
    ("四", "人"): ("ヨ", "ニン"),
    ("四", "月"): ("シ", "ガツ"),
    ("四", "つ"): ("ヨッ", "ツ"),
    ("四", "畳"): ("ヨ", "ジョウ"),
    ("六", "つ"): ("ムッ", "ツ"),
    ("八", "つ"): ("ヤッ", "ツ"),
    ("七", "月"): ("シチ", "ガツ"),
    ("七", "時"): ("シチ", "ジ"),
    ("九", "月"): ("ク", "ガツ"),
    ("九", "時"): ("ク", "ジ"),
}
#: The same for numerals with nothing before them: 二日 フツカ, 十二日 ジュウニニチ.
_IRREGULAR_ALONE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("一", "酸化"): ("イッ", "サンカ"),
    ("一", "直線"): ("イッ", "チョクセン"),
    ("一", "安心"): ("ヒト", "アンシン"),
    ("一", "回り"): ("ヒト", "マワリ"),
    ("二十", "歳"): ("ハタ", "チ"),
    ("一", "品"): ("イッ", "ピン"),
    ("一", "晩"): ("ヒト", "バン"),
    ("一", "皿"): ("ヒト", "サラ"),
    ("一", "部屋"): ("ヒト", "ヘヤ"),
    ("一", "箱"): ("ヒト", "ハコ"),
    ("一", "袋"): ("ヒト", "フクロ"),
    ("一", "粒"): ("ヒト", "ツブ"),
    ("一", "組"): ("ヒト", "クミ"),
    ("一", "束"): ("ヒト", "タバ"),
    ("二", "晩"): ("フタ", "バン"),
    ("二", "皿"): ("フタ", "サラ"),
    ("二", "部屋"): ("フタ", "ヘヤ"),
    ("二", "箱"): ("フタ", "ハコ"),
    ("二", "袋"): ("フタ", "フクロ"),
    ("二", "粒"): ("フタ", "ツブ"),
    ("二", "組"): ("フタ", "クミ"),
    ("二", "束"): ("フタ", "タバ"),
}
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
    return (own, hard, _TO_B[own[0]] + own[1:]) if counter in _B_AFTER_THREE else (own, hard)


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
