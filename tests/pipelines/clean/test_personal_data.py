from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clean.personal_data import find_personal_data, mask_personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("箱zhang.san@example.cn谢", "箱email@example.com谢"),
        ("はtaro@example.jpへ", "はemail@example.comへ"),
        ("邮箱：a_b+c@mail.example.com.cn。", "邮箱：email@example.com。"),
        ("サーバーは203.0.113.9です", "サーバーは192.0.2.1です"),
        ("位址2001:db8:85a3::8a2e:370:7334。", "位址2001:db8::1。"),
        ("电话：13812345678，邮编100080", "电话：000-0000-0000，邮编100080"),
        ("电话010-12345678转3", "电话000-0000-0000转3"),
        ("TEL03-1234-5678まで", "TEL000-0000-0000まで"),
        ("携帯は090-1234-5678です", "携帯は000-0000-0000です"),
        ("電話(02)2345-6789，傳真", "電話000-0000-0000，傳真"),
        ("手機0912-345-678號", "手機000-0000-0000號"),
        ("電話：+852 2345 6789", "電話：000-0000-0000"),
        ("番号一覧 1 2 3 (03)1234-5678 (4)", "番号一覧 1 2 3 000-0000-0000 (4)"),
        ("전화 010-1234-5678입니다", "전화 000-0000-0000입니다"),
    ],
)
def test_masks_beside_characters_without_spaces(text: str, masked: str) -> None:
    assert mask_personal_data(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "版本1.2.3发布了",
        "2024-01-15 12:30:45 に更新",
        "std::vector を使う",
        "ISBN 978-7-111-12345-6",
        "身份证110101199003071234",
        "価格は3,000円、型番03-1234。",
        "2023-2024-0001",
        "比分是300.400.500.600",
        "型番03-1234-5678Aです",
        "電話03-1234-5678.5",
        "x03/1234-5678 TEL/03-1234-5678",
        "＠を使う",
        "",
    ],
)
def test_leaves_other_numbers_alone(text: str) -> None:
    assert find_personal_data(text) == []
    assert mask_personal_data(text).text == text


@given(
    st.lists(
        st.sampled_from(["漢字", "taro@example.jp", "は", "203.0.113.9", "13812345678", "，", "\n", "\ud800", "a"]),
        max_size=12,
    )
)
def test_offsets_lead_back_to_the_raw_text(parts: list[str]) -> None:
    raw = "".join(parts)
    masked = mask_personal_data(raw)
    assert len(masked.raw_offsets) == len(masked.text) + 1
    assert all(masked.raw_offsets[1:] >= masked.raw_offsets[:-1])
    assert masked.raw_offsets[-1] == len(raw)
    untouched = {place for start, end, _ in find_personal_data(raw) for place in range(start, end)}
    for place, character in enumerate(masked.text):
        if int(masked.raw_offsets[place]) not in untouched:
            assert raw[masked.raw_offsets[place]] == character
