from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.extract.html.page import extract_page, plain_text_page


@pytest.mark.parametrize(
    ("html", "text"),
    [
        # Inline elements do not cut or delete characters.
        ("<p>他<a href=x>说</a>了<a href=y>很多</a>话。</p>", "他说了很多话。"),
        ("<p>これは<b>太字</b>と<i>斜体</i>です。</p>", "これは太字と斜体です。"),
        # A line end of the source is no space in Chinese and Japanese, and one in Korean and English.
        ("<p>今日は\n  よい天気\nです。</p>", "今日はよい天気です。"),
        ("<p>今天\n<b>天气</b>\n很好。</p>", "今天天气很好。"),
        ("<p>오늘은\n날씨가 좋다.</p>", "오늘은 날씨가 좋다."),
        ("<p>two\nwords and 漢字\nword.</p>", "two words and 漢字 word."),
        # A space the author wrote stays.
        ("<p>東京 大阪 名古屋、三都市。</p>", "東京 大阪 名古屋、三都市。"),
        ("<p>第一行。<br>　　第二行。<br><br>第三行。</p>", "第一行。\n第二行。\n第三行。"),
        ("<p>中&nbsp;文&#x3002;&amp;</p>", "中 文。&"),
        ("<p>字\u200b间\ufeff无\u00ad空。</p>", "字间无空。"),
        ("<pre>def f():\n    return '値'</pre>", "def f():\n    return '値'"),
        ("<p>甲\x00乙\x07丙。</p>", "甲乙丙。"),
        ("<p>\ud800漢字。</p>", "漢字。"),
        ("", ""),
        ("<script>var x = '<p>代码</p>';</script>", ""),
        ("<p hidden>隐藏的文字。</p><p style='display: none'>也隐藏。</p><p>看得见的文字。</p>", "看得见的文字。"),
    ],
)
def test_text_of_paragraphs(html: str, text: str) -> None:
    assert extract_page(html).text == text


def test_lists_and_tables_are_readable() -> None:
    html = (
        "<p>材料と作り方を説明します。</p>"
        "<ul><li>卵 三個</li><li>だし 大さじ四</li></ul>"
        "<table><tr><th>材料</th><th>分量</th></tr><tr><td>しょうゆ</td><td>小さじ一</td></tr></table>"
        "<ol><li><p>卵を溶きます。</p></li><li>鍋に流します。</li></ol>"
    )
    assert extract_page(html).text.split("\n") == [
        "材料と作り方を説明します。",
        "卵 三個",
        "だし 大さじ四",
        "材料\t分量",
        "しょうゆ\t小さじ一",
        "1. 卵を溶きます。",
        "2. 鍋に流します。",
    ]


def test_table_that_is_layout_gives_paragraphs() -> None:
    html = "<table><tr><td><p>第一段，写得很长。</p><p>第二段，也很长。</p></td><td>旁注</td></tr></table>"
    assert extract_page(html).text == "第一段，写得很长。\n第二段，也很长。"


def test_ruby_becomes_readings() -> None:
    html = (
        "<p>昔話。</p><p><ruby>東<rp>（</rp><rt>とう</rt><rp>）</rp>京<rt>きょう</rt></ruby>の"
        "<ruby><rb>漢字</rb><rt>かん\nじ</rt></ruby>を\n読む。</p>"
    )
    page = extract_page(html)
    assert page.text == "昔話。\n東京の漢字を読む。"
    assert page.readings == (Reading(4, 5, "とう"), Reading(5, 6, "きょう"), Reading(7, 9, "かんじ"))


def test_readings_follow_numbered_items() -> None:
    page = extract_page("<ol><li><ruby>卵<rt>たまご</rt></ruby>を割り、よく混ぜます。</li></ol>")
    reading = page.readings[0]
    assert page.text[reading.start : reading.end] == "卵"


@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from("東京漢字 \n"), max_size=5), st.text(st.sampled_from("かなカナ "), max_size=4)
        ),
        max_size=6,
    )
)
def test_reading_offsets_always_lie_in_the_text(pairs: list[tuple[str, str]]) -> None:
    html = "<p>はじめに、" + "と\n".join(f"<ruby>{base}<rt>{kana}</rt></ruby>" for base, kana in pairs) + "。</p>"
    page = extract_page(html)
    wanted = [("".join(base.split()), "".join(kana.split())) for base, kana in pairs]
    found = [("".join(page.text[one.start : one.end].split()), one.reading) for one in page.readings]
    assert found == [pair for pair in wanted if all(pair)]


@pytest.mark.parametrize(
    ("html", "lang"),
    [
        ('<html lang="zh-TW"><p>文字。</p>', "zh-TW"),
        ('<meta http-equiv="Content-Language" content="ja, en"><p>文字。</p>', "ja"),
        ('<meta property="og:locale" content="zh_HK"><p>文字。</p>', "zh-HK"),
        ('<html lang="en"><body><div lang="ja"><p>本文は日本語です。</p></div>', "ja"),
        ("<p>文字。</p>", ""),
    ],
)
def test_declared_language(html: str, lang: str) -> None:
    assert extract_page(html).lang == lang


def test_title_and_link_characters() -> None:
    page = extract_page(
        "<title> 江心渡口 \n 复航 &amp; 票价</title><p>详情见<a href=x>时刻表</a>，谢谢大家的支持。</p>"
    )
    assert page.title == "江心渡口 复航 & 票价"
    assert page.link_characters == 3


def test_deep_and_broken_markup_costs_nothing() -> None:
    deep = "<div>" * 50_000 + "<p>深い場所にある本文です。" + "</span></table>" * 1000
    assert extract_page(deep).text == "深い場所にある本文です。"
    assert extract_page("<table>" * 2000 + "表，深い。").text == "表，深い。"
    assert extract_page("<p>終わらない<!-- 注釈").text.startswith("終わらない")


def test_a_line_of_many_megabytes() -> None:
    page = extract_page("<p>" + "長い行。" * 1_000_000)
    assert len(page.text) == 4_000_000


@given(st.text(st.sampled_from(list("<>/\"'=!-& ;漢字かな。abpdivtrlion\n\ud800\x00")), max_size=120))
def test_any_markup_is_read(html: str) -> None:
    page = extract_page(html)
    assert "\x00" not in page.text
    page.text.encode("utf-8")
    for reading in page.readings:
        assert 0 <= reading.start < reading.end <= len(page.text)


def test_plain_text_keeps_its_lines() -> None:
    page = plain_text_page("第一行  の文。\r\n\r\n　　第二行。\x00\nlast  line")
    assert page.text == "第一行 の文。\n第二行。\nlast line"
    assert page.title == page.lang == ""


def test_less_than_sign_in_the_name_of_a_tag_hides_nothing() -> None:
    html = "<p>甲は申す。</p><sv<svg>乙は聞く。</sv<svg><p <nav=x>丙は去る。</p>"
    assert extract_page(html, boilerplate=True).text.split("\n") == ["甲は申す。", "乙は聞く。", "丙は去る。"]


def test_white_space_of_neighbouring_blocks_is_collapsed_apart() -> None:
    html = (
        "<p>第一段\n </p><p>\n 第二段\t\t二</p><pre>a  b\n  c</pre>"
        "<p><ruby>漢<rt>かん</rt></ruby>\n 字 </p><p>two\n\n words</p>"
    )
    page = extract_page(html, boilerplate=True)
    assert page.text.split("\n") == ["第一段", "第二段 二", "a  b", "  c", "漢字", "two words"]
    assert [page.text[one.start : one.end] for one in page.readings] == ["漢"]
