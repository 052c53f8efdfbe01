from __future__ import annotations

import pytest

from hanmill.pipelines.extract.html.page import extract_page

TEXT = "一段足够长的正文，讲的是山里的一条小路，路边开着许多不知名的野花。第二句接着说，走到尽头是一座旧桥。"
LAST = "最后一段写的是黄昏时分，桥上的人慢慢散去，只剩下水声和远处的几点灯火。"


@pytest.mark.parametrize(
    ("attributes", "lines"),
    [
        ("start=3", ["3. 打散鸡蛋。", "4. 倒入锅中。"]),
        ("type=a", ["a. 打散鸡蛋。", "b. 倒入锅中。"]),
        ("type=I start=3", ["III. 打散鸡蛋。", "IV. 倒入锅中。"]),
        ("start=-1", ["-1. 打散鸡蛋。", "0. 倒入锅中。"]),
        ("start=x", ["1. 打散鸡蛋。", "2. 倒入锅中。"]),
    ],
)
def test_ordered_lists_count_as_in_a_browser(attributes: str, lines: list[str]) -> None:
    page = f"<p>{TEXT}</p><ol {attributes}><li>打散鸡蛋。</li><li>倒入锅中。</li></ol><p>{LAST}</p>"
    assert extract_page(page).text.split("\n")[1:-1] == lines


def test_a_value_sets_the_number_of_its_item() -> None:
    page = f"<p>{TEXT}</p><ol><li>甲。</li><li value=7>乙。</li><li>丙。<ul><li>丁。</li></ul></li><li>戊。</li></ol>"
    assert extract_page(page).text.split("\n")[1:] == ["1. 甲。", "7. 乙。", "8. 丙。", "丁。", "9. 戊。"]


@pytest.mark.parametrize("indent", ["&emsp;&emsp;", "&ensp;&nbsp;", "\u2003\u3000", "&#8194;&#8194;"])
def test_wide_spaces_that_indent_a_paragraph_go(indent: str) -> None:
    assert extract_page(f"<p>{indent}{TEXT}</p><p>{indent}{LAST}</p>").text == f"{TEXT}\n{LAST}"


@pytest.mark.parametrize("style", ["display:none", "DISPLAY : NONE", "color:red; display :none"])
def test_hidden_by_any_spelling_of_the_style(style: str) -> None:
    page = f'<div><p>{TEXT}</p><p style="{style}">没有人看得见这一段话，虽然它写得很长。</p><p>{LAST}</p></div>'
    assert extract_page(page).text == f"{TEXT}\n{LAST}"


@pytest.mark.parametrize("reference", ["&#xD842;&#xDFB7;", "&#55362;&#57271;", "&#xd842;&#57271;", "&#x20BB7;"])
def test_two_references_for_one_character(reference: str) -> None:
    assert extract_page(f"<p>{TEXT}{reference}野家的饭。</p>").text.endswith("旧桥。𠮷野家的饭。")


def test_references_that_are_no_pair_stay_as_the_standard_has_them() -> None:
    assert extract_page(f"<p>{TEXT}甲&#xDFB7;&#xD842;乙。</p>").text.endswith("甲乙。")


def test_text_of_noframes_inside_a_frameset() -> None:
    page = f"<frameset cols=1><frame src=a><noframes><body><p>{TEXT}</p><p>{LAST}</p></body></noframes></frameset>"
    assert extract_page(page).text == f"{TEXT}\n{LAST}"


def test_a_notice_that_ends_the_text_goes() -> None:
    page = f"<div><p>{TEXT}</p><p>{LAST}</p><p>版权声明：本文为原创文章，转载请注明出处。</p></div>"
    assert extract_page(page).text == f"{TEXT}\n{LAST}"


def test_a_short_sentence_that_is_one_link_stays() -> None:
    page = (
        f"<div><p>{TEXT}</p><p><a href=/x>这一整段文字都是一个链接，但它在段落里，也有句号。</a></p><p>{LAST}</p></div>"
    )
    assert "这一整段文字都是一个链接" in extract_page(page).text


def test_all_rows_of_a_table_of_data_belong_to_the_longest_cell() -> None:
    rows = [
        ("商号", "株式会社山道製作所"),
        ("設立", "昭和五十年四月一日"),
        ("所在地", "東京都港区芝公園四丁目二番八号"),
    ]
    cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    text = extract_page(f"<div><h1>会社概要</h1><table>{cells}</table></div>").text
    assert text.split("\n")[-3:] == ["\t".join(row) for row in rows]


@pytest.mark.parametrize(
    "line", ["※ 發信站: 批踢踢實業坊(ptt.cc), 來自: 192.0.2.4", "この記事が気に入ったらサポートをしてみませんか？"]
)
def test_closing_lines_of_boards_and_blogs_go(line: str) -> None:
    assert extract_page(f"<div><p>{TEXT}</p><p>{LAST}</p><p>{line}</p></div>").text == f"{TEXT}\n{LAST}"


@pytest.mark.parametrize(
    "edit",
    ["<a href=e>编辑</a>", "[<a href=e>編集</a>]", "<span>[<a href=e>編輯</a> | <a href=s>編輯原始碼</a>]</span>"],
)
def test_the_edit_link_of_a_heading_goes(edit: str) -> None:
    page = f"<div><p>{TEXT}</p><h2>歷史{edit}</h2><p>{LAST}</p><h2>如何编辑</h2><p>{LAST}</p></div>"
    assert extract_page(page).text == f"{TEXT}\n歷史\n{LAST}\n如何编辑\n{LAST}"


@pytest.mark.parametrize("mark", ["\u2060", "\u2063", "\u200b", "\ufeff"])
def test_invisible_characters_go(mark: str) -> None:
    assert extract_page(f"<p>{TEXT}中{mark}文{mark}字。</p>").text.endswith("旧桥。中文字。")
