from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.dedup.lines import count_lines, line_hashes, without_lines
from hanmill.pipelines.extract.document import Reading

MENU = "首頁 | 關於我們 | 聯絡我們 | 網站地圖"
MENU_SIMPLIFIED = "首页｜关于我们｜联络我们｜网站地图"
NOTICE = "本ページの内容はクリエイティブ・コモンズのライセンスの下で利用できます。"


def repeated(*lines: str) -> np.ndarray:
    return np.sort(np.concatenate([line_hashes(line) for line in lines]))


def test_a_line_is_one_in_both_scripts_and_short_ones_are_never_counted() -> None:
    assert line_hashes(f"{MENU}\n脚注\n\n{MENU_SIMPLIFIED}").tolist() == [
        line_hashes(MENU)[0],
        0,
        0,
        line_hashes(MENU)[0],
    ]
    assert line_hashes("ガラス製品の歴史と技術")[0] != line_hashes("カラス製品の歴史と技術")[0]
    assert line_hashes("大阪から東京まで行く")[0] != line_hashes("東京から大阪まで行く")[0]


def test_repeated_lines_go_and_readings_move_along() -> None:
    text = f"{MENU}\n葛城市は奈良県の市である。\n{NOTICE}\n人口は三万人。"
    start = text.index("葛城")
    end = text.index("人口")
    left, readings = without_lines(
        text, (Reading(start, start + 2, "かつらぎ"), Reading(end, end + 2, "じんこう")), repeated(MENU, NOTICE)
    )
    assert left == "葛城市は奈良県の市である。\n人口は三万人。"
    assert [(left[r.start : r.end], r.reading) for r in readings] == [("葛城", "かつらぎ"), ("人口", "じんこう")]


def test_readings_of_a_line_that_goes_go_with_it() -> None:
    place = NOTICE.index("内容")
    text = f"{NOTICE}\n吾輩は猫である。"
    assert without_lines(text, (Reading(place, place + 2, "ないよう"),), repeated(NOTICE)) == ("吾輩は猫である。", ())


def test_a_text_of_repeated_lines_alone_becomes_empty() -> None:
    assert without_lines(f"{MENU}\n\n{NOTICE}\n", (), repeated(MENU, NOTICE)) == ("", ())


def test_nothing_changes_where_nothing_is_repeated() -> None:
    assert without_lines(MENU, (Reading(0, 2, "しゅこう"),), repeated(NOTICE)) == (MENU, (Reading(0, 2, "しゅこう"),))


def test_counts_add_up() -> None:
    keys = np.array([5, 3, 5, 9], np.uint64)
    table = count_lines(keys, np.array([1, 2, 4, 8], np.uint32))
    assert table.to_pydict() == {"key": [3, 5, 9], "count": [2, 5, 8]}


@given(st.lists(st.sampled_from([MENU, NOTICE, "", "猫", "国語の辞書を引く人々"]), max_size=12), st.data())
def test_readings_always_show_the_same_characters(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    readings = []
    for number, line in enumerate(lines):
        if len(line) > 1:
            start = sum(len(before) + 1 for before in lines[:number])
            first = data.draw(st.integers(0, len(line) - 2))
            readings.append(Reading(start + first, start + first + 2, line[first : first + 2]))
    left, moved = without_lines(text, readings, repeated(MENU))
    assert all(left[r.start : r.end] == r.reading for r in moved)
    assert MENU not in left
    if left:
        assert len(moved) == sum(r.reading not in MENU for r in readings)
