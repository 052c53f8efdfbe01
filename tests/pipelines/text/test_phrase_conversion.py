from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.annotate.segmenters import cutter
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.pipelines.text.phrase_conversion import CHARACTER_CONFIGURATIONS, CutWords, PhraseConverter, converter
from hanmill.pipelines.text.simplified_form import SimplifiedForm
from hanmill.schemas.recipe import NormalizeRecipe, SegmentRecipe
from tests.pipelines.text.test_normalize import CONFIGURATIONS

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("conversions_by_hand.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def cut() -> CutWords:
    return cutter(SegmentRecipe())


@pytest.mark.parametrize(("configuration", "column"), [("s2tw", 1), ("s2hk", 2)])
def test_sentences_from_simplified(cut: CutWords, configuration: str, column: int) -> None:
    convert = PhraseConverter(configuration, cut)
    wrong = [(row[0], found) for row in ROWS if (found := convert(row[0])) not in row[column].split("~")]
    assert not wrong


@pytest.mark.parametrize(("configuration", "column"), [("tw2s", 1), ("hk2s", 2), ("t2s", 1)])
def test_sentences_to_simplified(configuration: str, column: int) -> None:
    convert = converter(configuration)
    wrong = [(row, form) for row in ROWS for form in row[column].split("~") if convert(form) != row[0]]
    assert not wrong


@pytest.mark.parametrize(
    ("configuration", "text", "converted"),
    [
        ("s2twp", "少数组织用内存和鼠标。", "少數組織用記憶體和滑鼠。"),
        ("s2tw", "姓余的余先生参与制造", "姓余的余先生參與製造"),
        ("t2s", "他看著窗外，姊姊急著問甚麼", "他看着窗外，姐姐急着问什么"),
        ("tw2sp", "著名作家看著滑鼠", "著名作家看着鼠标"),
        ("t2s", "兄弟姊妹", "兄弟姊妹"),
        ("tw2s", "妳好嗎", "你好吗"),
        ("s2twp", "萤火虫聚集成群，改变量子比特", "螢火蟲聚集成群，改變量子位元"),
    ],
)
def test_words_decide(cut: CutWords, configuration: str, text: str, converted: str) -> None:
    assert Normalizer(NormalizeRecipe(opencc=configuration), cut).normalize_text(text, chinese=True) == converted


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_never_below_opencc_on_its_own_cases(cut: CutWords, configuration: str, shared_data: Path) -> None:
    """But for the one case that OpenCC's authors mark as wrong themselves."""
    raw = (shared_data / "opencc" / "testcases.json").read_text(encoding="utf-8")
    plain = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"^\s*//.*$", "", raw, flags=re.MULTILINE))
    for case in json.loads(plain)["cases"]:
        wanted = case["expected"].get(configuration)
        if wanted is not None and "[sic]" not in wanted:
            assert PhraseConverter(configuration, cut)(case["input"]) == wanted


def _uncut(texts: Sequence[str]) -> list[list[str]]:
    return [text.split() for text in texts]


@pytest.mark.parametrize("configuration", ["s2t", "s2tw", "s2hk", "tw2s", "t2s"])
def test_without_words_it_is_opencc(configuration: str, shared_data: Path) -> None:
    """On thousands of lines, each one word: but for phrases by hand and what Taiwan spells otherwise."""
    folder = shared_data / "pinyin"
    lines = (folder / "cpp-dev.sent").read_text(encoding="utf-8").replace("▁", "").splitlines()[:3_000]
    convert, plain = PhraseConverter(configuration, _uncut), opencc.OpenCC(configuration).convert
    different = sum(convert(line) != plain(line) for line in lines)
    assert different <= (0 if configuration in CHARACTER_CONFIGURATIONS else 60)


_pieces = st.lists(
    st.sampled_from(
        [
            "内存",
            "鼠标",
            "里",
            "面",
            "发",
            "干",
            "余",
            "先生",
            "一",
            "只",
            "，",
            "\n",
            "𠮷",
            "é",
            "历史",
            "百年",
            "软件",
        ]
    ),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=200)
@given(_pieces, st.sampled_from(["s2twp", "tw2sp", "s2hk"]))
def test_offsets_fit_the_text(cut: CutWords, text: str, configuration: str) -> None:
    normalizer = Normalizer(NormalizeRecipe(opencc=configuration), cut)  # type: ignore[arg-type]
    normalized = normalizer.normalize(text, chinese=True)
    offsets = normalized.raw_offsets
    assert len(offsets) == len(normalized.text) + 1
    assert offsets[-1] == len(text)
    assert (np.diff(offsets) >= 0).all()
    if len(normalized.text) == len(text):
        assert offsets.tolist() == list(range(len(text) + 1))


def test_offsets_of_a_phrase_that_changes_its_length(cut: CutWords) -> None:
    text = "这个内存，打印机和内存。软件"
    normalized = Normalizer(NormalizeRecipe(opencc="s2twp"), cut).normalize(text, chinese=True)
    assert normalized.text == "這個記憶體，印表機和記憶體。軟體"
    offsets = dict(zip(normalized.text, normalized.raw_offsets.tolist(), strict=False))
    assert [text[offsets[mark]] for mark in "，和。軟"] == ["，", "和", "。", "软"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("他看著窗外", "他看着窗外"),
        ("持續討論著，著名作家的論著", "持续讨论着，著名作家的论著"),
        ("魯迅著《吶喊》，他讀著《紅樓夢》", "鲁迅著《呐喊》，他读着《红楼梦》"),
        ("书，鲁迅著", "书，鲁迅著"),
        ("他看着名著", "他看着名著"),
        ("祇有神祇，姊姊喫甚麼", "只有神祇，姐姐吃什么"),
        ("衞生\n鲁迅著", "卫生\n鲁迅著"),
    ],
)
def test_the_simplified_form(text: str, form: str) -> None:
    assert SimplifiedForm()(text) == form
