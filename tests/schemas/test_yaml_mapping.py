"""YAML that is wrong in its text, its values or its shape."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.schemas.yaml_mapping import YAMLMappingError, read_yaml_mapping


def test_a_mapping_is_read() -> None:
    assert read_yaml_mapping("name: 漢字\nsources: {split_bytes: 4096}") == {
        "name": "漢字",
        "sources": {"split_bytes": 4096},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML: while parsing a flow"),
        ("", "found NoneType, expected a mapping"),
        ("- 国", "found list, expected a mapping"),
        ("a: 2026-13-01", "form or tag says .month must be"),
        ("a: !!int 国", "form or tag says .invalid literal"),
        ("a: !!timestamp 国", "form or tag says"),
        ("a: !!python/object/apply:os.system ['true']", "not YAML: could not determine a constructor"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("a: \0", "not YAML: unacceptable character"),
    ],
)
def test_what_is_wrong_is_one_kind_of_error_in_one_line(text: str, message: str) -> None:
    with pytest.raises(YAMLMappingError, match=message) as caught:
        read_yaml_mapping(text)
    assert "\n" not in str(caught.value)


@given(st.text(st.sampled_from("ab1:-[]{}&*!|>#?%@\"',. \n国~<"), max_size=60))
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    with suppress(YAMLMappingError):
        assert isinstance(read_yaml_mapping(text), dict)


@pytest.mark.parametrize("text", ["name: 甲\nname: 乙", "a: {漢: 1, 漢: 2}", "a:\n  - {b: 1, 'b': 2}"])
def test_a_key_that_stands_twice_is_named(text: str) -> None:
    with pytest.raises(YAMLMappingError, match=r"the key '(name|漢|b)' stands twice.*line"):
        read_yaml_mapping(text)


def test_merge_keys_are_no_keys_that_stand_twice() -> None:
    text = "base: &b {x: 1, y: 2}\nother: {<<: *b, y: 3}"
    assert read_yaml_mapping(text)["other"] == {"x": 1, "y": 3}
