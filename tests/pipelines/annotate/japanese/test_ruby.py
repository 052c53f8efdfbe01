from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.annotate.japanese.ruby import apply_ruby
from hanmill.pipelines.annotate.words import Words, words_of
from hanmill.pipelines.extract.document import Reading

TEXT = "漢 字と読み方"


def words() -> Words:
    return words_of(["漢字", "と", "読み方"], ["カンジ", "ト", "ヨミカタ"])


@pytest.mark.parametrize(
    ("spans", "surfaces", "readings"),
    [
        ([], ["漢字", "と", "読み方"], ["カンジ", "ト", "ヨミカタ"]),
        ([(0, 1, "おとこ"), (2, 3, "じ")], ["漢字", "と", "読み方"], ["オトコジ", "ト", "ヨミカタ"]),
        ([(0, 3, "おとこ じ")], ["漢字", "と", "読み方"], ["オトコジ", "ト", "ヨミカタ"]),
        ([(4, 5, "どく"), (6, 7, "ほう")], ["漢字", "と", "読み方"], ["カンジ", "ト", "ドクミホウ"]),
        ([(4, 5, "よ")], ["漢字", "と", "読み方"], ["カンジ", "ト", "ヨミカタ"]),
        ([(0, 7, "ぜんぶ")], ["漢字と読み方"], ["ゼンブ"]),
        ([(2, 4, "ずと")], ["漢字と", "読み方"], ["カンジト", "ヨミカタ"]),
        ([(0, 3, "")], ["漢字", "と", "読み方"], ["カンジ", "ト", "ヨミカタ"]),
        ([(0, 99, "x"), (5, 5, "x"), (-1, 2, "x")], ["漢字", "と", "読み方"], ["カンジ", "ト", "ヨミカタ"]),
        ([(0, 3, "おとこじ"), (2, 4, "重なる")], ["漢字", "と", "読み方"], ["オトコジ", "ト", "ヨミカタ"]),
    ],
)
def test_spans(spans: list[tuple[int, int, str]], surfaces: list[str], readings: list[str]) -> None:
    found = apply_ruby(TEXT, words(), [Reading(*span) for span in spans])
    assert found.surfaces == surfaces
    assert found.readings == readings


def test_words_without_readings_are_left_alone() -> None:
    plain = words_of(["中国"])
    assert apply_ruby("中国", plain, [Reading(0, 2, "zhong guo")]) is plain


@given(
    st.lists(
        st.builds(Reading, st.integers(-2, 9), st.integers(-2, 9), st.sampled_from(["よみ", "", "a b"])), max_size=5
    )
)
def test_no_character_is_lost(spans: list[Reading]) -> None:
    found = apply_ruby(TEXT, words(), spans)
    assert "".join(found.surfaces) == "漢字と読み方"
    assert found.readings is not None
    assert len(found.readings) == len(found.surfaces) == len(found.lengths)
