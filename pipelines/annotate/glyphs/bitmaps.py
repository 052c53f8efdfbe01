"""Characters as 24 x 24 pictures in three styles (ChineseBERT, section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import freetype
import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.annotate.glyphs.faces import Face, FaceError, find_face
from hanmill.schemas.corpus import GLYPH_SIZE
from hanmill.schemas.recipe import GlyphStyle

#: The em box is drawn at this many pixels, leaving one around it: strokes that leave the em box are kept.
_EM = 22
#: Share of the em box above the baseline in CJK fonts (their ideographic em box: 0.88 up, 0.12 down).
_ASCENT = 0.88
_OUTLINE_ONLY = freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP
#: Index of a face's sign for missing glyphs.
_NO_GLYPH = 0


@dataclass(frozen=True, slots=True)
class GlyphTable:
    """``bitmaps`` uint8 [V, S, 24, 24], 0 paper to 255 ink; ``missing`` bool [V, S]: no face of the style has it.

    ``fonts`` describes every face of every style: ``style``, ``name``, ``file``, ``sha256``, ``font``, ``licence``.
    """

    bitmaps: NDArray[np.uint8]
    missing: NDArray[np.bool_]
    fonts: list[dict[str, str]]


def render(codepoints: NDArray[np.uint32], styles: Sequence[GlyphStyle]) -> GlyphTable:
    """Draws every character in every style; the first face of a style that has ink for it is taken.

    A face has no ink for a character when its character map lacks it or what it maps to draws nothing. Characters
    are placed by their em box, so that 一, 丶 and 、 stand where they do in print. Raises FaceError for a face that
    cannot be read.
    """
    bitmaps = np.zeros((len(codepoints), len(styles), GLYPH_SIZE, GLYPH_SIZE), dtype=np.uint8)
    missing = np.ones((len(codepoints), len(styles)), dtype=bool)
    fonts = []
    for column, style in enumerate(styles):
        for name in style.faces:
            face = find_face(name)
            fonts.append({"style": style.name, **face.description()})
            pen = _Pen(face)
            for row in np.flatnonzero(missing[:, column]).tolist():
                glyph = pen.draw(int(codepoints[row]))
                if glyph is not None:
                    bitmaps[row, column] = glyph
                    missing[row, column] = False
    return GlyphTable(bitmaps, missing, fonts)


def open_faces(styles: Sequence[GlyphStyle]) -> None:
    """Raises FaceError for a face that ``render`` could not draw with."""
    for style in styles:
        for name in style.faces:
            _Pen(find_face(name))


class _Pen:
    """Draws single characters of one face, without hinting and without the face's own bitmaps.

    So the pixels follow from the outline alone and are the same in every version of the rasteriser.
    """

    def __init__(self, face: Face) -> None:
        try:
            self._face = freetype.Face(str(face.path), face.index)
            self._face.set_pixel_sizes(0, _EM)
        except freetype.FT_Exception as error:
            raise FaceError(f"face {face.name!r}: {error}") from error
        margin = (GLYPH_SIZE - _EM) / 2
        self._left, self._baseline = round(margin), round(margin + _ASCENT * _EM)

    def draw(self, codepoint: int) -> NDArray[np.uint8] | None:
        """uint8 [24, 24], or None where the face has no ink for the character."""
        index = self._face.get_char_index(codepoint) if codepoint else _NO_GLYPH
        if index == _NO_GLYPH:
            return None
        self._face.load_glyph(index, _OUTLINE_ONLY)
        slot = self._face.glyph
        bitmap = slot.bitmap
        width, height = bitmap.width, bitmap.rows
        left, top = self._left + slot.bitmap_left, self._baseline - slot.bitmap_top
        right, bottom = min(left + width, GLYPH_SIZE), min(top + height, GLYPH_SIZE)
        from_left, from_top = max(0, left), max(0, top)
        canvas = np.zeros((GLYPH_SIZE, GLYPH_SIZE), dtype=np.uint8)
        if from_left < right and from_top < bottom:
            # ``bitmap.buffer`` would make a Python list of it, at half the cost of the whole glyph.
            ink = np.ctypeslib.as_array(bitmap._FT_Bitmap.buffer, (height, bitmap.pitch))
            canvas[from_top:bottom, from_left:right] = ink[
                from_top - top : bottom - top, from_left - left : right - left
            ]
        return canvas if canvas.any() else None
