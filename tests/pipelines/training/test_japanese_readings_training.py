from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.pipelines.annotate.japanese.phrase_readings import Phrase
from hanmill.pipelines.annotate.japanese.reading_model import ReadingModel, read_model
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.commands.main import main
from hanmill.pipelines.training.japanese_dictionaries import DictionaryFileError, read_jmdict, read_kanji
from hanmill.pipelines.training.japanese_marked_text import (
    JapaneseTextError,
    ReadSpan,
    ReadText,
    read_annotated,
    read_contexts,
)
from hanmill.pipelines.training.japanese_occurrences import occurrences
from hanmill.pipelines.training.japanese_phrases import (
    Dictionary,
    dictionary_phrases,
    harmful_surfaces,
    without,
)
from hanmill.pipelines.training.japanese_reading_files import with_more_phrases
from hanmill.schemas.recipe import SegmentRecipe

ANNOTATED = """# 1
表\tひょう\t表
を\tを\tを
見る\tみる\t見る
2012\tにせんじゅうに\t2012
年\tねん\t年

# 2
青緑\tあおみどり/せいりょく\t青緑
色\tいろ\t色
"""


@pytest.fixture
def bare() -> JapaneseSegmenter:
    return JapaneseSegmenter(SegmentRecipe(glue=False), ReadingModel({}, {}), {})


def test_annotated_text(tmp_path: Path) -> None:
    path = tmp_path / "text.tsv"
    path.write_text(ANNOTATED, encoding="utf-8")
    first, second = read_annotated(path)
    assert first.text == "表を見る2012年"
    assert first.spans[0] == ReadSpan(0, 1, ("ヒョウ",))
    assert [span.start for span in first.spans] == [0, 1, 2, 4, 8]
    assert second.spans[0].readings == ("アオミドリ", "セイリョク")


@pytest.mark.parametrize("line", ["表\tひょう", "表\tヒョウ\tを見る", "表\tヒョウ\t_と_"])
def test_lines_that_are_no_contexts_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "contexts.tsv"
    path.write_text(f"# words\n{line}\n", encoding="utf-8")
    with pytest.raises(JapaneseTextError, match="line 2"):
        read_contexts(path)


def test_words_take_the_readings_of_spans(tmp_path: Path, bare: JapaneseSegmenter) -> None:
    path = tmp_path / "contexts.tsv"
    path.write_text("表\tオモテ\t畳の_を；裏と_\n被っ\tコウムッ\t害を_た\n", encoding="utf-8")
    found = list(occurrences(bare, read_contexts(path), 2.0))
    assert [(one.key, one.reading, one.dictionary, one.weight) for one in found] == [
        ("表", "オモテ", "ヒョウ", 2.0),
        ("表", "オモテ", "ヒョウ", 2.0),
        ("被~", "コウム", "カブ", 2.0),
    ]


def test_the_command_learns_from_contexts(tmp_path: Path) -> None:
    annotated, contexts, model = (tmp_path / name for name in ("text.tsv", "contexts.tsv", "model.parquet"))
    annotated.write_text(ANNOTATED * 4, encoding="utf-8")
    contexts.write_text(
        "表\tオモテ\t畳の_を；裏と_；家の_で；_に出る\n表\tヒョウ\t下の_を；_に示す；次の_で；_を作る\n",
        encoding="utf-8",
    )
    arguments = [
        "readings",
        "train",
        "--lang",
        "ja",
        str(annotated),
        "--contexts",
        str(contexts),
        "--output",
        str(model),
    ]
    done = CliRunner().invoke(main, [*arguments, "--folds", "2"])
    assert done.exit_code == 0, done.output
    assert "words with several readings" in done.output
    assert read_model(model).words["表"].readings == ("ヒョウ", "オモテ")
    first = model.read_bytes()
    assert CliRunner().invoke(main, [*arguments, "--folds", "2"]).exit_code == 0
    assert model.read_bytes() == first
    segmenter = JapaneseSegmenter(SegmentRecipe(glue=False), read_model(model), {})
    readings = [words.readings or [] for words in segmenter.segment(["畳の表を拭く", "次の表に示す"])]
    assert (readings[0][2], readings[1][2]) == ("オモテ", "ヒョウ")


