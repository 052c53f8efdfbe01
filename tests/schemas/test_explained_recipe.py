from __future__ import annotations

import pytest
import yaml

from hanmill.schemas.explained_recipe import explained_recipe
from hanmill.schemas.recipe_file import BUILT_IN, dump_recipe, load_recipe


@pytest.mark.parametrize("name", BUILT_IN)
def test_comments_change_nothing(name: str) -> None:
    recipe = load_recipe(name)
    text = explained_recipe(recipe)
    assert yaml.safe_load(text) == yaml.safe_load(dump_recipe(recipe))
    assert "  wikipedia:\n    # Which pages of a dump are kept, and how much of each." in text
    assert max(map(len, text.splitlines())) <= 120
