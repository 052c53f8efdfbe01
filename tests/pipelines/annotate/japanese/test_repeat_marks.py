from __future__ import annotations

import pytest

from hanmill.pipelines.annotate.japanese.repeat_marks import kana_written_out, written_out
from hanmill.pipelines.annotate.japanese.romaji import romaji, romanize
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.extract.document import Reading


@pytest.mark.parametrize(
    ("text", "expected", "spelled"),
    [
        ("金子みすゞの詩", "金子/カネコ みすゞ/ミスズ の/ノ 詩/シ", "kaneko misuzu no shi"),
        ("学問のスヽメ", "学問/ガクモン の/ノ スヽメ/ススメ", "gakumon no susume"),
        ("こゝろを", "こゝろ/ココロ を/ヲ", "kokoro wo"),
        ("少しづゝ", "少し/スコシ づゝ/ヅツ", "sukoshi zutsu"),
        ("あゝ、ほゝゑみ", "あゝ/アア 、 ほゝゑみ/ホホヱミ", "aa 、 hohowemi"),
        ("いろ〱ある", "いろ〱/イロイロ ある/アル", "iroiro aru"),
        ("いろ〳〵ある", "いろ〳〵/イロイロ ある/アル", "iroiro aru"),
        ("それ〲", "それ〲/ソレゾレ", "sorezore"),
        ("つく〴〵と", "つく〴〵/ツクヅク と/ト", "tsukuzuku to"),
        ("ところ〲に", "ところ〲/トコロドコロ に/ニ", "tokorodokoro ni"),
        ("人〱は", "人〱/ヒトビト は/ハ", "hitobito ha"),
        ("毎月々の", "毎/マイ 月々/ツキヅキ の/ノ", "mai tsukizuki no"),
        ("馬鹿々々しい", "馬鹿々々しい/バカバカシイ", "bakabakashii"),
        ("一歩々々", "一/イッ 歩/ポ 々/イッ 々/ポ", "ip po ip po"),
        ("民主々義", "民主/ミンシュ 々義/シュギ", "minshu shugi"),
        ("各〻と人々", "各〻/オノオノ と/ト 人々/ヒトビト", "onoono to hitobito"),
        ("佐々木と益々", "佐々木/ササキ と/ト 益々/マスマス", "sasaki to masumasu"),
    ],
)
def test_repeat_marks_are_read(japanese: JapaneseSegmenter, text: str, expected: str, spelled: str) -> None:
    words = japanese.segment([text])[0]
    assert words.readings is not None
    found = " ".join(f"{s}/{r}" if r else s for s, r in zip(words.surfaces, words.readings, strict=True))
    assert (found, " ".join(romanize(words))) == (expected, spelled)


def test_words_keep_the_characters_of_the_text(japanese: JapaneseSegmenter) -> None:
    text = "いろ〱と こゝ\u0301ろ\n馬鹿々々しい〳〵　ところ〲〱 々〱ゝ 見る〱うち\r\nかへす〲も民主々義"
    alone = japanese.segment(text.split())
    words = japanese.segment([text])[0]
    assert "".join(words.surfaces) == "".join(text.split())
    assert words.lengths.tolist() == [len(surface) for surface in words.surfaces]
    assert words.surfaces == [surface for each in alone for surface in each.surfaces]


def test_marks_with_nothing_to_repeat_stay() -> None:
    for text in ("ゝ", "〱", "々", "、ゝ", "a〳〵"):
        assert written_out(text, lambda _: False).text == text


def test_a_unit_that_is_no_word_is_a_short_run() -> None:
    assert written_out("かへす〲も", lambda _: False).text == "かへすがへすも"
    assert written_out("其れ〱", lambda _: False).text == "其れ其れ"


def test_kana_and_ruby_and_romaji(japanese: JapaneseSegmenter) -> None:
    assert kana_written_out("ますゝゝ") == "ますすす"
    assert (romaji("こゝろ"), romaji("イスヾ")) == ("kokoro", "isuzu")
    words = japanese.segment(["心を"], [(Reading(0, 1, "こゝろ"),)])[0]
    assert words.readings == ["ココロ", "ヲ"]
