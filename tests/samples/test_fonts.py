from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from schemas.recipe_file import load_recipe

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


def test_a_web_font_comes_out_of_its_compression(fonts: ModuleType, tmp_path: Path) -> None:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupPost()
    builder.font.flavor = "woff"
    builder.save(tmp_path / "web.woff")
    fonts._take(tmp_path / "web.woff", tmp_path / "plain.ttf")
    assert (tmp_path / "plain.ttf").read_bytes()[:4] == b"\0\1\0\0"
    assert TTFont(tmp_path / "plain.ttf").getGlyphOrder() == [".notdef"]
