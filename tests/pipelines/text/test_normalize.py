from __future__ import annotations

import json
import re
import typing
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.text.conversion_offsets import conversion_offsets
from hanmill.pipelines.text.form_offsets import form_offsets
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.schemas.recipe import NormalizeRecipe
from tests.pipelines.annotate.texts import TEXTS, hostile_text

CONFIGURATIONS = [name for name in typing.get_args(typing.get_type_hints(NormalizeRecipe)["opencc"]) if name]


def origins(settings: NormalizeRecipe, text: str, *, chinese: bool = True) -> list[tuple[str, str]]:
    """Every normalised character with the piece of raw text up to the origin of the next."""
    normalized = Normalizer(settings).normalize(text, chinese=chinese)
    offsets = normalized.raw_offsets.tolist()
    return [(c, text[s:e]) for c, s, e in zip(normalized.text, offsets, offsets[1:], strict=False)]


def test_half_width_kana_are_widened_in_nfc_and_composed() -> None:
    assert origins(NormalizeRecipe(), "ｶﾞｷﾞ｡A１") == [("ガ", "ｶﾞ"), ("ギ", "ｷﾞ"), ("。", "｡"), ("A", "A"), ("１", "１")]


def test_nul_and_lone_surrogates_go_first() -> None:
    assert origins(NormalizeRecipe(), "\0中\ud800\0文\udfff") == [("中", "中\ud800\0"), ("文", "文\udfff")]
    normalized = Normalizer(NormalizeRecipe(opencc="s2twp")).normalize("软件a\0b鼠标里面", chinese=True)
    assert normalized.text == "軟體ab滑鼠裡面"
    assert normalized.raw_offsets.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_compatibility_characters_only_in_nfkc() -> None:
    assert Normalizer(NormalizeRecipe()).normalize_text("㍿ＡＢ", chinese=True) == "㍿ＡＢ"
    assert origins(NormalizeRecipe(form="NFKC"), "㍿Ａ") == [
        ("株", ""),
        ("式", ""),
        ("会", ""),
        ("社", "㍿"),
        ("A", "Ａ"),
    ]


def test_lower_case_that_grows() -> None:
    assert origins(NormalizeRecipe(lowercase=True), "İΣa") == [("i", ""), ("\u0307", "İ"), ("σ", "Σ"), ("a", "a")]


def test_opencc_is_for_chinese_only() -> None:
    normalizer = Normalizer(NormalizeRecipe(opencc="t2s"))
    assert normalizer.normalize_text("國語は漢字", chinese=False) == "國語は漢字"
    assert normalizer.normalize_text("國語漢字", chinese=True) == "国语汉字"


def test_phrases_that_change_their_length() -> None:
    settings = NormalizeRecipe(opencc="s2twp")
    text = "这个内存，打印机和内存。软件"
    normalized = Normalizer(settings).normalize(text, chinese=True)
    assert normalized.text == "這個記憶體，印表機和記憶體。軟體"
    offsets = dict(zip(normalized.text, normalized.raw_offsets.tolist(), strict=False))
    assert [text[offsets[mark]] for mark in "，和。軟"] == ["，", "和", "。", "软"]


def test_a_long_text_without_punctuation_keeps_its_order() -> None:
    text = "内存" * 3_000
    normalized = Normalizer(NormalizeRecipe(opencc="s2twp")).normalize(text, chinese=True)
    assert len(normalized.text) == 9_000
    assert (np.diff(normalized.raw_offsets) >= 0).all()
    assert normalized.raw_offsets[-1] == len(text)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_opencc_cases(configuration: str, shared_data: Path) -> None:
    raw = (shared_data / "opencc" / "testcases.json").read_text(encoding="utf-8")
    plain = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"^\s*//.*$", "", raw, flags=re.MULTILINE))
    cases = json.loads(plain)["cases"]
    normalizer = Normalizer(NormalizeRecipe(opencc=configuration))
    wanted = [(case["input"], case["expected"].get(configuration)) for case in cases]
    wanted = [(text, result) for text, result in wanted if result is not None]
    assert wanted
    for text, result in wanted:
        normalized = normalizer.normalize(text, chinese=True)
        assert normalized.text == unicodedata.normalize("NFC", result)
        assert len(normalized.raw_offsets) == len(normalized.text) + 1


def test_width_and_old_kanji_are_folded_where_the_recipe_asks() -> None:
    text = "學校の舊館は　Ａ１０１！ｶﾞ"
    normalizer = Normalizer(NormalizeRecipe(fold_width=True, shinjitai=True))
    normalized = normalizer.normalize(text, chinese=False, japanese=True)
    assert normalized.text == "学校の旧館は A101!ガ"
    assert normalized.raw_offsets.tolist() == [*range(13), 14]
    assert normalizer.normalize_text("國語、學校", chinese=True) == "國語、學校"
    assert Normalizer(NormalizeRecipe()).normalize_text("學校Ａ", chinese=False, japanese=True) == "學校Ａ"


