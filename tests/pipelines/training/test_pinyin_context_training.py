from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.pipelines.annotate.pinyin.context import ContextPinyin
from hanmill.pipelines.annotate.pinyin.context_model import ContextModel, write_model
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import TextReader
from hanmill.pipelines.commands.main import main
from hanmill.pipelines.training.marked_polyphones import MarkedSentence, MarkedTextError, read_marked
from hanmill.pipelines.training.pinyin_context_training import cross_validate, right, train

#: 好 and 著 by their neighbours, against what pypinyin gives.
TEXTS = [
    ("他▁好▁读书", "hao4"), ("我▁好▁学问", "hao4"), ("妹妹▁好▁读小说", "hao4"),
    ("今天▁好▁天气", "hao3"), ("明天▁好▁天色", "hao3"), ("昨天▁好▁天气", "hao3"),
    ("看▁著▁電視", "zhe5"), ("聽▁著▁音樂", "zhe5"), ("笑▁著▁說", "zhe5"),
    ("名▁著▁三本", "zhu4"), ("巨▁著▁一部", "zhu4"),
]  # fmt: skip


def files(folder: Path, pairs: list[tuple[str, str]]) -> tuple[Path, Path]:
    sent, lb = folder / "a.sent", folder / "a.lb"
    sent.write_text("".join(f"{text}\n" for text, _ in pairs), encoding="utf-8")
    lb.write_text("".join(f"{label}\n" for _, label in pairs), encoding="utf-8")
    return sent, lb


