from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.annotate.japanese.romaji import katakana, romaji, romanize
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.words import words_of
from hanmill.schemas.recipe import SegmentRecipe
from tests.pipelines.annotate.texts import hostile_text


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("ジャズ", "jazu"),
        ("ヲ", "wo"),
        ("ながして", "nagashite"),
        ("オウシュウ", "oushuu"),
        ("カメイ", "kamei"),
        ("ティッシュ", "tisshu"),
        ("ヴァイオリン", "vaiorin"),
        ("フェリー", "ferii"),
        ("クォーター", "kwootaa"),
        ("デュエット", "dyuetto"),
        ("ウェブ", "webu"),
        ("チョット", "chotto"),
        ("マッチャ", "maccha"),
        ("キンエン", "kin'en"),
        ("ホンヤ", "hon'ya"),
        ("アンナイ", "annai"),
        ("アッ", "a"),
        ("ッタ", "tta"),
        ("ン", "n"),
        ("ー", "ー"),
        ("ンー", "n"),
        ("ツヅク", "tsuzuku"),
        ("ヱヴァ", "weva"),
        ("ヶ", "ke"),
        ("", ""),
        ("Aア漢", "Aa漢"),
        # What bug reports of other programs name.
        ("ムッォヴァ", "muova"),
        ("スナバァ", "sunabaa"),
        ("ミネルウァ", "mineruua"),
        ("ラィティング", "raitingu"),
        ("プラトーーーン", "puratoooon"),
        ("ヸオロン", "vioron"),
        ("ゕ", "ka"),
        ("シンヨウ", "shin'you"),
        ("しんにょう", "shinnyou"),
        ("グンマ", "gunma"),
        ("テンプラ", "tenpura"),
        ("しょうり", "shouri"),
        ("マッチ", "macchi"),
        ("ヴァイオレット", "vaioretto"),
        ("ミソノオ", "misonoo"),
        ("マツウラ", "matsuura"),
        ("ジェイアール", "jeiaaru"),
        ("ㇰㇱ", "kushi"),
    ],
)
def test_spelling(kana: str, expected: str) -> None:
    assert romaji(kana) == expected


def test_hiragana_and_katakana_read_alike() -> None:
    hiragana = "".join(map(chr, range(0x3041, 0x3097)))
    assert len(katakana(hiragana)) == len(hiragana)
    for character in hiragana:
        assert romaji(character) == romaji(katakana(character))


def test_plain_kana_spell_alone() -> None:
    plain = [chr(code) for code in range(0x3042, 0x3094) if chr(code) not in "ぃぅぇぉっゃゅょゎん"]
    for one in plain:
        assert romaji(one + "か") == romaji(one) + "ka"
        assert romaji("きゃ" + one) == "kya" + romaji(one)
        assert romaji("か" + one) == "ka" + romaji(one)


def test_small_tsu_doubles_across_words() -> None:
    words = words_of(["行っ", "た", "あっ", "、", "え"], ["イッ", "タ", "アッ", "", "エ"])
    assert romanize(words) == ["it", "ta", "a", "、", "e"]


def test_a_long_mark_repeats_the_vowel_of_the_word_before() -> None:
    assert romanize(words_of(["すご", "ーい"], ["スゴ", "ーイ"])) == ["sugo", "oi"]


def test_words_without_readings_stay_as_they_are() -> None:
    assert romanize(words_of(["中国", "Debian"])) == ["中国", "Debian"]
    assert romanize(words_of(["龘", "は"], ["", "ハ"])) == ["龘", "ha"]


def test_particles_by_their_spelling(japanese: JapaneseSegmenter) -> None:
    found = romanize(japanese.segment(["東京へは行ったが、本を読む"])[0])
    assert " ".join(found) == "toukyou he ha itta ga 、 hon wo yomu"


def test_glued_or_not_the_letters_are_the_same(japanese: JapaneseSegmenter) -> None:
    apart = JapaneseSegmenter(SegmentRecipe(glue=False))
    text = ["学校へ行った。待ってから切ってもらって、知っていれば言わなかった"]
    assert "".join(romanize(apart.segment(text)[0])) == "".join(romanize(japanese.segment(text)[0]))


@given(st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x30FF), max_size=12))
def test_known_kana_leave_no_kana(kana: str) -> None:
    left = [
        c
        for c in romaji(kana)
        if "\u3041" <= c <= "\u30fa" and c not in "\u3097\u3098\u3099\u309a\u309b\u309c\u309d\u309e\u309f\u30a0"
    ]
    assert left == []


@given(st.lists(st.tuples(hostile_text, hostile_text), max_size=6))
def test_one_romaji_per_word_whatever_the_reading(pairs: list[tuple[str, str]]) -> None:
    surfaces, readings = [surface for surface, _ in pairs], [reading for _, reading in pairs]
    assert len(romanize(words_of(surfaces, readings))) == len(pairs)
