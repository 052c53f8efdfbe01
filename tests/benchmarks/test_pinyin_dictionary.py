from __future__ import annotations

from benchmarks.pinyin_dictionary import corrections, storable, uncertain
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator

WORDS = {
    "朝鲜": {("chao2", "xian3"): {"朝鮮"}},
    "银行": {("yin2", "hang2"): {"銀行"}},
    "朋友": {("peng2", "you5"): {"朋友"}},
    "朝阳": {("chao2", "yang2"): {"朝陽"}, ("zhao1", "yang2"): {"朝陽"}},
    "东西": {("dong1", "xi1"): {"東西"}, ("dong1", "xi5"): {"東西"}},
}


def test_words_that_pypinyin_reads_otherwise() -> None:
    assert list(corrections(WORDS, PinyinAnnotator())) == [("朝鲜", ("chao2", "xian3"))]


def test_words_of_several_readings() -> None:
    assert list(uncertain(WORDS)) == ["朝阳"]


def test_neutral_tones_and_sandhi_are_pypinyins() -> None:
    assert storable("一个", ("yi1", "ge5"), ("yi2", "ge4")) == ("yi2", "ge4")
