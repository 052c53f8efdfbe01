from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter, find_weights
from hanmill.pipelines.annotate.words import SegmenterError
from hanmill.pipelines.text.character_conversion import CharacterConverter, narrow
from hanmill.pipelines.training.segmented_text import read_segmented
from hanmill.pipelines.training.segmenter_score import score
from hanmill.schemas.recipe import SegmentRecipe


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我在图书馆学习中文", "我 在 图书馆 学习 中文"),
        ("我在圖書館學習中文", "我 在 圖書館 學習 中文"),
        ("佢哋喺香港", "佢哋 喺 香港"),
        ("我爱\u3000北京 hello world", "我 爱 北京 hello world"),
    ],
)
def test_words(chinese: ChineseSegmenter, text: str, words: str) -> None:
    found = chinese.segment([text])[0]
    assert found.surfaces == words.split()
    assert found.readings is None


def test_simplified_and_traditional_are_cut_alike(chinese: ChineseSegmenter) -> None:
    simplified = chinese.segment(["他们在图书馆阅读历史书籍，头发乾了"])[0]
    traditional = chinese.segment(["他們在圖書館閱讀歷史書籍，頭髮乾了"])[0]
    assert simplified.lengths.tolist() == traditional.lengths.tolist()


@pytest.mark.parametrize("text", ["１２月３１日，ＧＤＰ增长了２．５％。", "近３００名學生", "約翰．史密斯來了"])
def test_wide_digits_and_letters_are_cut_like_narrow_ones(chinese: ChineseSegmenter, text: str) -> None:
    wide, narrowed = chinese.segment([text])[0], chinese.segment([narrow(text)])[0]
    assert wide.lengths.tolist() == narrowed.lengths.tolist()
    assert "".join(wide.surfaces) == text


def test_simplifying_keeps_the_length() -> None:
    simplify = CharacterConverter("t2s")
    assert simplify("學習歷史") == "学习历史"
    every_han = "".join(map(chr, (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32400))))
    assert len(simplify(every_han)) == len(every_han)


def test_ltp_weights_from_a_file_or_a_folder(ltp_weights: Path) -> None:
    for model in (ltp_weights, ltp_weights.parent):
        segmenter = ChineseSegmenter(SegmentRecipe(chinese="ltp", chinese_model=str(model)))
        words = segmenter.segment(["我們在北京大學學習中文。他們在上海工作。"])[0]
        assert words.surfaces == [
            "我們",
            "在",
            "北京",
            "大學",
            "學習",
            "中文",
            "。",
            "他們",
            "在",
            "上海",
            "工作",
            "。",
        ]


def test_missing_weights_are_named_with_what_helps() -> None:
    for model in ("", "nowhere/cws_model.bin"):
        with pytest.raises(SegmenterError, match=rf"found '{model}', expected a file of LTP weights.*segmenter train"):
            find_weights(model)


def test_weights_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "cws_model.bin"
    path.write_bytes(b"no model")
    with pytest.raises(SegmenterError, match=r"cws_model\.bin: not LTP word-segmentation weights"):
        ChineseSegmenter(SegmentRecipe(chinese="ltp", chinese_model=str(path)))


def test_traditional_gold_text_by_the_dictionary(shared_data: Path) -> None:
    chinese = ChineseSegmenter(SegmentRecipe(chinese="rjieba"))
    gold = read_segmented(shared_data / "segmentation" / "zh_gsd-ud-dev.conllu.xz")
    found = [words.surfaces for words in chinese.segment(["".join(sentence) for sentence in gold])]
    assert score(gold, found, frozenset()).f == pytest.approx(0.791, abs=0.005)
