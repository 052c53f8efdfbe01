from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.clean.batch import Cleaner, Kept
from hanmill.pipelines.clean.masks import identity_numbers
from hanmill.pipelines.clean.masks.places import KINDS, MASKS, Kind, Place
from hanmill.pipelines.clean.personal_data import find_personal_data, mask_personal_data
from hanmill.pipelines.extract.document import Document, Reading
from hanmill.schemas.recipe import CleanRecipe, NormalizeRecipe

GOLD = Path(__file__).parent / "data" / "personal_data.tsv"
_MARKED = re.compile("⟦([a-z0-9_]+):(.*?)⟧")


def read_gold() -> list[tuple[str, str, list[Place]]]:
    """(language, text, places) of every line."""
    rows = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        lang, marked = line.split("\t")
        text, places, end = "", [], 0
        for match in _MARKED.finditer(marked):
            text += marked[end : match.start()]
            places.append(Place(len(text), len(text) + len(match[2]), match[1]))  # type: ignore[arg-type]
            text += match[2]
            end = match.end()
        rows.append((lang, text + marked[end:], places))
    return rows


def test_precision_and_recall_by_kind() -> None:
    right, found, wanted = Counter[Kind](), Counter[Kind](), Counter[Kind]()
    wrong = []
    for _, text, places in read_gold():
        masked = find_personal_data(text, KINDS)
        right.update(place.kind for place in masked if place in places)
        found.update(place.kind for place in masked)
        wanted.update(place.kind for place in places)
        if masked != places:
            wrong.append(text)
    assert not wrong
    for kind in KINDS:
        assert wanted[kind] >= 4
        assert right[kind] == found[kind] == wanted[kind], kind


def test_the_gold_file_is_half_traps_in_every_language() -> None:
    rows = read_gold()
    assert len(rows) >= 300
    assert sum(not places for _, _, places in rows) >= 150
    assert {lang for lang, _, _ in rows} == {"zh-Hans", "zh-Hant", "ja", "ko", "en"}
    for lang in ("zh-Hans", "zh-Hant", "ja", "ko", "en"):
        traps = sum(not places for one, _, places in rows if one == lang)
        assert 10 <= traps <= 0.75 * sum(one == lang for one, _, _ in rows), lang


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("箱zhang.san@example.cn谢", "箱email@example.com谢"),
        ("はtaro@example.jpへ", "はemail@example.comへ"),
        ("邮箱：a_b+c@mail.example.com.cn。", "邮箱：email@example.com。"),
        ("サーバーは133.11.48.20です", "サーバーは192.0.2.1です"),
        ("位址2404:6800:4012:1::200e。", "位址2001:db8::1。"),
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
        # Addresses of no host on the internet: private, for documentation, masks.
        "服务器 192.168.1.1 与 203.0.113.9，掩码 255.255.255.0",
        "位址2001:db8:85a3::8a2e:370:7334和fe80::1c2d:3e4f:5a6b:7c8d",
        *MASKS.values(),
    ],
)
def test_leaves_other_numbers_alone(text: str) -> None:
    assert find_personal_data(text) == []
    assert mask_personal_data(text).text == text


def test_numbers_of_documents_are_masked_where_a_recipe_asks() -> None:
    text = "身份证号 11010519491231002X，护照号 E12345678"
    assert mask_personal_data(text).counts == {}
    masked = mask_personal_data(text, ("identity_card", "passport"))
    assert masked.text == "身份证号 000000000000000000，护照号 X00000000"
    assert masked.counts == {"identity_card": 1, "passport": 1}


def test_check_digits_of_published_examples() -> None:
    """GB 11643-1999 annex; the ministry's examples of Taiwan and Hong Kong; a card of the networks' test numbers."""
    assert identity_numbers.is_mainland_number("11010519491231002X")
    assert not identity_numbers.is_mainland_number("110105194912310021")
    assert not identity_numbers.is_mainland_number("11010519491331002X")
    assert identity_numbers.is_taiwan_number("A123456789")
    assert not identity_numbers.is_taiwan_number("A123456788")
    assert identity_numbers.is_hong_kong_number("A123456(3)")
    assert not identity_numbers.is_hong_kong_number("A123456(4)")
    assert identity_numbers.is_my_number("123456789018")
    assert not identity_numbers.is_my_number("123456789012")
    assert identity_numbers.is_luhn("4111111111111111")
    assert not identity_numbers.is_luhn("4111111111111112")


@given(
    st.lists(
        st.sampled_from(
            ["漢字", "taro@example.jp", "は", "IP 133.11.48.20", "13812345678", "，", "\n", "\ud800", "a", "０９０－"]
        ),
        max_size=12,
    )
)
def test_offsets_lead_back_to_the_raw_text(parts: list[str]) -> None:
    raw = "".join(parts)
    masked = mask_personal_data(raw)
    assert len(masked.raw_offsets) == len(masked.text) + 1
    assert all(masked.raw_offsets[1:] >= masked.raw_offsets[:-1])
    assert masked.raw_offsets[-1] == len(raw)
    places = find_personal_data(raw)
    assert sum(masked.counts.values()) == len(places)
    touched = {offset for place in places for offset in range(place.start, place.end)}
    for place, character in enumerate(masked.text):
        if int(masked.raw_offsets[place]) not in touched:
            assert raw[masked.raw_offsets[place]] == character


def cleaned(text: str, recipe: CleanRecipe, readings: tuple[Reading, ...] = ()) -> Kept:
    document = Document("commoncrawl", "1", "", "", "", "", text, "file:1", readings=readings)
    (kept,) = Cleaner(recipe, NormalizeRecipe(form="NFKC")).clean([document])
    assert isinstance(kept, Kept)
    return kept


def test_the_cleaner_keeps_what_stood_there_counts_it_and_moves_readings() -> None:
    text = "連絡はtaro@iij.ad.jp、電話は０３－３５８０－３３１１、担当は山田。"
    start = text.index("山田")
    kept = cleaned(text, CleanRecipe(mask_personal_data=True), (Reading(start, start + 2, "やまだ"),))
    assert kept.document.text == "連絡はemail@example.com、電話は000-0000-0000、担当は山田。"
    assert kept.raw == text
    assert kept.masked == {"email": 1, "phone": 1}
    (reading,) = kept.document.readings
    assert kept.document.text[reading.start : reading.end] == "山田"


def test_masking_is_what_the_recipe_says() -> None:
    text = "電話は03-3580-3311、マイナンバーは123456789018です。"
    assert cleaned(text, CleanRecipe()).masked == {}
    kept = cleaned(text, CleanRecipe(mask_numbers=("identity_card",)))
    assert kept.masked == {"identity_card": 1}
    assert "03-3580-3311" in kept.document.text


@pytest.mark.parametrize(
    ("is_valid", "body", "check", "behind"),
    [
        (identity_numbers.is_mainland_number, "44052418800101001", "4", ""),
        (identity_numbers.is_mainland_number, "65432119870623987", "3", ""),
        (identity_numbers.is_taiwan_number, "Z29876543", "8", ""),
        (identity_numbers.is_my_number, "98765432198", "0", ""),
        (identity_numbers.is_my_number, "11111111111", "8", ""),
        (identity_numbers.is_luhn, "356999999999999", "8", ""),
        (identity_numbers.is_hong_kong_number, "AB987654(", "3", ")"),
    ],
)
def test_one_check_digit_in_ten(is_valid: Callable[[str], bool], body: str, check: str, behind: str) -> None:
    found = [
        digit for digit in "0123456789XA" if (digit.isdigit() or check == digit) and is_valid(body + digit + behind)
    ]
    assert found == [check]
