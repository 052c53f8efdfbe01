from __future__ import annotations

import pytest

from hanmill.schemas.recipe import Recipe, RuleSetting
from hanmill.schemas.typed_mapping import SettingError, from_mapping, to_mapping


def test_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(SettingError, match=r"clean\.langauges: found \['ja'\], expected no such key.*'languages'"):
        from_mapping(Recipe, {"name": "x", "clean": {"langauges": ["ja"]}})


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        ({"name": 3}, "name", "text"),
        ({"name": "x", "output": {"row_group_rows": "many"}}, "output.row_group_rows", "a whole number"),
        ({"name": "x", "output": {"row_group_rows": True}}, "output.row_group_rows", "a whole number"),
        ({"name": "x", "readings": {"pinyin": "yes"}}, "readings.pinyin", "true or false"),
        ({"name": "x", "normalize": {"form": "NFD"}}, "normalize.form", "one of 'NFC', 'NFKC'"),
        ({"name": "x", "clean": {"rules": {"a": 1}}}, "clean.rules", "a list, each a mapping with rule"),
        ({"name": "x", "clean": {"rules": [{"rule": "hiragana", "min": 0.1}]}}, "clean.rules[0]", "with its version"),
        ({"name": "x", "clean": {"rules": [{"rule": "hiragana_ratio@1"}]}}, "clean.rules[0]", "a threshold"),
        ({"name": "x", "output": {"validation_share": 1.0}}, "output", "validation_share from 0"),
        ({"name": "x", "clean": {"rules": [{"rule": "a@1", "min": float("nan")}]}}, "clean.rules[0].min", "finite"),
        ({"name": "x", "deduplicate": {"lines": 1 << 63}}, "deduplicate.lines", "a whole number of 64 bits"),
        ({"name": "語\n料"}, "recipe", "a name of printable characters"),
        ({"name": " "}, "recipe", "a name of printable characters"),
        ({"name": "x", "glyphs": {"styles": [{"name": "宋", "faces": ["a"]}]}}, "glyphs", "three styles"),
        ({}, "name", "a value: the key is required"),
        ([], "recipe", "a mapping with name"),
    ],
)
def test_error_names_key_value_and_expectation(value: object, key: str, expected: str) -> None:
    with pytest.raises(SettingError) as caught:
        from_mapping(Recipe, value)
    assert str(caught.value).startswith(f"{key}: found ")
    assert expected in str(caught.value)


def test_a_value_made_huge_by_aliases_is_shown_in_part() -> None:
    value: list[object] = ["笑"] * 9
    for _ in range(30):
        value = [value] * 9
    with pytest.raises(SettingError) as caught:
        from_mapping(Recipe, {"name": value})
    assert len(str(caught.value)) < 10_000


def test_round_trip_keeps_every_setting() -> None:
    rule = RuleSetting("hiragana_ratio@1", min=0.1, scripts=("Jpan",))
    recipe = from_mapping(Recipe, {"name": "x", "clean": {"rules": [to_mapping(rule)]}})
    assert recipe.clean.rules == (rule,)
    assert from_mapping(Recipe, to_mapping(recipe)) == recipe


def test_whole_number_serves_as_number() -> None:
    assert from_mapping(RuleSetting, {"rule": "length@1", "min": 200}).min == 200.0