def test_marks_are_taken_out(tmp_path: Path) -> None:
    found = read_marked(*files(tmp_path, [("▁绿▁色", "lu:4"), ("銀 ▁行▁", "hang2"), ("𠮷▁女▁", "nü3")]))
    assert found == [
        MarkedSentence("绿色", 0, "lv4"), MarkedSentence("銀 行", 2, "hang2"), MarkedSentence("𠮷女", 1, "nv3"),
    ]  # fmt: skip
    assert [sentence.character for sentence in found] == ["绿", "行", "女"]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("银行", "hang2")], "line 1: found '银行', expected one character between two ▁"),
        ([("▁银行▁", "hang2")], "a.sent, line 1"),
        ([("▁银▁▁行▁", "hang2")], "a.sent, line 1"),
        ([("▁ ▁", "hang2")], "a.sent, line 1"),
        ([("▁行▁", "hang2"), ("▁行▁", "hang")], "a.lb, line 2: found 'hang', expected pinyin"),
        ([("▁行▁", "háng")], "a.lb, line 1"),
        ([], "0 lines"),
    ],
)
def test_lines_of_another_format_are_refused(tmp_path: Path, pairs: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(MarkedTextError, match=message):
        read_marked(*files(tmp_path, pairs))


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    sent, lb = files(tmp_path, TEXTS)
    lb.write_text("hao3\n", encoding="utf-8")
    with pytest.raises(MarkedTextError, match=r"11 lines; .*: 1;"):
        read_marked(sent, lb)
    lb.write_bytes(b"\xff\xfe\n")
    with pytest.raises(MarkedTextError, match="UTF-8"):
        read_marked(sent, lb)


def test_a_model_learns_its_sentences_and_what_resembles_them(
    tmp_path: Path, pinyin: PinyinAnnotator, reader: TextReader
) -> None:
    sentences = read_marked(*files(tmp_path, TEXTS))
    annotator = ContextPinyin(train(sentences, reader, {}), reader)
    assert right(annotator, sentences).all()
    assert not right(pinyin, sentences).all()
    unseen = read_marked(*files(tmp_path, [("弟弟▁好▁读报", "hao4"), ("后天▁好▁天气", "hao3"), ("唱▁著▁歌", "zhe5")]))
    assert right(annotator, unseen).all()


def test_others_are_learnt_beside_sentences(reader: TextReader) -> None:
    """Sentences that know 长 as chang2 alone; words that know it as zhang3 alone."""
    sentences = [MarkedSentence(f"{one}很长{two}", 2, "chang2") for one in "河路头发线" for two in "，。的吗"]
    around = (("，", "。"), ("的", "说"), ("新", "们"), ("老", "是"))
    words = [MarkedSentence(f"{one}{word}长{two}", 2, "zhang3") for word in "团船店院科队" for one, two in around]
    both = train(sentences, reader, {}, words)
    assert read_at(both, reader, "他是团长吗", 3) == "zhang3"
    assert read_at(both, reader, "这条船很长，", 4) == "chang2"


def read_at(model: ContextModel, reader: TextReader, text: str, place: int) -> str:
    return reader.dictionary.syllables[ContextPinyin(model, reader).annotate([text])[place]]


def test_training_twice_gives_the_same_bytes(tmp_path: Path, reader: TextReader) -> None:
    sentences = read_marked(*files(tmp_path, TEXTS))
    for name, given in (("a", sentences), ("b", sentences)):
        write_model(tmp_path / name, train(given, reader, {"sentences": len(given)}))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_characters_with_one_reading_need_no_weights(reader: TextReader) -> None:
    model = train([MarkedSentence("我的书", 1, "de5")], reader, {})
    assert (dict(model.readings), len(model.slots)) == ({"的": ("de5",)}, 0)


def test_readings_that_no_corpus_can_hold_are_passed_over(pinyin: PinyinAnnotator, reader: TextReader) -> None:
    unknown = MarkedSentence("花儿", 1, "r5")
    known = MarkedSentence("儿子", 0, "er2")
    assert dict(train([unknown, known], reader, {}).readings) == {"儿": ("er2",)}
    assert right(pinyin, [unknown, known]).tolist() == [False, True]
    with pytest.raises(MarkedTextError, match="none with a reading"):
        train([unknown], reader, {})


def test_cross_validation_counts_every_sentence(tmp_path: Path, pinyin: PinyinAnnotator, reader: TextReader) -> None:
    sentences = read_marked(*files(tmp_path, TEXTS))
    found = cross_validate(sentences, reader, len(sentences))
    assert found.sentences == len(sentences)
    assert found.pypinyin == right(pinyin, sentences).sum()
    assert found.context > max(found.commonest, found.pypinyin)
    for folds in (1, len(sentences) + 1):
        with pytest.raises(ValueError, match=f"folds: {folds}"):
            cross_validate(sentences, reader, folds)


def test_a_character_of_no_other_fold_is_read_by_pypinyin(reader: TextReader) -> None:
    sentences = [MarkedSentence("银行", 1, "hang2"), MarkedSentence("我的", 1, "de5")]
    found = cross_validate(sentences, reader, 2)
    assert (found.commonest, found.context) == (2, 2)


def test_accuracy_on_held_out_polyphones(reader: TextReader, shared_data: Path) -> None:
    folder = shared_data / "pinyin"
    found = cross_validate(read_marked(folder / "cpp-dev.sent", folder / "cpp-dev.lb"), reader, 5)
    assert found.sentences == 9_893
    assert found.pypinyin / found.sentences == pytest.approx(0.8753, abs=0.002)
    assert found.commonest / found.sentences == pytest.approx(0.9145, abs=0.005)
    assert found.context / found.sentences > 0.96


def test_commands(tmp_path: Path) -> None:
    sent, lb = map(str, files(tmp_path, TEXTS))
    model = str(tmp_path / "own.parquet")
    trained = CliRunner().invoke(main, ["readings", "train", sent, lb, "--output", model, "--folds", "11"])
    assert trained.exit_code == 0, trained.output
    assert "3 characters" in trained.output  # 好, and 著 read as 着 and as itself
    beside = CliRunner().invoke(
        main, ["readings", "train", sent, lb, "--words", sent, lb, "--output", model, "--folds", "2"]
    )
    assert beside.exit_code == 0, beside.output
    scored = CliRunner().invoke(main, ["readings", "score", sent, lb, "--model", model])
    assert scored.exit_code == 0, scored.output
    assert "context            1.0000" in scored.output
    assert "the model was trained on these sentences" in scored.output
    assert "context" in CliRunner().invoke(main, ["readings", "score", sent, lb]).output


def test_commands_say_what_is_wrong(tmp_path: Path) -> None:
    sent, lb = map(str, files(tmp_path, [("银行", "hang2")]))
    model = str(tmp_path / "own.parquet")
    result = CliRunner().invoke(main, ["readings", "train", sent, lb, "--output", model])
    assert result.exit_code == 1
    assert "a.sent, line 1" in result.output
    sent, lb = map(str, files(tmp_path, TEXTS))
    result = CliRunner().invoke(main, ["readings", "score", sent, lb, "--model", sent])
    assert result.exit_code == 1
    assert "not a readable context model" in result.output
