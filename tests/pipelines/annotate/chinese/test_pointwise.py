from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.chinese.pointwise import PointwiseCutter, dictionary_cut
from hanmill.pipelines.annotate.chinese.pointwise_features import APART, VOTES, place_count, votes
from hanmill.pipelines.annotate.chinese.pointwise_model import (
    ROWS,
    SHIPPED_MODEL,
    PointwiseModel,
    read_model,
    write_model,
)
from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.words import SegmenterError
from hanmill.pipelines.training.segmented_text import read_segmented
from hanmill.pipelines.training.segmenter_score import score
from hanmill.pipelines.training.segmenter_training import train_pointwise
from hanmill.schemas.recipe import SegmentRecipe

SENTENCES = [["我们", "在", "北京", "大學"], ["他们", "在", "上海"], ["中文", "很", "好"]] * 30


@pytest.fixture(scope="module")
def small() -> PointwiseModel:
    return train_pointwise(SENTENCES, 5, {"files": {}})


@pytest.fixture(scope="module")
def shipped() -> PointwiseCutter:
    return PointwiseCutter(read_model(SHIPPED_MODEL))


def test_what_was_trained_is_cut(small: PointwiseModel) -> None:
    assert list(PointwiseCutter(small).cut(["我们在北京大学", "", " 他们 在上海\n中文很好 "])) == [
        ["我们", "在", "北京", "大学"],
        [],
        ["他们", "在", "上海", "中文", "很", "好"],
    ]


def test_two_trainings_give_the_same_bytes(small: PointwiseModel, tmp_path: Path) -> None:
    write_model(tmp_path / "first", small)
    write_model(tmp_path / "second", train_pointwise(SENTENCES, 5, {"files": {}}))
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    again = read_model(tmp_path / "first")
    assert np.array_equal(again.weights, small.weights)
    assert again.made_from == {"files": {}}


def test_nothing_to_train_on() -> None:
    with pytest.raises(ValueError, match="found none"):
        train_pointwise([], 1, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("国务院总理昨天在人民大会堂会见了美国客人。", "国务院 总理 昨天 在 人民 大会堂 会见 了 美国 客人 。"),
        ("國務院總理昨天在人民大會堂會見了美國客人。", "國務院 總理 昨天 在 人民 大會堂 會見 了 美國 客人 。"),
        ("我们学习语言学，他们也学习。", "我们 学习 语言学 ， 他们 也 学习 。"),
        ("他说：“这很好。”", "他 说 ： “ 这 很 好 。 ”"),
        ("佢哋琴日去咗旺角食嘢", "佢哋 琴日 去 咗 旺角 食 嘢"),
        ("全面建设社会主义现代化国家", "全面 建设 社会主义 现代化 国家"),
    ],
)
def test_shipped_weights(chinese: ChineseSegmenter, text: str, words: str) -> None:
    assert chinese.segment([text])[0].surfaces == words.split()


def test_shipped_weights_on_gold_text(chinese: ChineseSegmenter, shared_data: Path) -> None:
    """rjieba has .791 of words of UD's standard, which is not the shipped weights'."""
    gold = read_segmented(shared_data / "segmentation" / "zh_gsd-ud-dev.conllu.xz")
    found = [words.surfaces for words in chinese.segment(["".join(sentence) for sentence in gold])]
    assert score(gold, found, ()).f == pytest.approx(0.801, abs=0.004)


_hostile = st.text(st.sampled_from("中国人的头髮 \n\u3000a1.%\u200d\ufe0f👍\0\ud800・ア〇年,，"), max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.lists(_hostile, max_size=5))
def test_words_are_the_text_whatever_it_is(chinese: ChineseSegmenter, texts: list[str]) -> None:
    for text, words in zip(texts, chinese.segment(texts), strict=True):
        assert "".join(words.surfaces) == "".join(text.split())
        assert words.lengths.tolist() == [len(surface) for surface in words.surfaces]


@settings(max_examples=100, deadline=None)
@given(st.lists(_hostile, min_size=1, max_size=5))
def test_a_batch_cuts_as_its_texts_do(shipped: PointwiseCutter, texts: list[str]) -> None:
    clean = [text.replace("\0", "").replace("\ud800", "") for text in texts]
    assert list(shipped.cut(clean)) == [next(iter(shipped.cut([text]))) for text in clean]


def test_a_long_text_and_many_short_ones(shipped: PointwiseCutter) -> None:
    sentence = "香港特别行政区行政长官昨天发表了施政报告。"
    words = next(iter(shipped.cut([sentence])))
    assert sum(map(len, shipped.cut([sentence] * 2000))) == 2000 * len(words)
    assert next(iter(shipped.cut([f"{sentence}\n\n\n\n\n" * 2000]))) == words * 2000


@pytest.mark.parametrize("texts", [[""], ["中"], ["中国 人", "1998年3月"], ["深造于日本京都大学"] * 3])
def test_votes_are_for_places_of_the_batch(texts: Sequence[str]) -> None:
    codes, word_ends = dictionary_cut(texts)
    assert word_ends[-1] == len(codes) - 1
    for one in votes(codes, word_ends):
        assert len(one.places) <= VOTES
        for places in one.places:
            named = np.arange(place_count(codes))[places]
            assert len(named) == len(one.hashes)
            some = named[named < len(codes)]
            assert len(np.unique(some)) == len(some)


def test_a_text_has_all_its_votes_wherever_it_stands() -> None:
    text = "毕业于中国科学院"
    codes, word_ends = dictionary_cut([text, text, "了"])
    counts = np.zeros(place_count(codes), dtype=np.int64)
    for one in votes(codes, word_ends):
        for places in one.places:
            np.add.at(counts, np.arange(len(counts))[places], 1)
    # The place after a text's last character is always a boundary, whatever votes there are for it.
    first, second = (counts[start : start + len(text) - 1] for start in (APART, 2 * APART + len(text)))
    assert first.tolist() == second.tolist()


def test_files_that_are_no_weights(small: PointwiseModel, tmp_path: Path) -> None:
    path = tmp_path / "weights.parquet"
    with pytest.raises(SegmenterError, match=r"weights\.parquet: not a readable pointwise segmenter"):
        read_model(path)
    path.write_bytes(b"no Parquet")
    with pytest.raises(SegmenterError, match="not a readable pointwise segmenter"):
        ChineseSegmenter(SegmentRecipe(chinese_model=str(path)))
    pq.write_table(pa.table({"slot": [1]}), path)
    with pytest.raises(SegmenterError, match=r"found columns \['slot'\], expected \['row'"):
        read_model(path)
    write_model(path, small)
    pq.write_table(pq.read_table(path).replace_schema_metadata({b"hanmill": b'{"format": 9}'}), path)
    with pytest.raises(SegmenterError, match=r"found columns|found format 9, expected 1"):
        read_model(path)
    other_rows = b'{"format": 1, "made_from": {}, "rows": 2097152}'
    pq.write_table(pq.read_table(path).replace_schema_metadata({b"hanmill": other_rows}), path)
    with pytest.raises(SegmenterError, match=r"found features hashed into 2097152 rows, expected 4194304"):
        read_model(path)
    write_model(path, replace(small, rows=small.rows + np.uint32(ROWS)))
    with pytest.raises(SegmenterError, match=rf"expected below {ROWS}"):
        read_model(path)
