from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.schemas.recipe_file import BUILT_IN, RecipeError, dump_recipe, load_recipe


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_recipe_loads_and_survives_its_own_dump(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    written = tmp_path / "again.yaml"
    written.write_text(dump_recipe(recipe), encoding="utf-8")
    assert load_recipe(str(written)) == recipe


def test_extends_overrides_only_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: demo\nname: mine\noutput: {row_group_rows: 7}\n", encoding="utf-8")
    mine, demo = load_recipe(str(path)), load_recipe("demo")
    assert (mine.name, mine.output.row_group_rows) == ("mine", 7)
    assert mine.output.validation_share == demo.output.validation_share
    assert mine.glyphs == demo.glyphs


def test_extends_a_file_beside_it_and_finds_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("name: 乙\n", encoding="utf-8")
    assert load_recipe(str(tmp_path / "a.yaml")).name == "乙"
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="extends itself"):
        load_recipe(str(tmp_path / "a.yaml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2", "not YAML"),
        ("- a", "found list, expected a mapping"),
        ("name: x\nnormalise: {}", "normalise: found {}, expected no such key"),
        ("name: x\nextends: 3", "extends: found 3"),
        ("extends: nowhere.yaml", "no such file"),
        ("name: !!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_bad_recipe_names_the_file_and_the_fault(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(str(path))
    assert "bad.yaml" in str(caught.value)
    assert message in str(caught.value)


def test_unknown_name_lists_the_built_in_ones() -> None:
    with pytest.raises(RecipeError, match="built in: unihanlm, chinesebert, mlma, mom, demo, web"):
        load_recipe("bert")
