from __future__ import annotations

import pytest
from hypothesis import given

from hanmill.pipelines.text.sentences import sentence_ends, sentence_lengths
from tests.pipelines.annotate.texts import hostile_text


def sentences(text: str) -> list[str]:
    start, found = 0, []
    for end in sentence_ends(text):
        found.append(text[start:end].strip())
        start = end
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天很冷。我们走吧！好吗？好。", ["今天很冷。", "我们走吧！", "好吗？", "好。"]),
        ("他說：「來吧。」然後走了。", ["他說：「來吧。」", "然後走了。"]),
        ("「はい。」と言った。『え？』と聞く。", ["「はい。」と言った。", "『え？』と聞く。"]),
        ("本当か！？（たぶん。）次へ", ["本当か！？", "（たぶん。）", "次へ"]),
        ("我……我不知道……算了", ["我……", "我不知道……", "算了"]),
        ("等等…好", ["等等…好"]),
        ("第一行\n第二行\r\n第三行", ["第一行", "第二行", "第三行"]),
        ("It is 3.14. Yes! Mr. J. Smith e.g. me.", ["It is 3.14.", "Yes!", "Mr. J. Smith e.g. me."]),
        ("見 http://a.b/?q=1&x!y 是嗎?對!", ["見 http://a.b/?q=1&x!y 是嗎?", "對!"]),
        ("값은 3．5이다．끝", ["값은 3．5이다．", "끝"]),
        ("《你好！李焕英》上映。《甲！》《乙》", ["《你好！李焕英》上映。", "《甲！》", "《乙》"]),
        ("《没有合上！后面。", ["《没有合上！", "后面。"]),
        ("1. はじめに 2. 方法 3.14. Then", ["1. はじめに 2. 方法 3.14.", "Then"]),
        ('그는 "안녕?"이라고 말했다. 갔다.', ['그는 "안녕?"이라고 말했다.', "갔다."]),
        ("半角｡次", ["半角｡", "次"]),
        ("終わり．次の文", ["終わり．", "次の文"]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_blank_lines_are_no_sentences() -> None:
    assert sentence_lengths("\n\n　\n一。\n \n二三") == [2, 2]
    assert sentence_lengths("") == []


@given(hostile_text)
def test_lengths_add_up_to_the_visible_characters(text: str) -> None:
    lengths = sentence_lengths(text)
    assert sum(lengths) == sum(not character.isspace() for character in text)
    assert 0 not in lengths


@given(hostile_text)
def test_ends_ascend_to_the_end_of_the_text(text: str) -> None:
    ends = list(sentence_ends(text))
    assert ends == sorted(set(ends))
    assert (ends[-1] if ends else 0) == len(text)


def test_a_long_run_of_terminators_is_read_once() -> None:
    assert sentence_lengths("。" * 200_000 + "、") == [200_000, 1]
