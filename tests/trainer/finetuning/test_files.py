"""Files of tasks in the forms that published sets have; malformed lines are named."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning.files.labelled_texts import Fields, read_labelled
from hanmill.trainer.finetuning.files.questions import read_questions
from hanmill.trainer.finetuning.files.segmented import labelled, read_segmented, words_of
from hanmill.trainer.finetuning.files.tagged import Columns, read_tagged
from hanmill.trainer.finetuning.files.task_file import TaskFileError
from hanmill.trainer.finetuning.files.units import as_characters
from hanmill.trainer.finetuning.tasks.registry import find_task


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


class TestTagged:
    @pytest.mark.parametrize(
        ("name", "text", "words", "labels"),
        [
            ("conll", "-DOCSTART- -X- O O\r\n\r\nEU NNP I-NP B-ORG\r\nis VBZ I-VP O\r\n", ["EU", "is"], ["B-ORG", "O"]),
            ("tabs", "\ufeff北\tB-LOC\n京\tI-LOC\n\n", ["北", "京"], ["B-LOC", "I-LOC"]),
            ("wikiann", "ja:東京\tB-LOC\nja:は\tO\n", ["東京", "は"], ["B-LOC", "O"]),
            ("iob2", "# text = 我在\n1\t我\tO\t-\t-\n2\t在\tB-LOC\t-\tx\n", ["我", "在"], ["O", "B-LOC"]),
            ("germeval", "#\thttp://x\t[2010]\n1\tJesu\tB-PER\tO\n2\t.\tO\tB-LOC\n", ["Jesu", "."], ["B-PER", "O"]),
            ("bmes", "中 B-ORG\n国 M-ORG\n行 E-ORG\n好 O\n", list("中国行好"), ["B-ORG", "M-ORG", "E-ORG", "O"]),
            ("hash", "#\tO\n京\tB-LOC\n", ["#", "京"], ["O", "B-LOC"]),
        ],
    )  # fmt: skip
    def test_columns(self, tmp_path: Path, name: str, text: str, words: list, labels: list) -> None:
        (found,) = read_tagged(write(tmp_path / name, text), "entities")
        assert found.units == words
        assert list(found.labels) == labels

    def test_parts_of_speech(self, tmp_path: Path) -> None:
        row = "\t".join(["{}", "{}", "_", "{}", "x", "_", "0", "root", "_", "_"])
        text = "\n".join(
            [row.format("1-2", "vom", "ADP"), row.format(1, "von", "ADP"), row.format(2, "dem", "DET"), ""]
        )
        (found,) = read_tagged(write(tmp_path / "a.conllu", text), "pos")
        assert (found.units, list(found.labels), found.text) == (["von", "dem"], ["ADP", "DET"], "von dem")

    @pytest.mark.parametrize(
        "item",
        [
            {"text": "在东京大学", "entities": [{"name": "东京大学", "span": [1, 5], "type": "ORG"}]},
            {"text": "在东京大学", "label": {"ORG": {"东京大学": [[1, 4]]}}},
            {"text": "在东京大学", "entities": [{"start_offset": 1, "end_offset": 5, "label": "ORG"}]},
            {"text": "在东京大学", "label": [[1, 5, "ORG"], [1, 3, "LOC"]]},
            {"tokens": list("在东京大学"), "ner_tags": ["O", "B-ORG", "I-ORG", "I-ORG", "I-ORG"]},
        ],
    )
    def test_json(self, tmp_path: Path, item: dict) -> None:
        line = json.dumps(item, ensure_ascii=False)
        for name, text in (("a.jsonl", line + "\n"), ("b.json", f"[\n{line}]"), ("c.json", f'{{"data": [{line}]}}')):
            (found,) = read_tagged(write(tmp_path / name, text), "entities")
            assert found.text == "在东京大学"
            assert list(found.labels) == ["O", "B-ORG", "I-ORG", "I-ORG", "I-ORG"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("北 B-LOC\n京\n", "line 2: columns found: 1, expected 2"),
            ("北\tB-LOC\n\tO\n", "line 2: word found: ''"),
            ("", "lines of words found: 0"),
            ("北\n京\n", "columns found: 1, expected at least 2"),
            ('{"text": "京", "entities": [{"span": [0, 9], "type": "LOC"}]}\n', "line 1: span found: 0 to 9"),
            ('{"text": "京", "entities": []}\n{"text": \n', "line 2: found no JSON"),
            ('{"tokens": ["京"], "ner_tags": []}\n', "line 1: labels found: 0, expected 1"),
        ],
    )
    def test_malformed(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(TaskFileError, match="file") as refused:
            read_tagged(write(tmp_path / "file", text), "entities")
        assert message in str(refused.value)

    def test_not_utf8(self, tmp_path: Path) -> None:
        with pytest.raises(TaskFileError, match="line 2: found byte 0xb1, expected UTF-8"):
            read_tagged(
                write(tmp_path / "file", "a O\n北 O\n".encode("gb18030").decode("latin-1"), "latin-1"), "entities"
            )
        with pytest.raises(TaskFileError, match="cannot be read"):
            read_tagged(tmp_path / "none", "entities")

    def test_characters_of_words(self, tmp_path: Path) -> None:
        text = "在 O\n东京 B-ORG\n大学 I-ORG\n大阪 I-LOC\n天 S-PER\n"
        (found,) = read_tagged(write(tmp_path / "a", text), "entities", Columns(0, 1))
        assert list(as_characters(found).labels) == [
            "O", "B-ORG", "I-ORG", "I-ORG", "I-ORG", "B-LOC", "I-LOC", "B-PER",
        ]  # fmt: skip

    def test_types_of_several_sets(self, tmp_path: Path) -> None:
        item = {"text": "東京とトヨタと春", "entities": [
            {"span": [0, 2], "type": "地名"}, {"span": [3, 6], "type": "法人名"},
            {"span": [7, 8], "type": "イベント名"},
        ]}  # fmt: skip
        path = write(tmp_path / "a.json", json.dumps([item]))
        (found,) = find_task("entities").read(path, FormConfig(entity_types="three"))
        assert list(found.labels) == ["B-LOC", "I-LOC", "O", "B-ORG", "I-ORG", "I-ORG", "O", "O"]


class TestSegmented:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("sighan", "今天  天气  很  好\r\n"),
            ("bom", "\ufeff今天 天气　很 好\n\n"),
            ("conllu", "# text = 今天天气很好\n1\t今天\t_\tNOUN\n2\t天气\t_\tNOUN\n3\t很\t_\tADV\n4\t好\t_\tADJ\n"),
            ("tags", "今 B\n天 E\n天 B\n气 E\n很 S\n好 S\n"),
            ("words", "今天\tO\n天气\tO\n很\tO\n好\tO\n"),
        ],
    )
    def test_forms(self, tmp_path: Path, name: str, text: str) -> None:
        (found,) = read_segmented(write(tmp_path / name, text))
        assert words_of(found, found.labels) == ["今天", "天气", "很", "好"]
        assert "".join(found.labels) == "BEBESS"

    def test_packed(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt.xz").write_bytes(lzma.compress("今天 好\n".encode()))
        assert len(read_segmented(tmp_path / "a.txt.xz")) == 1

    def test_a_corpus(self, corpus_folder: Path, texts: list) -> None:
        found = read_segmented(corpus_folder, language="ja")
        wanted = [list(sentence) for text in texts if text.lang == "ja" for sentence in text.sentences]
        assert sorted(words_of(example, example.labels) for example in found) == sorted(wanted)

    def test_no_corpus(self, tmp_path: Path) -> None:
        with pytest.raises(TaskFileError, match=r"without manifest\.json"):
            read_segmented(tmp_path)

    def test_contradictory_boundaries_still_make_words(self) -> None:
        example = labelled(["今天", "天气很", "好"])
        assert words_of(example, list("MEMBSM")) == ["今天", "天", "气", "很", "好"]


class TestTexts:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("xnli.tsv", "premise\thypo\tlabel\n今天好\t天气好\tentailment\n"),
            ("paws.tsv", "id\tsentence1\tsentence2\tlabel\n7\t今天好\t天气好\tentailment\n"),
            ("snli.jsonl", '{"gold_label": "entailment", "sentence1": "今天好", "sentence2": "天气好"}\n'),
            ("jnli.json", '{"sentence1": "今天好", "sentence2": "天气好", "label": "entailment"}\n'),
            ("list.json", '[{"premise": "今天好", "hypothesis": "天气好", "label": "entailment"}]'),
            ("lcqmc.tsv", "今天好\t天气好\tentailment\n"),
            ("front.txt", "entailment\t今天好吗？\t天气好吗？\nneutral\t明天\t天\nneutral\t昨天\t天气\n"),
            ("afqmc.csv", 'sentence1,sentence2,label\n今天好,"天气好",entailment\n'),
        ],
    )  # fmt: skip
    def test_pairs(self, tmp_path: Path, name: str, text: str) -> None:
        found = read_labelled(write(tmp_path / name, text), pair=True)[0]
        assert (found.first[:2], found.second[:2], found.label) == ("今天", "天气", "entailment")

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("chnsenticorp.tsv", "label\ttext_a\n1\t房间很好\n0\t不好\n"),
            ("marc.json", '{"sentence": "房间很好", "label": "1"}\n'),
            ("tnews.json", '{"label": 1, "label_desc": "news", "sentence": "房间很好", "keywords": ""}\n'),
            ("jcola.json", '{"uid": 1, "source": "Abe", "sentence": "房间很好", "label": 1}\n'),
            ("cnews.txt", "1\t房间很好\n1\t不好啊\n"),
        ],
    )
    def test_single(self, tmp_path: Path, name: str, text: str) -> None:
        found = read_labelled(write(tmp_path / name, text), pair=False)[0]
        assert (found.first, found.second, found.label) == ("房间很好", "", "1")

    def test_pairs_without_agreement_are_left_out(self, tmp_path: Path) -> None:
        text = "gold_label\tsentence1\tsentence2\n-\t甲\t乙\nneutral\t丙\t丁\n"
        assert [example.first for example in read_labelled(write(tmp_path / "a", text), pair=True)] == ["丙"]

    def test_named_columns(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tsv", "甲\t乙\t丙\t1\n")
        found = read_labelled(path, pair=True, fields=Fields("2", "0", "3"))[0]
        assert (found.first, found.second, found.label) == ("丙", "甲", "1")

    @pytest.mark.parametrize(
        ("name", "text", "message"),
        [
            ("a.tsv", "sentence1\tsentence2\tlabel\n甲\t乙\n", "line 2: columns found: 2, expected at least 3"),
            ("a.tsv", "sentence1\tsentence2\tlabel\n甲\t乙\t\n", "line 2: label found: ''"),
            ("a.tsv", "sentence1\tx\tlabel\n甲\t乙\t1\n", "columns found: sentence1, x, label; expected one"),
            ("a.jsonl", '{"sentence1": "甲", "label": 1}\n', "line 1: keys found: sentence1, label; expected one"),
            ("a.tsv", "甲\n", "line 1: columns found: 1, expected at least 3"),
        ],
    )  # fmt: skip
    def test_malformed(self, tmp_path: Path, name: str, text: str, message: str) -> None:
        with pytest.raises(TaskFileError) as refused:
            read_labelled(write(tmp_path / name, text), pair=True)
        assert message in str(refused.value)

    def test_classes_and_numbers(self, tmp_path: Path) -> None:
        task = find_task("pair")
        numbers = [0.0, 3.8, 4.0]
        text = "".join(json.dumps({"sentence1": "甲", "sentence2": "乙", "label": n}) + "\n" for n in numbers)
        examples = task.read(write(tmp_path / "a", text), FormConfig())
        assert task.kind(task.labels(examples, FormConfig())) == "numbers"
        stars = [
            {"sentence1": "甲", "sentence2": "乙", "label": star} for star in (10, 2, 2)
        ]  # fmt: skip
        text = "".join(json.dumps(item) + "\n" for item in stars)
        examples = task.read(write(tmp_path / "b", text), FormConfig())
        assert task.labels(examples, FormConfig()) == ("2", "10")
        assert task.kind(task.labels(examples, FormConfig(labels="numbers"))) == "numbers"


class TestQuestions:
    def item(self, **changes: object) -> dict:
        answer = {"text": "北京", "answer_start": 9}
        return {"id": "1", "question": "哪里？", "answers": [answer], **changes}

    def read(self, tmp_path: Path, *items: dict) -> list:
        paragraph = {"context": "他去了北京，又去了北京。", "qas": list(items)}
        return read_questions(write(tmp_path / "a.json", json.dumps({"data": [{"paragraphs": [paragraph]}]})))

    def test_places(self, tmp_path: Path) -> None:
        right, near, nowhere, none = self.read(
            tmp_path, self.item(), self.item(id="2", answers=[{"text": "北京", "answer_start": 8}]),
            self.item(id="3", answers=[{"text": "上海", "answer_start": 0}]), self.item(id="4", answers=[]),
        )  # fmt: skip
        assert [(one.start, one.end) for one in (right, near, nowhere, none)] == [(9, 11), (9, 11), (-1, -1), (-1, -1)]
        assert none.answers == ()

    def test_malformed(self, tmp_path: Path) -> None:
        with pytest.raises(TaskFileError, match="article 1: question found: id, answers; expected id and question"):
            self.read(tmp_path, {"id": "1", "answers": []})
        with pytest.raises(TaskFileError, match="line 2: found no JSON"):
            read_questions(write(tmp_path / "b", "{\n]"))
        with pytest.raises(TaskFileError, match="expected SQuAD's form"):
            read_questions(write(tmp_path / "c", "{}"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("今 B\n天 E\n很 X\n\n好 S\n", "line 3: found '很 X', expected a character and its boundary"),
        ("今 B\n天\n很 S\n\n好 S\n", "line 2: found '天', expected a character and its boundary"),
        ("今天\t天气\t很\t好\n明天\t下雨\n", r"line 2: found .*, expected 4 columns as on other lines"),
    ],
)
def test_a_line_unlike_the_others_is_not_taken_for_words(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TaskFileError, match=f"words.txt, {said}"):
        read_segmented(path)


def test_words_with_tags_after_a_slash(tmp_path: Path) -> None:
    path = tmp_path / "daily.txt"
    path.write_text("[中央/n 电视台/n]nt 1/2/m 好/a\n\n很/d 好/a\n", encoding="utf-8")
    assert [words_of(example, example.labels) for example in read_segmented(path)] == [
        ["中央", "电视台", "1/2", "好"],
        ["很", "好"],
    ]
    assert [example.labels for example in read_tagged(path, "pos")] == [("n", "n", "m", "a"), ("d", "a")]


def test_an_entity_that_is_not_at_its_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "spans.json"
    item = {"text": "私は東京へ", "entities": [{"name": "東京", "span": [2, 4], "type": "地名"}]}
    path.write_text(json.dumps([item], ensure_ascii=False), encoding="utf-8")
    assert len(read_tagged(path, "entities")) == 1
    item["entities"][0]["span"] = [1, 3]
    path.write_text(json.dumps([item], ensure_ascii=False), encoding="utf-8")
    with pytest.raises(TaskFileError, match="item 1: at 1 to 3 found 'は東', expected '東京'"):
        read_tagged(path, "entities")


def test_entities_as_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "numbers.jsonl"
    path.write_text('{"tokens": ["Berlin", "ist"], "ner_tags": [5, 0]}\n' * 2, encoding="utf-8")
    with pytest.raises(TaskFileError, match="labels found: numbers, expected names"):
        read_tagged(path, "entities")


def test_many_columns_without_names_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "sts.csv"
    path.write_text("main-captions,MSRvid,2012test,0001,5.000,A plane,An air plane\n" * 3, encoding="utf-8")
    with pytest.raises(TaskFileError, match="columns found: 7, without names; expected --first N --second N --label N"):
        read_labelled(path, pair=True)
    found = read_labelled(path, pair=True, fields=Fields("5", "6", "4"))[0]
    assert (found.first, found.second, found.label) == ("A plane", "An air plane", "5.000")


def test_a_question_a_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = {"id": "1", "context": "東京は首都", "question": "首都は", "answers": {"text": ["東京"], "answer_start": [0]}}
    for number in (1, 2):
        path.write_text((json.dumps(row, ensure_ascii=False) + "\n") * number, encoding="utf-8")
        found = read_questions(path)
        assert len(found) == number
        assert (found[0].answers, found[0].start, found[0].end) == (("東京",), 0, 2)
