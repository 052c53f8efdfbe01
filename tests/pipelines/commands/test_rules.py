"""``hanmill rules show``: what it tells a person to write is what a recipe takes."""

from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner

from hanmill.pipelines.clean.rules import check_rules, known_rules
from hanmill.pipelines.commands.main import main
from hanmill.schemas.recipe import RuleSetting


@pytest.mark.parametrize("name", sorted(known_rules()))
def test_the_recipe_shown_is_one(name: str) -> None:
    shown = CliRunner().invoke(main, ["rules", "show", name]).output
    recipe = yaml.safe_load(shown.partition("In a recipe of your own:")[2])
    check_rules([RuleSetting(name, **recipe["clean"]["rules"][name])])


def test_a_model_is_no_list() -> None:
    shown = CliRunner().invoke(main, ["rules", "show", "fasttext@1"]).output
    assert "names a model (file: PATH) and a label of it" in shown
