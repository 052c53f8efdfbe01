from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.text.printable import printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b]0;pwned\x07標題", "]0;pwned標題"),
        ("\x9b31m赤い\x9b0m", "31m赤い0m"),
        ("一\r二\b三\x7f", "一二三"),
        ("題\u202e名\u2066", "題名"),
        ("一\n二\t三", "一 二 三"),
        ("a\u2028b\u0085c", "abc"),
        ("書名 שלום", "\u2068書名 שלום\u2069"),
        ("𠮷野家 👩‍👩‍👧 葛\U000e0100飾", "𠮷野家 👩‍👩‍👧 葛\U000e0100飾"),
        ("\ud800漢", "漢"),
        ("", ""),
    ],
)
def test_what_a_terminal_gets(raw: str, shown: str) -> None:
    assert printable(raw) == shown


def test_lines_stay_where_they_are_wanted_and_are_isolated_one_by_one() -> None:
    assert printable("一\nשלום\n\x1b[2J三", lines=True) == "一\n\u2068שלום\u2069\n[2J三"


@given(st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x07\x9b\u202e\u2067\n\r漢あא")), max_size=60))
def test_no_control_and_no_open_isolate_remains(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in shown)
    assert shown.count("\u2068") == shown.count("\u2069")
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
    shown.encode()
