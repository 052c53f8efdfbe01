from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanmill.pipelines.annotate.japanese.kana import is_kana, takes_reading
from hanmill.pipelines.annotate.japanese.romaji import katakana, romanize
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.training.segmented_text import read_segmented
from hanmill.pipelines.training.segmenter_score import score
from hanmill.schemas.recipe import SegmentRecipe


@pytest.fixture(scope="module")
def apart() -> JapaneseSegmenter:
    return JapaneseSegmenter(SegmentRecipe(glue=False))


def words_and_readings(segmenter: JapaneseSegmenter, text: str) -> str:
    words = segmenter.segment([text])[0]
    assert words.readings is not None
    return " ".join(f"{s}/{r}" if r else s for s, r in zip(words.surfaces, words.readings, strict=True))


def romaji_of(segmenter: JapaneseSegmenter, text: str) -> str:
    return " ".join(romanize(segmenter.segment([text])[0]))


@pytest.mark.parametrize(
    ("text", "romaji"),
    [
        ("ジャズを流して", "jazu wo nagashite"),
        ("押収・欧州", "oushuu ・ oushuu"),
        ("加盟・亀井", "kamei ・ kamei"),
        ("食べられませんでした。", "taberaremasen deshita 。"),
        ("寒くなければ読んじゃった", "samuku nakereba yonjatta"),
        ("学生でした", "gakusei deshita"),
        ("すごーいティッシュ", "sugooi tisshu"),
        ("Debianは便利", "Debian ha benri"),
    ],
)
def test_phrase_words(japanese: JapaneseSegmenter, text: str, romaji: str) -> None:
    assert romaji_of(japanese, text) == romaji


def test_without_glue_the_units_of_the_dictionary(apart: JapaneseSegmenter) -> None:
    assert words_and_readings(apart, "流していた") == "流し/ナガシ て/テ い/イ た/タ"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "私は日本のお母さんとお父さん",
            "私/ワタシ は/ハ 日本/ニホン の/ノ お/オ 母/カア さん/サン と/ト お/オ 父/トウ さん/サン",
        ),
        ("ユダヤ人とアメリカ人", "ユダヤ/ユダヤ 人/ジン と/ト アメリカ/アメリカ 人/ジン"),
        ("旅行会社の水曜日", "旅行/リョコウ 会社/ガイシャ の/ノ 水曜/スイヨウ 日/ビ"),
        ("昨日会社へ", "昨日/キノウ 会社/カイシャ へ/ヘ"),
        (
            "1990年頃の外国人と紀元前の話",
            "1990 年/ネン 頃/ゴロ の/ノ 外国/ガイコク 人/ジン と/ト 紀元/キゲン 前/ゼン の/ノ 話/ハナシ",
        ),
        ("気に入って中に入って", "気/キ に/ニ 入って/イッテ 中/ナカ に/ニ 入って/ハイッテ"),
        ("三分の一と三分", "三/サン 分/ブン の/ノ 一/イチ と/ト 三/サン 分/プン"),
        ("6月31日と6月10日", "6 月/ガツ 31 日/ニチ と/ト 6 月/ガツ 10 日/カ"),
        ("1人と11人と1,001人", "1人/ヒトリ と/ト 11 人/ニン と/ト 1 , 001 人/ニン"),
        ("二本と三匹と八歳と十回", "二/ニ 本/ホン と/ト 三/サン 匹/ビキ と/ト 八/ハッ 歳/サイ と/ト 十/ジュッ 回/カイ"),
        ("何が何か月", "何/ナニ が/ガ 何/ナン か月/カゲツ"),
        ("1\n2日と1 2日間", "1 2 日/カ と/ト 1 2 日間/カカン"),
        ("十二日と二日", "十/ジュウ 二/ニ 日/ニチ と/ト 二/フツ 日/カ"),
    ],
)
def test_readings_put_right(japanese: JapaneseSegmenter, text: str, expected: str) -> None:
    assert words_and_readings(japanese, text) == expected


def test_readings_of_phrases(apart: JapaneseSegmenter) -> None:
    """Everyday words, written for this test, whose reading depends on their neighbours or that dictionaries miss."""
    lines = Path(__file__).with_name("japanese_readings.tsv").read_text(encoding="utf-8").splitlines()
    phrases = [line.split("\t") for line in lines]
    assert len(phrases) > 900
    found = [
        "".join(reading or surface for reading, surface in zip(words.readings or [], words.surfaces, strict=True))
        for words in apart.segment([phrase for phrase, _ in phrases])
    ]
    wrong = {phrase: (have, want) for (phrase, want), have in zip(phrases, found, strict=True) if have != want}
    assert wrong == {}


def test_a_number_of_very_many_digits_is_read(japanese: JapaneseSegmenter) -> None:
    words = japanese.segment(["1" * 5000 + "日"])[0]
    assert (words.surfaces[-1], words.readings is not None and words.readings[-1]) == ("日", "ニチ")


def test_old_spellings_read_as_they_are_written(japanese: JapaneseSegmenter) -> None:
    assert romaji_of(japanese, "てふてふ").replace(" ", "") == "tefutefu"


def test_ruby_wins_over_the_dictionary(japanese: JapaneseSegmenter) -> None:
    text = "大和撫子は流して行く"
    ruby = (Reading(0, 4, "やまとなでしこ"), Reading(5, 6, "なが"))
    words = japanese.segment([text, text], [ruby, ()])
    assert words[0].surfaces == ["大和撫子", "は", "流して", "行く"]
    assert words[0].readings == ["ヤマトナデシコ", "ハ", "ナガシテ", "イク"]
    assert words[1].surfaces[0] != "大和撫子"


