from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.text.characters import WHITE_SPACE, character_table, code_points, count_characters, tokenize
from tests.pipelines.annotate.texts import TEXTS, hostile_text


def test_white_space_is_what_python_calls_white_space() -> None:
    assert [chr(code) for code in np.flatnonzero(WHITE_SPACE)] == [
        chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()
    ]


def test_ids_positions_and_unknown_characters() -> None:
    table = character_table(np.array([0, *map(ord, "東京𠮷")], dtype=np.uint32))
    characters = tokenize(["東 京都", "", "𠮷\n東"], table)
    assert characters.ids.tolist() == [1, 2, 0, 3, 1]
    assert characters.ids.dtype == np.uint16
    assert characters.offsets.tolist() == [0, 3, 3, 5]
    assert characters.positions.tolist() == [0, 2, 3, 0, 2]


def test_a_table_of_more_than_65536_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="65,537; a 16-bit id holds 65,536"):
        character_table(np.arange(65_537, dtype=np.uint32))


def test_nothing_gives_nothing() -> None:
    assert tokenize([], np.zeros(0x110000, dtype=np.uint16)).offsets.tolist() == [0]
    codes, counts = count_characters([])
    assert codes.tolist() == []
    assert counts.tolist() == []


@given(st.lists(hostile_text, max_size=5))
def test_every_visible_character_once_in_order(texts: list[str]) -> None:
    codes = np.unique(code_points("".join(texts)))[:60_000]
    characters = tokenize(texts, character_table(np.concatenate(([0], codes)).astype(np.uint32)))
    for index, text in enumerate(texts):
        mine = slice(characters.offsets[index], characters.offsets[index + 1])
        assert [text[place] for place in characters.positions[mine]] == [c for c in text if not c.isspace()]
        assert [codes[i - 1] for i in characters.ids[mine]] == [ord(c) for c in text if not c.isspace()]


@given(st.lists(hostile_text, max_size=5))
def test_counts_are_those_of_a_counter(texts: list[str]) -> None:
    codes, counts = count_characters([*texts, *TEXTS])
    expected = Counter(c for text in (*texts, *TEXTS) for c in text if not c.isspace())
    assert dict(zip(map(chr, codes), counts.tolist(), strict=True)) == expected
    assert codes.dtype == np.uint32
    assert counts.dtype == np.uint64
    assert (np.diff(codes.astype(np.int64)) > 0).all()
