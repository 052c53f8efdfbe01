"""Shared conversion rules: how their pages list them, and what a page that names one shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.wikitext import extract
from hanmill.pipelines.extract.wikitext.conversion_groups import group_name, group_rules, group_tables

MODULE = """
local Item = require('Module:CGroup/core').Item
-- Item('停用', 'zh-cn:停用;zh-tw:停用了')
--[[ Item('停用', 'zh-cn:停用;zh-tw:停用了') ]]
return {
    name = 'IT',
    description = '信息技术',
    content = {
        { type = 'text', text = [=[ rule = 'zh-cn:文字;zh-tw:文字了' ]=] },
        { type = 'text', text = "rule = 'zh-cn:文字;zh-tw:文字了'" },
        Item('memory', 'zh-cn:内存;zh-tw:記憶體;'),
        Item(nil, "zh-cn:软件;zh-tw:軟體;zh-hk:軟件"),
        { type = 'item', original = 'it\\'s', rule = 'zh-cn:it\\'s 甲;zh-tw:乙' },
    },
}
"""
TEMPLATE = """
== 词汇 ==
* {{CItem|zh-hans:残奥会;zh-tw:帕運會;|original=Paralympics}}
* {{CItemHidden|original=Shawshank|1=zh-cn:肖申克的救赎;zh-hk:月黑高飛;zh-tw:刺激1995}}
-{H|zh-cn:出租车;zh-tw:計程車}-
"""


def test_rules_of_a_module() -> None:
    assert group_rules(MODULE) == (
        "zh-cn:内存;zh-tw:記憶體;",
        "zh-cn:软件;zh-tw:軟體;zh-hk:軟件",
        "zh-cn:it's 甲;zh-tw:乙",
    )


def test_rules_of_a_template() -> None:
    assert group_rules(TEMPLATE) == (
        "zh-hans:残奥会;zh-tw:帕運會",
        "zh-cn:肖申克的救赎;zh-hk:月黑高飛;zh-tw:刺激1995",
        "zh-cn:出租车;zh-tw:計程車",
    )


@given(st.text(alphabet="Item('\"),-[]=\\\n {}|rule软件:;", max_size=120))
def test_any_page_has_rules_or_none(page: str) -> None:
    assert all(isinstance(rule, str) for rule in group_rules(page))


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("zh-tw", "這個軟體要記憶體、計程車。"),
        ("zh-cn", "这个软件要内存、计程车。"),
        ("zh-hk", "這個軟件要記憶體、計程車。"),
        ("", "这个软件要内存、計程車。"),
    ],
)
def test_a_page_shows_the_words_of_the_groups_it_names(variant: str, expected: str) -> None:
    groups = {"it": group_tables(group_rules(MODULE)), "other": group_tables(["zh-cn:计程车;zh-tw:的士"])}
    wikitext = "{{NoteTA|G1=IT|G2=不存在}}这个软件要内存、計程車。"
    assert extract(wikitext, "zh", variant=variant, groups=groups).text == expected


def test_rules_of_the_page_come_after_those_of_its_groups() -> None:
    groups = {"it": group_tables(["zh-cn:内存;zh-tw:記憶體"])}
    wikitext = "{{noteTA|1=zh-cn:内存;zh-tw:主記憶體|G1=IT}}内存"
    assert extract(wikitext, "zh", variant="zh-tw", groups=groups).text == "主記憶體"


def test_the_longest_word_wins() -> None:
    wikitext = "-{H|信息=>zh-tw:資訊;信息论=>zh-tw:消息理論;论=>zh-tw:說}-信息论和信息、论"
    assert extract(wikitext, "zh", variant="zh-tw").text == "消息理論和資訊、說"


def test_names_are_compared_without_case_and_namespace() -> None:
    assert group_name("Template:CGroup/Game_of_Thrones") == group_name("game of  thrones")
