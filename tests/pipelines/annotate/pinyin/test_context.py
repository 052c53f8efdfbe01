from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.pinyin.context import ContextPinyin, pinyin_annotator
from hanmill.pipelines.annotate.pinyin.context_features import SLOTS
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL, ContextModel, ReadingsModelError, read_model
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.text.character_conversion import CharacterConverter
from hanmill.schemas.recipe import ReadingsRecipe
from tests.pipelines.annotate.texts import TEXTS, hostile_text


@pytest.fixture(scope="module")
def context(pinyin: PinyinAnnotator) -> ContextPinyin:
    return ContextPinyin(read_model(SHIPPED_MODEL), pinyin)


def model(readings: dict[str, tuple[str, ...]]) -> ContextModel:
    """A model without weights: the commonest reading, or pypinyin's where it is among a character's."""
    nothing = np.zeros(0, dtype=np.uint32)
    return ContextModel(readings, nothing, nothing.astype(np.int8), (1, 0, 1, 1, 1, 1), {})


def read(annotator: ContextPinyin | PinyinAnnotator, texts: Sequence[str]) -> list[str]:
    return [annotator.syllables[identifier] for identifier in annotator.annotate(texts)]


@pytest.mark.parametrize(
    ("text", "place", "reading", "plain"),
    [
        ("諸葛亮來了", 1, "ge3", "ge2"),
        ("交響曲全集", 2, "qu3", "qu1"),
        ("共六卷，每卷", 5, "juan4", "juan3"),
        ("反差", 1, "cha1", "cha4"),
        ("银行行长来自重庆", 2, "hang2", "hang2"),
        ("我的目的是还钱", 3, "di4", "di4"),
    ],
)
def test_polyphones_by_their_neighbours(
    context: ContextPinyin, pinyin: PinyinAnnotator, text: str, place: int, reading: str, plain: str
) -> None:
    assert read(context, [text])[place] == reading
    assert read(pinyin, [text])[place] == plain


def test_characters_outside_the_model_keep_the_answer_of_pypinyin(pinyin: PinyinAnnotator) -> None:
    texts = [*TEXTS, "银行行长"]
    assert read(ContextPinyin(model({}), pinyin), texts) == read(pinyin, CharacterConverter("t2s").each(texts))


def test_a_phrase_whose_reading_the_model_does_not_know_wins(pinyin: PinyinAnnotator) -> None:
    annotator = ContextPinyin(model({"的": ("de5",), "行": ("xing2", "heng2")}), pinyin)
    assert read(annotator, ["目的"])[1] == "di4"
    assert read(annotator, ["我的"])[1] == "de5"
    assert read(annotator, ["银行"])[1] == "hang2"


@pytest.mark.parametrize(
    ("text", "character", "reading"),
    [
        ("大部分人都来了", "分", "fen4"),
        ("他在服务行业工作", "行", "hang2"),
        ("六个人参加会议", "参", "can1"),
        ("首都的人都很高兴", "都", "du1"),
        ("他要睡觉了", "觉", "jiao4"),
        ("觉得差不多了", "差", "cha4"),
        ("这件衣服很便宜", "便", "pian2"),
        ("给予帮助", "给", "ji3"),
        ("請充分利用時間", "分", "fen4"),
        ("他慢慢地走了过去", "地", "de5"),
        ("孩子們在快樂地成長", "地", "de5"),
        ("地里的土很松", "地", "di4"),
        ("他跑得很快", "得", "de5"),
        ("他得了金牌", "得", "de2"),
    ],
)
def test_everyday_words(context: ContextPinyin, text: str, character: str, reading: str) -> None:
    assert read(context, [text])[text.index(character)] == reading


def test_agreement_with_pypinyin_decides_where_there_is_no_weight(pinyin: PinyinAnnotator) -> None:
    annotator = ContextPinyin(model({"行": ("xing2", "hang2"), "长": ("chang2", "zhang3")}), pinyin)
    assert read(annotator, ["银行行长"]) == read(pinyin, ["银行行长"])


def test_equal_scores_take_the_reading_that_comes_first(pinyin: PinyinAnnotator) -> None:
    nothing = np.zeros(0, dtype=np.uint32)
    readings = {"行": ("heng2", "xing2", "hang2")}
    annotator = ContextPinyin(ContextModel(readings, nothing, nothing.astype(np.int8), (0,) * 6, {}), pinyin)
    assert read(annotator, ["行"]) == ["heng2"]


def test_a_reading_unknown_to_the_dictionaries_is_refused(pinyin: PinyinAnnotator) -> None:
    with pytest.raises(ReadingsModelError, match="xyz9"):
        ContextPinyin(model({"行": ("xyz9",)}), pinyin)


@settings(deadline=None)
@given(st.lists(hostile_text, max_size=4))
def test_hostile_texts_have_as_many_readings_as_characters(
    context: ContextPinyin, pinyin: PinyinAnnotator, texts: list[str]
) -> None:
    found, plain = context.annotate(texts), pinyin.annotate(texts)
    assert found.dtype == plain.dtype
    assert ((found == 0) == (plain == 0)).all()


_PIECES = st.lists(st.sampled_from("我的长得了行不重还地为数参差，。1a \n頭髮長睇"), max_size=12).map("".join)


@settings(deadline=None)
@given(st.lists(_PIECES, min_size=1, max_size=5))
def test_a_text_is_read_the_same_alone_and_in_a_batch(context: ContextPinyin, texts: list[str]) -> None:
    alone = [identifier for text in texts for identifier in context.annotate([text]).tolist()]
    assert context.annotate(texts).tolist() == alone


def test_traditional_is_read_as_its_simplified_form(context: ContextPinyin) -> None:
    simplified = "银行里的人长得很高，他还了书。\n长度、音乐、重庆、头发"
    traditional = "銀行裡的人長得很高，他還了書。\n長度、音樂、重慶、頭髮"
    assert context.annotate([traditional]).tolist() == context.annotate([simplified]).tolist()


def test_a_character_has_a_reading_where_pypinyin_has_one(context: ContextPinyin, pinyin: PinyinAnnotator) -> None:
    """Some simplified forms are unknown to pypinyin, some characters are read in their simplified form alone."""
    every_han = [chr(point) for point in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32400))]
    assert ((context.annotate(every_han) == 0) == (pinyin.annotate(every_han) == 0)).all()
    assert read(context, ["金煇和蟳"]) == ["jin1", "hui1", "he2", "xun2"]


def test_no_text_at_all(context: ContextPinyin) -> None:
    assert context.annotate([]).tolist() == []
    assert context.annotate(["", "\u3000"]).tolist() == []


def test_the_recipe_chooses(pinyin: PinyinAnnotator) -> None:
    assert isinstance(pinyin_annotator(ReadingsRecipe()), PinyinAnnotator)
    annotator = pinyin_annotator(ReadingsRecipe(chinese="context"))
    assert isinstance(annotator, ContextPinyin)
    assert annotator.syllables == pinyin.syllables
    with pytest.raises(ReadingsModelError, match="no-such-model"):
        pinyin_annotator(ReadingsRecipe(chinese="context", chinese_model="no-such-model"))


def test_the_shipped_model_says_what_it_was_trained_on() -> None:
    shipped = read_model(SHIPPED_MODEL)
    assert shipped.made_from["sentences"] == 9_893
    assert len(shipped.made_from["files"]) == 4
    assert shipped.readings["行"][0] in ("hang2", "xing2")
    assert (np.diff(shipped.slots.astype(np.int64)) > 0).all()
    assert int(shipped.slots[-1]) < SLOTS
    assert SHIPPED_MODEL.stat().st_size < 2 << 20
