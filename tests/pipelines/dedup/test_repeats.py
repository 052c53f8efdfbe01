from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.dedup.lines import count_lines, line_hashes
from hanmill.pipelines.dedup.passages import windows
from hanmill.pipelines.dedup.repeats import Repeats, Shortened, repeat_keys, too_often, without_repeats
from hanmill.pipelines.extract.document import Reading
from hanmill.schemas.recipe import DeduplicateRecipe

MENU = "首頁 | 關於我們 | 聯絡我們 | 網站地圖"
MENU_SIMPLIFIED = "首页｜关于我们｜联络我们｜网站地图"
NOTICE = "本ページの内容はクリエイティブ・コモンズのライセンスの下で利用できます。"


#: Of the basic law of Hong Kong, and of 夏目漱石: what is quoted.
QUOTED = (
    "香港特別行政區永久性居民和非永久性居民，在法律面前一律平等。"
    "香港特別行政區永久性居民依法享有選舉權和被選舉權。香港居民享有言論、新聞、出版的自由，結社、集會、遊行、示威的自由。"
)
CITED = (
    "吾輩はここで始めて人間というものを見た。しかもあとで聞くとそれは書生という人間中で一番獰悪な種族であったそうだ。"
    "この書生というのは時々我々を捕えて煮て食うという話である。"
)


def repeated(*lines: str) -> Repeats:
    return Repeats(np.sort(np.concatenate([line_hashes(line) for line in lines])), lines=True, characters=0)


def passages(*texts: str, characters: int = 40) -> Repeats:
    """What stands in more than one of some texts."""
    settings = DeduplicateRecipe(text_characters=characters, text_documents=1)
    hashes = np.concatenate([repeat_keys(text, settings) for text in texts])
    found = too_often(count_lines(hashes, np.ones(len(hashes), np.uint32)), settings)
    return Repeats(found["key"].to_numpy(), lines=False, characters=characters)


def without_lines(text: str, readings: Sequence[Reading], lines: Repeats) -> tuple[str, tuple[Reading, ...]]:
    left = without_repeats(text, readings, lines)
    assert left.rule == (None if left.text or not text else "repeated_lines@1")
    return left.text, left.readings


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


def test_a_passage_goes_wherever_it_begins_and_no_sentence_has_a_hole() -> None:
    first = f"他看著窗外。{QUOTED}這是基本法的規定。"
    second = f"第三章說，居民有甚麼權利：{QUOTED[30:]}\n法院後來引用了它。"
    repeats = passages(first, second, CITED)
    # The first sentence of what is quoted stands in one text alone.
    assert without_repeats(first, (), repeats) == Shortened(f"他看著窗外。{QUOTED[:30]}這是基本法的規定。", ())
    assert without_repeats(second, (), repeats) == Shortened("法院後來引用了它。", ())
    assert without_repeats(CITED, (), repeats) == Shortened(CITED, ())


def test_of_a_sentence_less_than_half_of_which_is_repeated_all_stays() -> None:
    beginning = "第三章的規定很長，說的是居民有甚麼權利，法院後來在許多案件裡引用了它，還有人譯成英文："
    text = f"{beginning}{QUOTED[30:]}"
    left = without_repeats(text, (), passages(text, QUOTED))
    assert left.text == text[: text.index("。") + 1]


def test_readings_move_along_and_go_with_their_sentence() -> None:
    text = f"漱石の小説は次のように言う。{CITED}\n名作と言われる。"
    kinds = [(text.index(word), word) for word in ("漱石", "書生", "名作")]
    readings = [Reading(start, start + len(word), word) for start, word in kinds]
    left = without_repeats(text, readings, passages(text, CITED))
    assert left.text == "漱石の小説は次のように言う。\n名作と言われる。"
    assert [(left.text[r.start : r.end], r.reading) for r in left.readings] == [("漱石", "漱石"), ("名作", "名作")]


def test_a_document_of_repeated_passages_alone_is_dropped_by_its_own_rule() -> None:
    assert without_repeats(f"\n{CITED}\n", (), passages(CITED, f"猫。{CITED}")) == Shortened("", (), "repeated_text@1")


def test_lines_and_passages_are_counted_apart() -> None:
    settings = DeduplicateRecipe(lines=2, text_characters=40, text_documents=1)
    texts = [f"{NOTICE}\n{CITED}", f"{NOTICE}\n別の本にも、{CITED}", f"{NOTICE}\n葛城市は奈良県の市である。"]
    hashes = np.concatenate([repeat_keys(text, settings) for text in texts])
    counts = count_lines(hashes, np.ones(len(hashes), np.uint32))
    repeats = Repeats(too_often(counts, settings)["key"].to_numpy(), lines=True, characters=40)
    left = [without_repeats(text, (), repeats) for text in texts]
    assert [(one.text, one.rule) for one in left] == [
        ("", "repeated_text@1"), ("", "repeated_text@1"), ("葛城市は奈良県の市である。", None),
    ]  # fmt: skip


@given(
    st.integers(20, 60),
    st.text(st.characters(codec="utf-8"), max_size=80),
    st.text(st.characters(codec="utf-8"), max_size=80),
    st.randoms(use_true_random=False),
)
def test_texts_that_share_enough_characters_share_a_window(
    characters: int, before: str, behind: str, draw: random.Random
) -> None:
    shared = "".join(chr(draw.randrange(0x4E00, 0x4E40)) for _ in range(characters))
    spaced = "".join(character + draw.choice(["", "", " ", "\n"]) for character in shared)
    alone, around = windows(shared, characters), windows(before + spaced + behind, characters)
    assert len(alone.hashes) == 1
    assert np.isin(alone.hashes, around.hashes).all()
    for start, end in zip(around.starts, around.ends, strict=True):
        held = (before + spaced + behind)[start:end]
        assert sum(map(len, held.split())) == characters - characters // 4 + 1


@given(st.lists(st.sampled_from([CITED, QUOTED, "猫。", "\n", "国語の辞書を引く人々。", " "]), max_size=8), st.data())
def test_whatever_goes_readings_show_the_same_characters(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    readings = []
    for _ in range(data.draw(st.integers(0, 5)) if len(text) > 1 else 0):
        start = data.draw(st.integers(0, len(text) - 2))
        readings.append(Reading(start, start + 2, text[start : start + 2]))
    left = without_repeats(text, sorted(readings, key=lambda one: one.start), passages(CITED, CITED))
    assert all(left.text[r.start : r.end] == r.reading for r in left.readings)
    assert "書生" not in left.text
    assert left.text.count("辞書") == text.count("辞書")


def test_hashes_are_pinned() -> None:
    found = windows(CITED, 40)
    assert found.hashes[:3].tolist() == [5267355052829432899, 6645615991834005165, 3590619760875681533]
    assert found.starts.tolist() == [1, 7, 13, 14, 22, 26, 29, 39, 48]
    assert windows("猫" * 19, 20).hashes.tolist() == []
