"""The arithmetic of ``{{#expr:…}}``."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.wikitext.expression import ExpressionError, evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("2019 - 1868 + 1", "152"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) × 3", "9"),
        ("2 ^ 3 ^ 2", "64"),
        ("-2 ^ 2", "4"),
        ("-7 mod 3", "-1"),
        ("100 ÷ 8", "12.5"),
        ("1 / 3", "0.33333333333333"),
        ("2 / 3 round 2", "0.67"),
        ("1.5e3 + 0.5", "1500.5"),
        ("1949 >= 1950 or not 0", "1"),
        ("3 <> 3", "0"),
        ("ceil 1.2 + floor(2.9) + trunc(-1.5) + abs(-4)", "7"),
        ("-1234.5 round -2", "-1200"),
        ("10^14 + 1", "100000000000001"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "division by zero"),
        ("5 mod 0.5", "division by zero"),
        ("1 +", "expected: a number; found: the end"),
        ("(1", "expected: a closing bracket"),
        ("1 2", "expected: an operator; found: '2'"),
        ("平成31", "expected: an expression; found: '平成31'"),
        ("10 ^ 400", "no value"),
        ("(-8) ^ 0.5", "to the power of"),
        ("floor(1e308*10 - 1e308*10)", "cannot convert float NaN"),
        ("(1e308*10 - 1e308*10) round 2", "cannot convert float NaN"),
        ("1 round 999", "digits to round to: 999; expected: -100 to 100"),
        ("(" * 99 + "1", "nested too deeply"),
        ("1+" * 600 + "1", "characters: 1,201; at most: 1,000"),
    ],
)
def test_what_has_no_value(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(message)):
        evaluate(text)


@given(st.text(alphabet="0123456789.+-*/^()e <>=roundmodnotceil", max_size=40))
def test_any_text_has_a_number_for_value_or_none(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        assert evaluate(text) == "" or abs(float(evaluate(text))) <= 1e100


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_integers_as_in_python(first: int, second: int, third: int) -> None:
    assert evaluate(f"{first} + {second} * {third}") == str(first + second * third)
    assert evaluate(f"({first} - {second}) mod {third}") == str(abs(first - second) % third * (-1) ** (first < second))
