from __future__ import annotations

import pytest

from hanmill.pipelines.annotate.japanese.counters import COUNTERS, counted
from hanmill.pipelines.annotate.japanese.kana import is_kana, takes_reading
from hanmill.pipelines.annotate.japanese.reading_corrections import CORRECTIONS, NAME, NOUN, NUMBER, OTHER, corrected

_EDGE = ("", "")


@pytest.mark.parametrize(
    ("word", "kana", "readable"),
    [("ながす", True, True), ("ジャズー", True, True), ("流す", False, True), ("々", False, True), ("3つ", False, True),
     ("Debian", False, False), ("10", False, False), ("。", False, False), ("𠮷", False, True), ("", False, False)],
)  # fmt: skip
def test_what_is_kana_and_what_can_be_read(word: str, kana: bool, readable: bool) -> None:
    assert is_kana(word) is kana
    assert takes_reading(word) is readable


def test_corrections_need_their_context() -> None:
    name, noun, number = ("島津", NAME), ("旅行", NOUN), ("3", NUMBER)
    assert corrected("家", "カ", [name, _EDGE], [_EDGE, _EDGE]) == "ケ"
    assert corrected("家", "イエ", [("の", OTHER), name], [_EDGE, _EDGE]) == "イエ"
    assert corrected("会社", "カイシャ", [noun, _EDGE], [_EDGE, _EDGE]) == "ガイシャ"
    assert corrected("会社", "カイシャ", [_EDGE, _EDGE], [_EDGE, _EDGE]) == "カイシャ"
    assert corrected("人", "ニン", [number, _EDGE], [_EDGE, _EDGE]) == "ニン"
    assert corrected("杯", "バイ", [number, _EDGE], [_EDGE, _EDGE]) == "バイ"
    assert corrected("後", "アト", [("、", OTHER), _EDGE], [("に", OTHER), _EDGE]) == "ノチ"
    assert corrected("後", "アト", [("も", OTHER), ("より", OTHER)], [("に", OTHER), _EDGE]) == "アト"
    assert corrected("生", "ナマ", [_EDGE, _EDGE], [("化学", NOUN), _EDGE]) == "セイ"
    assert corrected("生", "ナマ", [_EDGE, _EDGE], [("物", NOUN), _EDGE]) == "ナマ"
    assert corrected("本棚", "ホンダナ", [_EDGE, _EDGE], [_EDGE, _EDGE]) == "ホンダナ"


def test_every_correction_changes_something() -> None:
    for surface, rules in CORRECTIONS.items():
        for rule in rules:
            assert rule.wrong, surface
            assert rule.wrong != rule.right, surface


@pytest.mark.parametrize(
    ("numeral", "reading", "counter", "given", "expected"),
    [
        ("一", "イチ", "本", "ポン", ("イッ", "ポン")),
        ("三", "サン", "本", "ホン", ("サン", "ボン")),
        ("四", "ヨン", "本", "ポン", ("ヨン", "ホン")),
        ("二十", "ニジュウ", "分", "フン", ("ニジュッ", "プン")),
        ("四", "ヨン", "分", "フン", ("ヨン", "プン")),
        ("三", "サン", "分", "ブン", ("サン", "ブン")),
        ("三", "サン", "階", "カイ", ("サン", "ガイ")),
        ("何", "ナン", "匹", "ヒキ", ("ナン", "ビキ")),
        ("八", "ハチ", "世紀", "セイキ", ("ハッ", "セイキ")),
        ("百", "ヒャク", "個", "コ", ("ヒャッ", "コ")),
        ("六", "ロク", "歳", "サイ", ("ロク", "サイ")),
        ("四", "ヨン", "日", "ニチ", ("ヨッ", "カ")),
        ("十七", "ジュウナナ", "時", "ジ", ("ジュウシチ", "ジ")),
        ("20", "", "分", "フン", ("", "プン")),
        ("100", "", "本", "ホン", ("", "ポン")),
        ("１３", "", "本", "ホン", ("", "ボン")),
        ("24", "", "日", "ニチ", ("", "カ")),
        ("14", "", "月", "ツキ", ("", "ツキ")),
        ("5", "", "月", "ツキ", ("", "ガツ")),
        ("0", "", "円", "エン", ("", "エン")),
    ],
)
def test_sound_changes(numeral: str, reading: str, counter: str, given: str, expected: tuple[str, str]) -> None:
    assert counted(numeral, reading, counter, given) == expected


def test_counters_are_in_katakana() -> None:
    assert all(is_kana(reading) for reading in COUNTERS.values())
