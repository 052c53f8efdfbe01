"""``{{#if:…}}`` and its kind on literal text."""

from __future__ import annotations

import pytest

from hanmill.pipelines.extract.wikitext.marks import DROPPED, ITEM
from hanmill.pipelines.extract.wikitext.parser_functions import call, is_parser_function


@pytest.mark.parametrize(
    ("head", "arguments", "shown"),
    [
        ("#if: 東京 ", [" はい ", "いいえ"], "はい"),
        ("#if: \n", ["はい", "いいえ"], "いいえ"),
        ("#if:", ["はい"], ""),
        ("#ifeq: 01 ", [" 1.0", "同じ", "違う"], "同じ"),
        ("#ifeq:京都", ["東京", "同じ", "違う"], "違う"),
        ("#ifexpr: 2019 > 1989", ["平成の後", "前"], "平成の後"),
        ("#ifexpr: 平成", ["後", "前"], None),
        ("#iferror: 値", ["誤り", "正"], "正"),
        ("#iferror: 値", ["誤り"], "値"),
        ("#switch: 乙", ["甲=一", "乙 = 二", "#default=三"], "二"),
        ("#switch: 甲", ["甲", "乙 = 共通", "既定"], "共通"),
        ("#switch: 丁", ["甲=一", "#default=三", "乙=二"], "三"),
        ("#switch: 丁", ["甲=一", "#default", "乙=二"], "二"),
        ("#switch: 丁", ["甲=一", "既定"], "既定"),
        ("#switch: 丁", ["甲=一"], ""),
        ("#expr: 6 * 7", [], "42"),
        ("#expr: 六", [], None),
        ("#formatdate: 2019-04-01", ["ymd"], "2019-04-01"),
        ("#IF:x", ["大文字"], "大文字"),
    ],
)
def test_shown(head: str, arguments: list[str], shown: str | None) -> None:
    assert is_parser_function(head.lower())
    assert call(head, arguments) == shown


@pytest.mark.parametrize(
    ("head", "arguments"),
    [
        (f"#if:{DROPPED}", ["甲", "乙"]),
        ("#ifeq:甲", [DROPPED, "一", "二"]),
        ("#switch:甲", [f"{DROPPED}=一", "二"]),
        (f"#expr:{DROPPED}-1950", []),
    ],
)
def test_what_depends_on_a_template_left_out_has_no_value(head: str, arguments: list[str]) -> None:
    assert call(head, arguments) is None


def test_a_list_in_a_branch_starts_a_line() -> None:
    assert call("#if:x", [f"\n{ITEM}一\n{ITEM}二\n"]) == f"\n{ITEM}一\n{ITEM}二"


@pytest.mark.parametrize("name", ["#invoke:date", "#time: y", "#ifexist:猫", "猫", "", "#", "lc:#if"])
def test_other_names(name: str) -> None:
    assert not is_parser_function(name)
