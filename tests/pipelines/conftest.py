"""Annotators that take time to build, one of each for the whole session."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import TextReader
from hanmill.pipelines.annotate.spaced import SpaceSegmenter
from hanmill.pipelines.training.segmenter_training import train_ltp
from hanmill.schemas.recipe import SegmentRecipe

TRAINING = """\
我们 在 北京 大学 学习 中文 。
他们 在 上海 工作 ， 我们 在 北京 工作 。
今天 天气 很 好 ， 我们 去 公园 。
台湾 的 天气 很 热 。
北京 大学 的 学生 很 多 。
我 喜欢 学习 中文 和 日文 。
"""


@pytest.fixture(scope="session")
def pinyin() -> PinyinAnnotator:
    return PinyinAnnotator()


@pytest.fixture(scope="session")
def chinese() -> ChineseSegmenter:
    return ChineseSegmenter(SegmentRecipe())


@pytest.fixture(scope="session")
def reader(pinyin: PinyinAnnotator, chinese: ChineseSegmenter) -> TextReader:
    return TextReader(pinyin, chinese)


@pytest.fixture(scope="session")
def japanese() -> JapaneseSegmenter:
    return JapaneseSegmenter(SegmentRecipe())


@pytest.fixture(scope="session")
def spaced() -> SpaceSegmenter:
    return SpaceSegmenter()


@pytest.fixture(scope="session")
def ltp_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights trained on a few sentences of our own."""
    sentences = [line.split() for line in TRAINING.splitlines()] * 20
    path = tmp_path_factory.mktemp("ltp") / "cws_model.bin"
    train_ltp(sentences, sentences, 3).save(str(path))
    return path
