"""A recipe that extends another changes the rules it names and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.schemas.recipe import Recipe, RuleSetting
from hanmill.schemas.recipe_file import RecipeError, load_recipe
from hanmill.schemas.recipe_paths import without_folders


def extended(folder: Path, rules: str, parent: str = "demo") -> Recipe:
    path = folder / "mine.yaml"
    path.write_text(f"extends: {parent}\nname: mine\nclean: {{rules: {rules}}}\n", encoding="utf-8")
    return load_recipe(str(path))


def names(recipe: Recipe) -> list[str]:
    return [setting.rule for setting in recipe.clean.rules]


DEMO = names(load_recipe("demo"))


def test_a_mapping_changes_what_it_says_of_a_rule(tmp_path: Path) -> None:
    mine = extended(tmp_path, "{hiragana_ratio@2: {min: 0.2}}")
    assert names(mine) == DEMO
    changed = mine.clean.rules[DEMO.index("hiragana_ratio@2")]
    assert changed == RuleSetting("hiragana_ratio@2", min=0.2, scripts=("Jpan",), sources=("commoncrawl",))
    assert mine.clean.rules[0] == load_recipe("demo").clean.rules[0]


def test_null_removes_a_rule_and_a_new_one_comes_last(tmp_path: Path) -> None:
    mine = extended(tmp_path, "{latin_ratio@1: null, digit_ratio@1: {max: 0.3}}")
    assert names(mine) == [*(rule for rule in DEMO if rule != "latin_ratio@1"), "digit_ratio@1"]


def test_a_list_replaces_the_settings_of_the_rules_it_names(tmp_path: Path) -> None:
    mine = extended(tmp_path, "[{rule: characters@1, min: 7}]", "web")
    web = names(load_recipe("web"))
    assert names(mine) == [rule for place, rule in enumerate(web) if rule != "characters@1" or place == 0]
    assert mine.clean.rules[0] == RuleSetting("characters@1", min=7)
    assert extended(tmp_path, "[]", "web").clean.rules == ()


def test_several_settings_of_one_rule(tmp_path: Path) -> None:
    mine = extended(tmp_path, "{characters@1: {min: 200}}", "web")
    found = [setting for setting in mine.clean.rules if setting.rule == "characters@1"]
    assert [setting.min for setting in found] == [200.0] * 4
    assert found[0].sources == ("commoncrawl",)
    mine = extended(tmp_path, "{characters@1: [{min: 200}, {max: 9, sources: [wikipedia]}]}", "web")
    found = [setting for setting in mine.clean.rules if setting.rule == "characters@1"]
    assert found == [RuleSetting("characters@1", min=200), RuleSetting("characters@1", max=9, sources=("wikipedia",))]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("{no_such_rule@1: null}", "clean.rules.no_such_rule@1: found None, expected the name of a rule"),
        ("{latin_ratio@1: 3}", "clean.rules.latin_ratio@1: found 3, expected a setting"),
        ("7", "clean.rules: found 7, expected a list of rules"),
        ("{latin_ratio@1: {most: 3}}", "most"),
    ],
)
def test_what_changes_no_rule_is_refused(rules: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        extended(tmp_path, rules)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["extends: demo\n", "extends: demo\nname: demo\n"])
def test_a_recipe_that_extends_another_has_a_name_of_its_own(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match="found 'demo' of demo, expected a name of its own"):
        load_recipe(str(path))


def test_paths_are_from_the_folder_of_the_recipe_that_says_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "base.yaml").write_text(
        "name: base\nvocabulary: {characters: lists/han.txt}\n"
        "clean: {rules: {listed_words@1: {max: 3, file: words.txt}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "mine.yaml").write_text(
        "extends: base/base.yaml\nname: mine\nclean: {decontaminate: {files: [eval.json, /abs/eval.json]}}\n"
        "segment: {chinese: ltp, chinese_model: hub}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path / "base")
    mine = load_recipe(str(Path("..") / "mine.yaml"))
    assert mine.vocabulary.characters == str(tmp_path / "base" / "lists" / "han.txt")
    assert mine.clean.rules[0].file == str(tmp_path / "base" / "words.txt")
    assert mine.clean.decontaminate.files == (str(tmp_path / "eval.json"), "/abs/eval.json")
    assert mine.segment.chinese_model == "hub"
    told = without_folders(mine)
    assert told["vocabulary"]["characters"] == "han.txt"
    assert told["clean"]["decontaminate"]["files"] == ["eval.json", "eval.json"]
    assert str(tmp_path) not in str(told)


def test_settings_of_the_command_line_come_last() -> None:
    recipe = load_recipe("web", ["clean.languages=[zh]", "clean.rules.latin_ratio@1=null", "output.row_group_rows=9"])
    assert recipe.clean.languages == ("zh",)
    assert "latin_ratio@1" not in names(recipe)
    assert len(recipe.clean.rules) == len(load_recipe("web").clean.rules) - 1
    assert recipe.output.row_group_rows == 9
    for wrong in ("clean.languages", "=3", "clean..x=1", "a=[1"):
        with pytest.raises(RecipeError):
            load_recipe("web", [wrong])
    with pytest.raises(RecipeError, match=r"clean\.langs: found \['zh'\], expected no such key"):
        load_recipe("web", ["clean.langs=[zh]"])