@pytest.fixture
def jmdict(tmp_path: Path) -> Path:
    """A file like jamdict-data's, of three headwords and two characters."""
    path = tmp_path / "jamdict.db"
    columns = {
        "Kanji": "ID, idseq, text", "Kana": "ID, idseq, text, nokanji", "Sense": "ID, idseq",
        "misc": "sid, text", "pos": "sid, text", "KNR": "kid, text",
        "KJI": "kid", "KNI": "kid", "KJP": "kid", "KNP": "kid",
        "character": "ID, literal", "rm_group": "ID, cid", "reading": "gid, r_type, value", "nanori": "cid, value",
    }  # fmt: skip
    rows: dict[str, list[tuple[object, ...]]] = {
        "Kanji": [(1, 1, "紅白歌合戦"), (2, 2, "外出し"), (3, 3, "第一人者")],
        "Kana": [(1, 1, "こうはくうたがっせん", 0), (2, 2, "そとだし", 0), (3, 3, "だいいちにんしゃ", 0)],
        "Sense": [(1, 1)], "misc": [], "pos": [], "KNR": [], "KJI": [], "KNI": [], "KJP": [], "KNP": [],
        "character": [(1, "歌"), (2, "者")], "rm_group": [(1, 1), (2, 2)],
        "reading": [(1, "ja_on", "カ"), (1, "ja_kun", "うた"), (2, "ja_on", "シャ"), (2, "korean_r", "ja")],
        "nanori": [(2, "ひと")],
    }  # fmt: skip
    with closing(sqlite3.connect(path)) as database:
        for table, names in columns.items():
            database.execute(f"CREATE TABLE {table} ({names})")
            for row in rows[table]:
                database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        database.commit()
    return path


def test_phrases_of_dictionaries(jmdict: Path, bare: JapaneseSegmenter) -> None:
    assert read_kanji(jmdict) == {"歌": ("ウタ", "カ"), "者": ("シャ", "ヒト")}
    phrases = dictionary_phrases(bare, Dictionary(read_jmdict(jmdict), read_kanji(jmdict)))
    assert "外出し" not in phrases, "a verb's noun and し, as 抽出し is"
    assert all(part for phrase in phrases.values() for part in phrase.reading.split("/"))


def test_headwords_that_other_phrases_spoil_become_phrases(jmdict: Path) -> None:
    phrases = with_more_phrases({"一人者": Phrase("ヒトリ/モノ", 1, 1)}, ReadingModel({}, {}), jmdict)
    segmenter = JapaneseSegmenter(SegmentRecipe(glue=False), ReadingModel({}, {}), phrases)
    assert "".join(segmenter.segment(["第一人者の"])[0].readings or []) == "ダイイチニンシャノ"


def test_names_that_are_other_words_more_often_are_left_out(bare: JapaneseSegmenter) -> None:
    phrases = {"外出し": Phrase("ソト/ダシ", 2, 1)}
    text = ReadText("彼は外出し", (ReadSpan(2, 5, ("ガイシュツシ",)),))
    assert without(phrases, harmful_surfaces(bare, phrases, [text])) == {}


def test_other_files_are_no_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.write_text("no database", encoding="utf-8")
    for read in (read_jmdict, read_kanji):
        with pytest.raises(DictionaryFileError, match="jamdict-data"):
            read(path)


def test_the_command_says_what_it_expects(tmp_path: Path) -> None:
    text = tmp_path / "text.tsv"
    text.write_text("表\n", encoding="utf-8")
    arguments = ["readings", "train", str(text), "--output", str(tmp_path / "out")]
    one = CliRunner().invoke(main, arguments)
    assert "expected SENT and LB" in one.output
    other = CliRunner().invoke(main, [*arguments, "--lang", "ja"])
    assert "line 1" in other.output
