from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.pinyin.context import ContextPinyin, pinyin_annotator
from hanmill.pipelines.annotate.pinyin.context_features import SLOTS
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL, ContextModel, ReadingsModelError, read_model
from hanmill.pipelines.annotate.pinyin.neural_reader import neural_reader
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import TextReader
from hanmill.pipelines.annotate.pinyin.word_readings import KINDS
from hanmill.pipelines.text.simplified_form import SimplifiedForm
from hanmill.schemas.recipe import ReadingsRecipe
from tests.pipelines.annotate.texts import hostile_text


@pytest.fixture(scope="module")
def context(reader: TextReader) -> ContextPinyin:
    return ContextPinyin(read_model(SHIPPED_MODEL), reader, neural_reader())


def model(readings: dict[str, tuple[str, ...]]) -> ContextModel:
    """A model without weights: the commonest reading, or pypinyin's where it is among a character's."""
    nothing = np.zeros(0, dtype=np.uint32)
    return ContextModel(readings, nothing, nothing.astype(np.int8), (1,) * KINDS, {})


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


def test_characters_outside_the_model_keep_the_answer_of_the_dictionary(
    pinyin: PinyinAnnotator, reader: TextReader
) -> None:
    texts = ["银行行长", "頭髮、重慶"]
    assert read(ContextPinyin(model({}), reader), texts) == read(pinyin, SimplifiedForm().each(texts))


def test_a_phrase_whose_reading_the_model_does_not_know_wins(reader: TextReader) -> None:
    annotator = ContextPinyin(model({"的": ("de5",), "行": ("xing2", "heng2")}), reader)
    assert read(annotator, ["目的"])[1] == "di4"
    assert read(annotator, ["我的"])[1] == "de5"
    assert read(annotator, ["银行"])[1] == "hang2"


@pytest.mark.parametrize(
    ("text", "place", "reading"),
    [
        ("山重水复疑无路", 1, "chong2"),
        ("任老师担任班主任", 0, "ren2"),
        ("單小姐很單純", 0, "shan4"),
        ("他姓解", 2, "xie4"),
        ("尉迟将军", 0, "yu4"),
        ("音乐老师姓乐", 5, "yue4"),
    ],
)
def test_the_dictionary_knows_long_phrases_and_people(
    pinyin: PinyinAnnotator, reader: TextReader, text: str, place: int, reading: str
) -> None:
    assert read(ContextPinyin(model({}), reader), [text])[place] == reading


def test_readings_by_hand(context: ContextPinyin, shared_rows: list[tuple[str, str, int, str]]) -> None:
    """Everyday words and characters in sentences, in both scripts, Traditional as Taiwan and Hong Kong write it."""
    wrong = [
        (text, character, found, wanted)
        for text, character, nth, wanted in shared_rows
        if (found := _nth(context, text, character, nth)) != wanted
    ]
    assert not wrong


@pytest.fixture(scope="module")
def shared_rows() -> list[tuple[str, str, int, str]]:
    lines = Path(__file__).with_name("readings_by_hand.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(text, character, int(nth), wanted) for text, character, nth, wanted in rows]


def _nth(context: ContextPinyin, text: str, character: str, nth: int) -> str:
    places = [place for place, one in enumerate(text) if one == character]
    return read(context, [text])[places[nth]]


def test_agreement_decides_where_there_is_no_weight(pinyin: PinyinAnnotator, reader: TextReader) -> None:
    annotator = ContextPinyin(model({"行": ("xing2", "hang2"), "长": ("chang2", "zhang3")}), reader)
    assert read(annotator, ["银行行长"]) == read(pinyin, ["银行行长"])


def test_equal_scores_take_the_reading_that_comes_first(reader: TextReader) -> None:
    nothing = np.zeros(0, dtype=np.uint32)
    readings = {"行": ("heng2", "xing2", "hang2")}
    annotator = ContextPinyin(ContextModel(readings, nothing, nothing.astype(np.int8), (0,) * KINDS, {}), reader)
    assert read(annotator, ["行"]) == ["heng2"]


def test_a_reading_unknown_to_the_dictionaries_is_refused(reader: TextReader) -> None:
    with pytest.raises(ReadingsModelError, match="xyz9"):
        ContextPinyin(model({"行": ("xyz9",)}), reader)


@settings(deadline=None)
@given(st.lists(hostile_text, max_size=4))
def test_hostile_texts_have_as_many_readings_as_characters(
    context: ContextPinyin, pinyin: PinyinAnnotator, texts: list[str]
) -> None:
    found, plain = context.annotate(texts), pinyin.annotate(texts)
    assert found.dtype == plain.dtype
    assert ((found == 0) == (plain == 0)).all()


def test_words_given_are_the_words_cut(context: ContextPinyin, chinese: ChineseSegmenter) -> None:
    texts = ["他们都会参加", "", "\u3000项目的 预算", "葛\U000e0100飾区"]
    assert context.annotate(texts, chinese.segment(texts)).tolist() == context.annotate(texts).tolist()


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
