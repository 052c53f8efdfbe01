"""The plain functions the extractor is put together from, each on its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.wikitext.conversion import translation, written_variant
from hanmill.pipelines.extract.wikitext.finish import finish
from hanmill.pipelines.extract.wikitext.lines import paragraphs
from hanmill.pipelines.extract.wikitext.marks import BASE, DROPPED, ITEM, OPAQUE, OPAQUE_END, READING_END, RUBY
from hanmill.pipelines.extract.wikitext.matching import matching
from hanmill.pipelines.extract.wikitext.page_kind import page_flags, redirect_target
from hanmill.pipelines.extract.wikitext.prepare import prepare
from hanmill.pipelines.extract.wikitext.repair import repair
from hanmill.pipelines.extract.wikitext.sections import without_tail_sections
from hanmill.pipelines.extract.wikitext.symbols import split
from hanmill.pipelines.extract.wikitext.tables import without_tables
from hanmill.pipelines.extract.wikitext.template_text import parse_arguments
from hanmill.pipelines.extract.wikitext.templates import lookup
from hanmill.pipelines.extract.wikitext.variants import CHINESE, SERBIAN

_PLAIN_LINK = re.compile(r"\[\[(?:[^][{}|<>\n:]*\|)?([^][{}|<>\n:]+)\]\]")


@given(st.text(alphabet="[]{}|!*#:;<>-/ab漢=' \n\t", max_size=200))
def test_splitting_loses_nothing_but_the_marks_of_plain_links(text: str) -> None:
    for variants in (True, False):
        pieces, linked = split(text, variants=variants)
        assert "".join(pieces) == _PLAIN_LINK.sub(r"\1", text)
        assert sum(linked) == sum(map(len, _PLAIN_LINK.findall(text)))
        assert len(pieces) == 2 * len(linked) - 1


@given(st.text(alphabet="（）、。，. 漢" + DROPPED, max_size=60))
def test_repair_takes_away_only_brackets_punctuation_and_spaces(text: str) -> None:
    repaired = repair(text)
    assert DROPPED not in repaired
    assert repaired.count("漢") == text.count("漢")
    if DROPPED not in text:
        assert repaired == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("名は、_。", "名は。"),
        ("名（_）は", "名は"),
        ("名（「_」、_）は", "名は"),
        ("名（_、甲）", "名（甲）"),
        ("名（甲、_）", "名（甲）"),
        ("。_。", "。"),
        ("甲_、_乙", "甲、乙"),
        ("甲 _ 乙", "甲 乙"),
        ("（）_「」", "（）「」"),
        ("_", ""),
        ("（_", "（"),
    ],
)
def test_repair(text: str, expected: str) -> None:
    assert repair(text.replace("_", DROPPED)) == expected


@pytest.mark.parametrize(
    ("text", "spaced", "expected"),
    [
        ("漢字\nかな", False, "漢字かな"),
        ("漢字\nLatin", False, "漢字Latin"),
        ("漢字\nLatin", True, "漢字 Latin"),
        ("한국\n어", False, "한국 어"),
        ("one\ntwo\n\nthree", True, "one two\nthree"),
        (" 整形\n 済み", False, "整形\n済み"),
        (f"{ITEM}甲\n乙", False, "甲\n乙"),
        ("== 甲 ==\n=== 乙 ===\n文\n== 丙 ==", False, "甲\n乙\n文"),
        ("== 甲 ==\n== 乙 ==\n文", False, "乙\n文"),
        ("----\n甲", False, "甲"),
        ("a\u00a0 b   c", True, "a b c"),
    ],
)
def test_lines_become_paragraphs(text: str, spaced: bool, expected: str) -> None:
    assert paragraphs(text, headings=True, spaced=spaced) == expected


def test_marks_without_partners_lose_only_the_marks() -> None:
    assert finish(f"{BASE}甲{RUBY}乙{READING_END}丙{BASE}丁", [], headings=True, spaced=False)[0] == "甲丙丁"
    assert finish(f"{READING_END}甲{RUBY}乙", [], headings=True, spaced=False) == ("甲乙", ())
    text, readings = finish(f"{BASE}{RUBY}乙{READING_END}丙", [], headings=True, spaced=False)
    assert (text, readings) == ("丙", ())


def test_what_is_put_aside_comes_back_untouched() -> None:
    prepared = prepare("<nowiki>''[[甲]]''</nowiki>", variants=False)
    assert prepared.opaque == ["''[[甲]]''"]
    assert finish(prepared.text, prepared.opaque, headings=True, spaced=False)[0] == "''[[甲]]''"
    assert OPAQUE in prepared.text
    assert OPAQUE_END in prepared.text


@pytest.mark.parametrize(
    ("wikitext", "expected"),
    [
        ("甲<ref>乙</ref>丙", f"甲{DROPPED}丙"),
        ('甲<ref name="a/b">乙<br/></ref>丙<ref name=a />丁', f"甲{DROPPED}丙{DROPPED}丁"),
        ("甲<REF>乙</Ref>丙", f"甲{DROPPED}丙"),
        ("甲<ref>閉じない", "甲閉じない"),
        ("甲<references />乙", "甲乙"),
        ("甲<!-- 乙 --- -->丙", "甲丙"),
        ("甲\n<!-- 乙 -->\n丙", "甲\n丙"),
        ("甲<nowiki><ref>乙</ref></nowiki>", f"甲{OPAQUE}0{OPAQUE_END}"),
        ("甲<includeonly>乙</includeonly>丙", f"甲{DROPPED}丙"),
        ("甲\r\n乙\x00", "甲\n乙"),
    ],
)
def test_what_is_no_text_goes_first(wikitext: str, expected: str) -> None:
    assert prepare(wikitext, variants=False).text == "\n" + expected


def test_braces_are_matched_across_links_and_tables() -> None:
    pieces, _ = split("\n{{a|[[b]]{{c|<b>}}}}{{d", variants=False)
    closes = matching(pieces)
    opened = [index for index, piece in enumerate(pieces) if piece == "{{"]
    assert [pieces[closes[index]] for index in opened[:2]] == ["}}", "}}"]
    assert closes[opened[0]] > closes[opened[1]]
    assert opened[2] not in closes


def test_tables_inside_tables_go_together_and_odd_ones_stay() -> None:
    assert without_tables("甲\n{|\n|\n{|\n|}\n|}\n乙") == "甲\n\n\n乙"
    assert without_tables("甲\n{|\n| {{x\n|}\n乙") == "甲\n{|\n| {{x\n|}\n乙"
    assert without_tables("甲\n|}\n乙") == "甲\n|}\n乙"


def test_sections_are_told_by_their_titles_without_markup() -> None:
    for title in ("脚注", "'''出典'''", " [[外部リンク]] ", "參考 資料", "External links", "{{lang|ja|}}脚注"):
        assert without_tail_sections(f"\n甲\n=={title}==\n乙") == "\n甲"
    for title in ("脚注の歴史", "出典主義", "References in art"):
        assert "乙" in without_tail_sections(f"\n甲\n=={title}==\n乙")


@pytest.mark.parametrize(
    ("wikitext", "target"),
    [
        ("#REDIRECT [[Cat]]", "Cat"),
        ("#転送 [[猫]]", "猫"),
        ("#リダイレクト[[猫]]", "猫"),
        ("#重定向 [[猫|貓]]", "猫"),
        ("# 重新導向：[[貓]]", "貓"),
        ("#넘겨주기 [[고양이]]", "고양이"),
        ("#WEITERLEITUNG [[Katze]]", "Katze"),
        ("#redirectではない", None),
        ("本文 #REDIRECT [[猫]]", None),
    ],
)
def test_redirects_of_every_wiki(wikitext: str, target: str | None) -> None:
    assert redirect_target(wikitext) == target


def test_kinds_of_pages() -> None:
    assert page_flags("茶", "{{Disambig}}") == ("disambiguation",)
    assert page_flags("茶", "{{消歧义}}{{Japan-stub}}") == ("disambiguation", "stub")
    assert page_flags("茶葉列表", "") == ("list",)
    assert page_flags("List of teas", "") == ("list",)
    assert page_flags("茶", "{{節スタブ}}{{Otheruses}}") == ()


def test_arguments_by_place_and_by_name() -> None:
    arguments = parse_arguments("ja", "x", [" 甲 ", "2=乙", "label = 丙", "\n* 丁"])
    assert (arguments.get(1), arguments.get(2), arguments.get(3)) == ("甲", "\n* 丁", "")
    assert arguments.first_of("nothing", "label") == "丙"
    numbered = parse_arguments("ja", "x", ["1=甲", "2=乙"])
    assert numbered.positional == ["甲", "乙"]


@pytest.mark.parametrize("name", ["infobox", "main", "sfn", "cite web", "r", "脚注ヘルプ", "flagicon"])
def test_notes_and_boxes_stand_in_no_table(name: str) -> None:
    assert all(lookup(name, language) is None for language in ("ja", "zh", "ko", "en", "de", "es", "nl"))


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("ja", "仮リンク"),
        ("zh", "link-ja"),
        ("yue", "tsl"),
        ("ko", "llang"),
        ("en", "lang-zh-hant"),
        ("ja", "lang-en-short"),
    ],
)
def test_families_of_text_bearing_templates(language: str, name: str) -> None:
    assert lookup(name, language) is not None


def test_scripts() -> None:
    assert written_variant("这个国家", CHINESE) == "zh-hans"
    assert written_variant("ово", SERBIAN) == "sr"
    hans = translation("zh-hans")
    assert hans is not None
    assert hans("馬氣電") == "马气电"
    assert translation("zh") is None
