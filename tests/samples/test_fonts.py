from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hanmill.schemas.recipe_file import load_recipe

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def fonts() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docker_fonts", REPOSITORY / "docker" / "fonts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_recipe_names_the_fonts_that_are_fetched(fonts: ModuleType) -> None:
    recipe = load_recipe(str(REPOSITORY / "samples" / "recipes" / "chinesebert-fonts.yaml"))
    assert [style.name for style in recipe.glyphs.styles] == ["fangsong", "xingkai", "brush"]
    named = {face for style in recipe.glyphs.styles for face in style.faces}
    assert named == {f"fonts/{font.name}" for font in fonts.FONTS}
    assert recipe.for_model == "chinesebert"


def test_a_font_with_other_bytes_is_refused(fonts: ModuleType, tmp_path: Path) -> None:
    for font in fonts.FONTS:
        (tmp_path / font.name).write_bytes(b"another font")
    with pytest.raises(
        ValueError, match=r"FandolFang-Regular\.otf of texlive-lang-chinese=.*: found sha256 .*, expected"
    ):
        fonts.fetch(tmp_path)
