"""Characters as 24 x 24 pictures in three styles (ChineseBERT, section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from pipelines.annotate.faces import Face, FaceError, find_face
from schemas.corpus import GLYPH_SIZE
from schemas.recipe import GlyphStyle

#: The em box is drawn at this many pixels, leaving one around it: strokes that leave the em box are kept.
_EM = 22
#: Share of the em box above the baseline in CJK fonts (their ideographic em box: 0.88 up, 0.12 down).
_ASCENT = 0.88
_NONCHARACTER = "\uffff"


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

    A face has no ink for a character when it draws nothing, or its sign for missing glyphs, whatever its character
    map says. Characters are placed by their em box, so that 一, 丶 and 、 stand where they do in print. Raises
    FaceError for a face that cannot be read.
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


class _Pen:
    """Draws single characters of one face."""

    def __init__(self, face: Face) -> None:
        try:
            self._font = ImageFont.truetype(str(face.path), _EM, index=face.index, layout_engine=ImageFont.Layout.BASIC)
        except OSError as error:
            raise FaceError(f"face {face.name!r}: {error}") from error
        margin = (GLYPH_SIZE - _EM) / 2
        self._left, self._baseline = round(margin), round(margin + _ASCENT * _EM)
        self._no_glyph = self._pixels(_NONCHARACTER).tobytes()

    def draw(self, codepoint: int) -> NDArray[np.uint8] | None:
        """uint8 [24, 24], or None where the face has no ink for the character."""
        if codepoint == 0 or 0xD800 <= codepoint < 0xE000:
            return None
        pixels = self._pixels(chr(codepoint))
        return pixels if pixels.any() and pixels.tobytes() != self._no_glyph else None

    def _pixels(self, character: str) -> NDArray[np.uint8]:
        canvas = np.zeros((GLYPH_SIZE, GLYPH_SIZE), dtype=np.uint8)
        mask, (x, y) = self._font.getmask2(character, mode="L", anchor="ls")
        width, height = mask.size
        left, top = x + self._left, y + self._baseline
        right, bottom = min(left + width, GLYPH_SIZE), min(top + height, GLYPH_SIZE)
        from_left, from_top = max(0, left), max(0, top)
        if from_left < right and from_top < bottom:
            ink = np.frombuffer(bytes(mask), dtype=np.uint8).reshape(height, width)
            canvas[from_top:bottom, from_left:right] = ink[
                from_top - top : bottom - top, from_left - left : right - left
            ]
        return canvas
