"""``hanmill glyphs``: looks at the glyph pictures of a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

if TYPE_CHECKING:
    from hanmill.pipelines.annotate.glyphs.bitmaps import GlyphTable
    from hanmill.schemas.recipe import GlyphStyle


@click.group()
def glyphs() -> None:
    """Characters as pictures, in the styles of a recipe."""


_RECIPE = click.option("--recipe", "recipe_name", default="demo", show_default=True, help="Whose styles are drawn.")


@glyphs.command()
@click.option("--text", required=True, help="The characters to draw.")
@click.option("--png", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--scale", type=click.IntRange(1, 16), default=2, show_default=True, help="Pixels per pixel.")
@_RECIPE
def sheet(text: str, png: Path, scale: int, recipe_name: str) -> None:
    """Writes a contact sheet: one row per style, grey where no face has the character."""
    from hanmill.pipelines.annotate.glyphs.contact_sheet import contact_sheet

    codepoints = np.array([ord(character) for character in text if not character.isspace()], dtype=np.uint32)
    if not len(codepoints):
        raise click.ClickException("--text: no character to draw")
    styles = _styles(recipe_name)
    picture = contact_sheet(_render(codepoints, styles), scale=scale)
    try:
        picture.save(png, format="PNG")
    except OSError as error:
        raise click.ClickException(f"{png}: {error.strerror}") from error
    click.echo(f"{png}: {len(codepoints)} characters, styles {', '.join(style.name for style in styles)}")


@glyphs.command()
@click.option("--characters", type=click.Path(dir_okay=False), help="A vocabulary file; without one, all Han and kana.")
@_RECIPE
def coverage(characters: str | None, recipe_name: str) -> None:
    """Prints a table: per Unicode block and style, how many characters the faces draw and which they lack."""
    from hanmill.pipelines.annotate.glyphs.contact_sheet import coverage as count
    from hanmill.pipelines.vocabulary.characters import VocabularyError, read_vocabulary

    points: Sequence[int] = [
        *range(0x3041, 0x3097),
        *range(0x30A1, 0x30FF),
        *range(0x3400, 0x4DC0),
        *range(0x4E00, 0xA000),
    ]
    if characters is not None:
        try:
            points = read_vocabulary(Path(characters))
        except VocabularyError as error:
            raise click.ClickException(str(error)) from error
    codepoints = np.array(points, dtype=np.uint32)
    styles = _styles(recipe_name)
    table = _render(codepoints, styles)
    click.echo("block\tstyle\tcharacters\tdrawn\tlacking")
    for row in count(codepoints, table.missing, [style.name for style in styles]):
        click.echo(f"{row.block}\t{row.style}\t{row.characters}\t{row.drawn}\t{row.examples}")
    for font in table.fonts:
        licence = font["licence"].partition(". ")[0]
        click.echo(f"# {font['style']}: {font['name']} ({font['font']}), sha256 {font['sha256']}, {licence}")


def _styles(recipe_name: str) -> Sequence[GlyphStyle]:
    from hanmill.schemas.recipe_file import RecipeError, load_recipe

    try:
        styles = load_recipe(recipe_name).glyphs.styles
    except RecipeError as error:
        raise click.ClickException(str(error)) from error
    if not styles:
        raise click.ClickException(f"recipe {recipe_name}: glyphs.styles is empty, so it draws none")
    return styles


def _render(codepoints: np.ndarray, styles: Sequence[GlyphStyle]) -> GlyphTable:
    from hanmill.pipelines.annotate.glyphs.bitmaps import render
    from hanmill.pipelines.annotate.glyphs.faces import FaceError

    try:
        return render(codepoints, styles)
    except FaceError as error:
        raise click.ClickException(str(error)) from error