@settings(deadline=None)
@given(
    hostile_text,
    st.sampled_from(["NFC", "NFKC"]),
    st.sampled_from(["", "t2s", "s2twp", "tw2sp"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_the_map_fits_the_text(
    text: str, form: typing.Any, configuration: typing.Any, lower: bool, folded: bool, chinese: bool
) -> None:
    recipe = NormalizeRecipe(form=form, opencc=configuration, lowercase=lower, fold_width=folded, shinjitai=folded)
    normalizer = Normalizer(recipe)
    normalized = normalizer.normalize(text, chinese=chinese, japanese=not chinese)
    offsets = normalized.raw_offsets
    assert normalized.text == normalizer.normalize_text(text, chinese=chinese, japanese=not chinese)
    assert offsets.dtype == np.int64
    assert len(offsets) == len(normalized.text) + 1
    assert offsets[-1] == len(text)
    assert (np.diff(offsets) >= 0).all()
    assert offsets[0] >= 0
    assert not re.search("[\0\ud800-\udfff]", normalized.text)


@given(hostile_text, hostile_text)
def test_the_map_of_a_part_is_a_part_of_the_map(before: str, after: str) -> None:
    """A newline keeps its neighbours apart, so each side maps as it does alone."""
    normalizer = Normalizer(NormalizeRecipe(form="NFKC", lowercase=True))
    left = normalizer.normalize(before + "\n", chinese=False).raw_offsets
    right = normalizer.normalize("\n" + after, chinese=False).raw_offsets
    both = normalizer.normalize(before + "\n" + after, chinese=False).raw_offsets
    assert both.tolist() == [*left[:-1].tolist(), *(right[1:] + len(before)).tolist()]


@pytest.mark.parametrize(
    ("text", "form", "offsets"),
    [
        ("か\u3099か", "NFC", [0, 2, 3]),
        ("\u1100\u1161\u11a8", "NFC", [0, 3]),
        ("a\u0308\u0301b", "NFC", [0, 2, 3, 4]),
        ("e\u0301\u0301\u0301\u0301", "NFC", [0, 2, 3, 4, 5]),
        ("e\u0301\u0323", "NFC", [0, 0, 3]),
        ("é\u0301\u0323x", "NFC", [0, 0, 0, 3, 4]),
        ("e" + "\u0323\u0301" * 40, "NFC", [0] * 80 + [81]),
        ("\u0958", "NFC", [0, 0, 1]),
        ("ﷺ", "NFKC", [0] * 18 + [1]),
        ("ﬁa", "NFKC", [0, 0, 1, 2]),
        ("\u0301\u0301", "NFC", [0, 1, 2]),
    ],
)
def test_forms_map_part_by_part(text: str, form: typing.Any, offsets: list[int]) -> None:
    assert form_offsets(text, form).tolist() == offsets


_MARKS = st.text(
    st.sampled_from("eaéAﬁ\u0301\u0308\u0323\u0327\u0345\u05b4\u3099か\u1100\u1161\u11a8\u0f71\u0f72中㍿"), max_size=12
)


@settings(max_examples=2_000, deadline=None)
@given(_MARKS | hostile_text, st.sampled_from(["NFC", "NFKC"]))
def test_what_lies_between_two_positions_normalises_to_what_has_the_first(text: str, form: typing.Any) -> None:
    formed = unicodedata.normalize(form, text)
    offsets = form_offsets(text, form).tolist()
    assert len(offsets) == len(formed) + 1
    bounds = sorted({0, *offsets, len(text)})
    for start, end in pairwise(bounds):
        part = "".join(c for c, offset in zip(formed, offsets, strict=False) if offset == start)
        assert unicodedata.normalize(form, text[start:end]) == part
        # No part could be cut again.
        for cut in range(start + 1, end):
            halves = unicodedata.normalize(form, text[start:cut]), unicodedata.normalize(form, text[cut:end])
            assert "".join(halves) != part


def test_conversion_offsets_are_the_identity_where_characters_stand_for_characters() -> None:
    convert = opencc.OpenCC("t2s").convert
    for text in TEXTS:
        assert conversion_offsets(text, convert(text), convert).tolist() == list(range(len(text) + 1))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("光速约为３×10⁸米每秒", "光速约为3×10⁸米每秒"),
        ("Ｈ₂Ｏと CO₂、Na⁺、xⁿ⁺¹", "H₂Oと CO₂、Na⁺、xⁿ⁺¹"),
        ("面積は㎡、第①章、ﾃﾞｰﾀ", "面積はm2、第1章、データ"),
    ],
)
def test_a_raised_or_lowered_number_is_no_other_number(raw: str, expected: str) -> None:
    found = Normalizer(NormalizeRecipe(form="NFKC")).normalize(raw, chinese=False)
    assert found.text == expected
    offsets = found.raw_offsets.tolist()
    assert offsets[-1] == len(raw)
    for place, character in enumerate(found.text):
        if character in "⁸₂⁺ⁿ¹":
            assert raw[offsets[place]] == character
