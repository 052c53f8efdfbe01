from __future__ import annotations

import pytest

from benchmarks.pinyin_told import MOST_OF_AN_EXPRESSION, expressions, marked_told, told
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator


@pytest.mark.parametrize(
    ("text", "character", "reading"),
    [
        ("她穿着红色的衣服", "着", "zhe5"),
        ("她的穿着打扮", "着", "zhuo2"),
        ("他长得像他爸爸", "长", "zhang3"),
        ("一根五米长的绳子", "长", "chang2"),
        ("路上铺满了雪", "铺", "pu1"),
        ("请整理床铺。", "铺", "pu4"),
        ("大树被吹倒了", "倒", "dao3"),
        ("给自己倒了一杯咖啡", "倒", "dao4"),
        ("在花园里种西红柿", "种", "zhong4"),
        ("这种西红柿很甜", "种", "zhong3"),
        ("各种植物", "种", ""),
        ("为保护环境而努力", "为", "wei4"),
        ("被列为保护动物", "为", ""),
        ("增长20米", "长", ""),
    ],
)
def test_neighbours_tell(text: str, character: str, reading: str) -> None:
    assert told(text).get(text.index(character), "") == reading


def test_every_expression_is_usable() -> None:
    syllables = PinyinAnnotator().syllables
    for expression, character, reading in expressions():
        assert expression.groups == 1, expression.pattern
        assert len(character) == 1
        assert reading in syllables


def test_of_an_expression_so_many() -> None:
    texts = [f"第{number}个人长得像他" for number in range(3 * MOST_OF_AN_EXPRESSION)]
    found = list(marked_told(texts))
    assert found == list(marked_told(texts))
    of_both = [("▁长▁" in text, reading) for text, reading in found]
    assert of_both == [(True, "zhang3")] * (2 * MOST_OF_AN_EXPRESSION)
