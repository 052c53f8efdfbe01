"""What a glyph table looks like: a contact sheet as a picture, coverage as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hanmill.pipelines.annotate.glyphs.bitmaps import GlyphTable

_GAP = 2
_PAPER, _GAP_GREY = 255, 208


@dataclass(frozen=True, slots=True)
class Coverage:
    """Characters of a block that a style draws: ``drawn`` of ``characters``; ``examples`` of those it does not."""

    block: str
    style: str
    characters: int
    drawn: int
    examples: str


#: First code points of the blocks counted (Unicode, Blocks.txt), ascending; "" is everything else.
_BLOCKS = (
    (0x0000, "Latin and other"),
    (0x2E80, "CJK radicals"),
    (0x3000, "CJK symbols"),
    (0x3041, "hiragana"),
    (0x30A0, "katakana"),
    (0x3100, "bopomofo and other"),
    (0x3400, "CJK extension A"),
    (0x4DC0, "other"),
    (0x4E00, "CJK unified"),
    (0xA000, "other"),
    (0xAC00, "hangul"),
    (0xD7B0, "other"),
    (0xF900, "CJK compatibility"),
    (0xFB00, "other"),
    (0xFF00, "full-width forms"),
    (0xFFF0, "other"),
    (0x20000, "CJK extension B and on"),
    (0x40000, "other"),
)


def contact_sheet(table: GlyphTable, columns: int = 32, scale: int = 2) -> Image.Image:
    """A grey picture: a row of cells per style, wrapped after ``columns`` characters; a missing glyph is grey."""
    count, styles = table.missing.shape
    size = table.bitmaps.shape[-1]
    columns = max(1, min(columns, count))
    cell = size + _GAP
    bands = -(-count // columns)
    picture = np.full((bands * styles * cell + _GAP, columns * cell + _GAP), _GAP_GREY, dtype=np.uint8)
    for index in range(count):
        for style in range(styles):
            if table.missing[index, style]:
                continue
            top = (index // columns * styles + style) * cell + _GAP
            left = index % columns * cell + _GAP
            picture[top : top + size, left : left + size] = _PAPER - table.bitmaps[index, style]
    sheet = Image.fromarray(picture)
    return sheet.resize((sheet.width * scale, sheet.height * scale), Image.Resampling.NEAREST)


def coverage(codepoints: NDArray[np.uint32], missing: NDArray[np.bool_], styles: Sequence[str]) -> list[Coverage]:
    """One row per block that has characters and style, blocks in order of code points."""
    firsts = np.array([first for first, _ in _BLOCKS])
    block_of = np.searchsorted(firsts, codepoints, side="right") - 1
    rows = []
    for block in np.unique(block_of).tolist():
        inside = block_of == block
        for column, style in enumerate(styles):
            lost = codepoints[inside & missing[:, column]]
            examples = "".join(chr(code) for code in lost[:8].tolist() if not 0xD800 <= code < 0xE000)
            rows.append(Coverage(_BLOCKS[block][1], style, int(inside.sum()), int(inside.sum()) - len(lost), examples))
    return rows
