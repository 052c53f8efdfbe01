from __future__ import annotations

import pytest

from hanmill.pipelines.extract.wikitext.extractor import extract


@pytest.mark.parametrize(
    ("language", "wikitext", "text"),
    [
        ("ja", "市の人口は{{自治体人口|東京都|台東区}}人である。面積は10km²である。", "面積は10km²である。"),
        ("ja", "市域人口はおよそ{{formatnum:{{人口統計|x}}}}万人で、最大の都市である。次の文。", "次の文。"),
        ("ja", "* 人口：{{自治体人口|東京都|台東区}}人\n* 面積：10km²", "面積：10km²"),
        ("ja", "'''山田'''（1980年1月1日 - 、現在{{年齢|1980|1|1}}歳）は作家。", "山田（1980年1月1日 -）は作家。"),
        ("ja", "東京（{{知らない}}、人口{{人口|x}}人）は首都。", "東京は首都。"),
        ("ja", "正式名称は{{知らない}}である。次の文。", "次の文。"),
        ("zh", "'''王小明'''（1980年1月1日－），現年{{age|1980|1|1}}歲，作家。", "王小明（1980年1月1日－），作家。"),
        ("zh", "總面積40平方公里，人口{{人口數據}}人。下轄三區。", "下轄三區。"),
        ("zh", "它的名称是{{Unknown}}。下一句。", "下一句。"),
        ("zh", "共有{{Num}}人参加。比赛在北京。", "比赛在北京。"),
        # Marks of editors and pictures take nothing out of a sentence.
        ("ja", "これは事実である{{要出典|date=2020}}。次。", "これは事実である。次。"),
        ("ja", "彼は{{誰|date=2020}}、そう言った。", "彼は、そう言った。"),
        ("ja", "首都は{{flagicon|JPN}}[[東京]]である。", "首都は東京である。"),
        ("zh", "他认为{{来源请求}}，这是对的。", "他认为，这是对的。"),
        ("zh", "全市共12{{nbsp}}人。", "全市共12 人。"),
    ],
)
def test_no_sentence_is_left_with_a_hole(language: str, wikitext: str, text: str) -> None:
    assert extract(wikitext, language).text == text


@pytest.mark.parametrize(
    "text", ["（{{a}}" * 20_000, "、{{人口}}" * 20_000, "は{{a}}。" * 20_000, "（" * 20_000 + "{{人口}}人" * 2000]
)
def test_holes_cost_no_more_than_their_page_is_long(text: str) -> None:
    extract(text, "ja")


def test_what_depends_on_the_day_takes_its_sentence_with_it() -> None:
    wikitext = "{{CURRENTYEAR}}年現在の会長は山田である。設立は1950年である。記事は{{NUMBEROFARTICLES}}本ある。"
    assert extract(wikitext, "ja").text == "設立は1950年である。"
