from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter

NAMES = [
    "pandas",
    "kernel",
    "docker",
    "update",
    "github",
    "numpy",
    "django",
    "python",
    "ubuntu",
    "debian",
    "apache",
    "spark",
    "flask",
    "redis",
    "nginx",
]
FRAMES = ("请看www.{}.com上的说明", "访问{}.com下载", "我用{}.写程序", "他在用{}。", "“{}”很好", "{}的用户，[{}]和({})")


@pytest.mark.parametrize("frame", FRAMES)
def test_latin_names_are_one_word(chinese: ChineseSegmenter, frame: str) -> None:
    for name in NAMES:
        words = chinese.segment([frame.format(name, name, name)])[0].surfaces
        whole = f"www.{name}.com" if "www" in frame else f"{name}.com" if ".com" in frame else name
        assert whole in words, words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[上一個", "[ 上 一個"),
        ("發郵件到foo.bar@example.com即可", "發 郵件 到 foo.bar@example.com 即可"),
        ("请看https://example.org/a/b?c=1#x上的内容", "请 看 https://example.org/a/b?c=1#x 上 的 内容"),
        ("/usr/bin/python目录", "/usr/bin/python 目录"),
        ("C++和C#语言", "C++ 和 C# 语言"),
        ("AT&T公司", "AT&T 公司"),
        ("很多AI模型", "很多 AI 模型"),
        ("A股市场", "A股 市场"),
        ("去唱卡拉OK吧", "去 唱 卡拉OK 吧"),
        ("版本3.14.15发布", "版本 3.14.15 发布"),
        ("他看著窗外", "他 看 著 窗外"),
        ("姊姊問甚麼", "姊姊 問 甚麼"),
    ],
)
def test_borders(chinese: ChineseSegmenter, text: str, words: str) -> None:
    assert chinese.segment([text])[0].surfaces == words.split()


_pieces = st.lists(st.sampled_from("ab1.-/@#&+'上个（）[]“，="), max_size=24).map("".join)


@settings(max_examples=300, deadline=None)
@given(_pieces)
def test_no_latin_word_is_cut_and_no_bracket_glued(chinese: ChineseSegmenter, text: str) -> None:
    words = chinese.segment([text])[0].surfaces
    assert "".join(words) == text
    for before, after in pairwise(words):
        assert not {before[-1], after[0]} <= {"a", "b"}
    # But in an address.
    assert all(len(word) == 1 or "/" in word for word in words if set(word) & set("（）[]“"))