def test_words_once_seen_read_as_they_did_first(shared_data: Path) -> None:
    """Every word is looked up once and then known by what the search compares: all must come out the same."""
    lines = (shared_data / "langid" / "ja.txt").read_text(encoding="utf-8").splitlines()
    seasoned = JapaneseSegmenter(SegmentRecipe())
    seasoned.segment(lines[::-1])
    again = seasoned.segment(lines)
    for first, second in zip(JapaneseSegmenter(SegmentRecipe()).segment(["\n".join(lines)]), [again], strict=True):
        assert first.readings == [reading for words in second for reading in words.readings or []]
        assert first.surfaces == [surface for words in second for surface in words.surfaces]
    for line, words in zip(lines[::25], again[::25], strict=True):
        fresh = JapaneseSegmenter(SegmentRecipe()).segment([line])[0]
        assert (fresh.surfaces, fresh.readings) == (words.surfaces, words.readings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("學校で經濟學を", "學校/ガッコウ で/デ 經濟/ケイザイ 學/ガク を/ヲ"),
        ("圓丈と\n龍馬", "圓丈/エンジョウ と/ト 龍馬/リョウマ"),
        ("ﾊﾟﾝとｶﾀｶﾅ", "ﾊﾟﾝ/パン と/ト ｶﾀｶﾅ/カタカナ"),
        ("ボギン・ドーの", "ボギン・ドー/ボギンドー の/ノ"),
    ],
)
def test_old_and_narrow_forms_are_read_and_stay_as_written(apart: JapaneseSegmenter, text: str, expected: str) -> None:
    assert words_and_readings(apart, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10巻と靴100足", "10 巻/カン と/ト 靴/クツ 100 足/ソク"),
        ("32万石と一ヶ", "32 万/マン 石/ゴク と/ト 一/イッ ヶ/コ"),
        ("何位と七人", "何/ナン 位/イ と/ト 七/シチ 人/ニン"),
        ("1人前と1人", "1 人/ニン 前/マエ と/ト 1人/ヒトリ"),
        ("二切れと一工夫", "二/フタ 切れ/キレ と/ト 一/ヒト 工夫/クフウ"),
    ],
)
def test_counters(apart: JapaneseSegmenter, text: str, expected: str) -> None:
    assert words_and_readings(apart, text) == expected


def test_a_very_long_line_without_an_end_is_cut_whole(japanese: JapaneseSegmenter) -> None:
    text = "東京都" * 3_000
    words = japanese.segment([text])[0]
    assert int(words.lengths.sum()) == len(text)


def gold_sentences(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Words and their kana spelling, from the lexeme's reading and the pronunciation that UnidicInfo gives."""
    sentence: list[tuple[str, str]] = []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            columns = line.rstrip("\n").split("\t")
            if len(columns) == 10:
                found = re.search("UnidicInfo=([^|]*)", columns[9])
                assert found
                fields = found.group(1).split(",")
                sentence.append((columns[1], gold_kana(columns[1], fields[0], fields[4])))
            elif sentence and not line.strip():
                yield sentence
                sentence = []


def gold_kana(surface: str, lexeme: str, pronounced: str) -> str:
    if is_kana(surface):
        return katakana(surface)
    if not takes_reading(surface):
        return ""
    if lexeme == "ニッポン":
        return "ニホン"  # the treebank gives every 日本 the dictionary's first reading
    if surface.startswith("言") and lexeme == "イウ":
        return "イ" + katakana(surface[1:])
    inflection = re.search("[ぁ-んァ-ヶー]*$", surface)
    ending = katakana(inflection.group()) if inflection else ""
    if not ending or not sounds_like(ending, pronounced[-len(ending) :]) or len(pronounced) <= len(ending):
        ending = ""
    stem = pronounced[: len(pronounced) - len(ending)]
    if sounds_like(lexeme[: len(stem)], stem):
        return lexeme[: len(stem)] + ending
    return re.sub("(?<=[エケセテネヘメレゲゼデベペ])ー", "イ", stem).replace("ー", "ウ") + ending


def sounds_like(kana: str, pronounced: str) -> bool:
    same = {("ヂ", "ジ"), ("ヅ", "ズ"), ("ヲ", "オ"), ("ハ", "ワ"), ("ヘ", "エ")}
    return len(kana) == len(pronounced) and all(
        k == p or (p == "ー" and k in "アイウエオ") or (k, p) in same for k, p in zip(kana, pronounced, strict=True)
    )


def test_readings_of_gold_sentences(apart: JapaneseSegmenter, shared_data: Path) -> None:
    gold = list(gold_sentences(shared_data / "segmentation" / "ja_gsd-ud-dev.conllu.xz"))
    assert len(gold) > 500
    found = apart.segment(["".join(word for word, _ in sentence) for sentence in gold])
    right = sum(
        "".join(kana for _, kana in sentence) == "".join(words.readings or [])
        for sentence, words in zip(gold, found, strict=True)
    )
    assert right / len(gold) >= 0.88


def test_words_of_gold_sentences(apart: JapaneseSegmenter, shared_data: Path) -> None:
    gold = read_segmented(shared_data / "segmentation" / "ja_gsd-ud-dev.conllu.xz")
    found = [words.surfaces for words in apart.segment(["".join(sentence) for sentence in gold])]
    assert score(gold, found, frozenset()).f >= 0.98
