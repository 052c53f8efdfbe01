from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanmill.pipelines.dedup.fold import fingerprint, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("台灣的電腦軟體", "台湾的电脑软体"),
        ("國語の辭書", "国語の辞書"),
        ("ＡＢＣ１２３", "abc123"),
        ("ﾊﾝｶｸｶﾅ", "ハンカクカナ"),
        ("葛\U000e0100城", "葛城"),
        ("吾輩は猫である。名前はまだ無い。", "吾輩は 猫である\n名前はまだ無い"),
        ("説明", "说明"),
    ],
)
def test_variants_of_one_text_have_one_fingerprint(one: str, other: str) -> None:
    assert fingerprint(fold(one)) == fingerprint(fold(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ガラス", "カラス"),
        ("パパ", "ババ"),
        ("は", "ば"),
        ("猫", "犬"),
        ("2019年", "2020年"),
        ("한국", "한구"),
    ],
)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert fingerprint(fold(one)) != fingerprint(fold(other))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@example("か\u3099ガラスｶﾞﾗｽ")
@example("\u1112\u1161\u11ab한")
@example("ﬃ㍿½İΣς")
@example("e\u0301\u0323é")
@example("\u09c7\u09be")
def test_the_short_way_gives_what_nfkc_gives(text: str) -> None:
    assert fold(text).tolist() == fold(unicodedata.normalize("NFKC", text)).tolist()


def test_nothing_but_letters_and_digits_is_left() -> None:
    assert "".join(map(chr, fold(" 、。！？「」—…\t\n猫"))) == "猫"
    assert fold("、。").size == 0
