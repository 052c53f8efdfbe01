from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.annotate.japanese.phrase_readings import Phrase, divided, nearest
from hanmill.pipelines.annotate.japanese.reading_corrections import CorrectionsError, read_corrections
from hanmill.pipelines.annotate.japanese.reading_features import TEMPLATES, key_and_ending
from hanmill.pipelines.annotate.japanese.reading_model import (
    ReadingModel,
    ReadingModelError,
    WordWeights,
    read_model,
    read_phrases,
    write_model,
    write_phrases,
)
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.schemas.recipe import SegmentRecipe

_BEFORE, _BOTH, _ENDING = TEMPLATES.index("before"), TEMPLATES.index("both"), TEMPLATES.index("ending")
_MODEL = ReadingModel(
    {
        "表": WordWeights(("ヒョウ", "オモテ"), {(_BEFORE, "裏と"): (0, 5), (_BOTH, ("に", "へ")): (-3, 3)}),
        "被~": WordWeights(("カブ", "コウム"), {(_ENDING, "ル"): (1, 2)}),
    },
    {"files": {}},
)
_NONE = ReadingModel({}, {})


def read(segmenter: JapaneseSegmenter, text: str) -> str:
    words = segmenter.segment([text])[0]
    return " ".join(reading or surface for reading, surface in zip(words.readings or [], words.surfaces, strict=True))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("畳の表を替える", "タタミノオモテ"),
        ("辛い料理が好きだ", "カライリョウリ"),
        ("別れは辛い", "ツライ"),
        ("被害を被る", "ヒガイヲコウムル"),
        ("帽子を被った", "カブッタ"),
        ("大人気ない態度", "オトナゲナイ"),
        ("羽田に着いた", "ハネダ"),
        ("話し上手の人", "ハナシジョウズ"),
        ("知識を得る", "エル"),
        ("あり得ることだ", "アリウル"),
        ("浅草寺に行く", "センソウジ"),
        ("群を抜いて強い", "グンヲ"),
        ("両唇を使う音", "リョウシンヲ"),
        ("性に合わない仕事", "ショウニアワナイ"),
        ("この期に及んで", "コノゴニオヨンデ"),
        ("店員の方に聞く", "カタニ"),
        ("実験を行なった", "オコナッタ"),
        ("JR西日本の駅", "ニシニホン"),
        ("肉より魚の方が好き", "ホウガ"),
    ],
)
def test_readings_that_neighbours_decide(japanese: JapaneseSegmenter, text: str, holds: str) -> None:
    assert holds in read(japanese, text).replace(" ", "")


def heteronyms() -> list[tuple[str, str]]:
    lines = Path(__file__).with_name("japanese_heteronyms.tsv").read_text(encoding="utf-8").splitlines()
    return [(text, want) for text, _, want in (line.partition("\t") for line in lines if not line.startswith("#"))]


@pytest.mark.parametrize(("half", "least"), [(0, 0.94), (1, 0.9)])
def test_heteronyms(japanese: JapaneseSegmenter, half: int, least: float) -> None:
    """The first half was looked at while the model was made, the second was not."""
    sentences = heteronyms()[half::2]
    right = sum(want in read(japanese, text).replace(" ", "") for text, want in sentences)
    assert len(sentences) > 120
    assert right / len(sentences) >= least


def test_words_that_reports_name(japanese: JapaneseSegmenter) -> None:
    """Kinds of words that bug reports of other programs show read wrong."""
    lines = Path(__file__).with_name("japanese_reports.tsv").read_text(encoding="utf-8").splitlines()
    reports = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len(reports) > 120
    wrong = {text: read(japanese, text) for text, want in reports if want not in read(japanese, text).replace(" ", "")}
    assert wrong == {}


def test_a_model_of_two_words() -> None:
    segmenter = JapaneseSegmenter(SegmentRecipe(glue=False), _MODEL, {})
    assert read(segmenter, "水を被る") == "ミズ ヲ コウムル"
    assert read(segmenter, "水を被った") == "ミズ ヲ カブッ タ"
    assert read(JapaneseSegmenter(SegmentRecipe(glue=False), _NONE, {}), "水を被る") == "ミズ ヲ カブル"


def test_phrases_begin_and_end_with_words() -> None:
    phrases = {
        "浅草寺": Phrase("センソウジ", 2, 1),
        "浅草寺通り": Phrase("センソウジドオリ", 2, 1),
        "性に合~": Phrase("ショウニア", 1, 1),
        "赤十字": Phrase("セキジュウジ", 1, 1),
    }
    segmenter = JapaneseSegmenter(SegmentRecipe(glue=False), _NONE, phrases)
    assert read(segmenter, "浅草寺に") == "センソウ ジ ニ"
    assert read(segmenter, "浅草寺通りに") == "センソウ ジ ドオリ ニ"
    assert read(segmenter, "性に合って") == "ショウ ニ アッ テ"
    assert read(segmenter, "浅草\n寺に").startswith("アサクサ テラ")


def test_a_phrase_that_was_divided_reads_as_it_was() -> None:
    phrases = {"紅白歌合戦": Phrase("コウハク/ウタ/ガッセン", 2, 1), "快方に向~": Phrase("カイホウ/ニ/ムカ", 2, 1)}
    segmenter = JapaneseSegmenter(SegmentRecipe(glue=False), _NONE, phrases)
    assert read(segmenter, "紅白歌合戦に") == "コウハク ウタ ガッセン ニ"
    assert read(segmenter, "快方に向う") == "カイホウ ニ ムカウ"
    assert read(segmenter, "快方に向かった") == "カイホウ ニ ムカッ タ"


def test_no_part_begins_inside_a_syllable() -> None:
    assert nearest(("八", "正道"), (("ハチ",), ("セイドウ",)), "ハッショウドウ") == ("ハッ", "ショウドウ")
    assert nearest(("雇用", "主"), (("コヨウ",), ("シュ", "ヌシ")), "コヨウヌシ") == ("コヨウ", "ヌシ")


def test_old_kana_take_the_reading_of_their_words() -> None:
    assert divided(("大人", "気", "ない"), ("ダイニン", "キ", "ナイ"), "オトナゲナイ") == ("オトナ", "ゲ", "ナイ")
    assert divided(("大", "太鼓"), ("ダイ", "タイコ"), "オオダイコ") == ("オオ", "ダイコ")
    assert divided(("三", "人"), ("サン", "ニン"), "サ") is None


def test_keys() -> None:
    assert [key_and_ending(word) for word in ("行われ", "お金", "ける", "")] == [
        ("行~", "ワレ"),
        ("お金", ""),
        ("", ""),
        ("", ""),
    ]


def test_files_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "model.parquet"
    write_model(path, _MODEL)
    assert read_model(path) == _MODEL
    first = path.read_bytes()
    write_model(path, _MODEL)
    assert path.read_bytes() == first
    phrases = {"性に合~": Phrase("ショウニア", 1, 1), "亜": Phrase("ア", 1, 0)}
    write_phrases(tmp_path / "phrases.parquet", phrases, {})
    assert read_phrases(tmp_path / "phrases.parquet").phrases() == phrases


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.parquet"
    path.write_bytes(b"no Parquet")
    with pytest.raises(ReadingModelError, match="not a readable file of Japanese readings"):
        read_model(path)
    write_phrases(path, {}, {})
    with pytest.raises(ReadingModelError, match="found columns"):
        read_model(path)
    pq.write_table(pa.table({"phrase": ["a"], "reading": ["ア"]}), path)
    with pytest.raises(ReadingModelError, match="found columns"):
        read_phrases(path)
    broken = ReadingModel({"表": WordWeights(("ヒョウ",), {(len(TEMPLATES), "x"): (1,)})}, {})
    write_model(path, broken)
    with pytest.raises(ReadingModelError, match=f"template {len(TEMPLATES)}"):
        read_model(path)


def test_corrections_say_where_a_line_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "corrections.tsv"
    path.write_text("# comment\n私\tワタクシ\n", encoding="utf-8")
    with pytest.raises(CorrectionsError, match="line 2"):
        read_corrections(path)
