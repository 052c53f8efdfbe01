"""The glyphs of the commonest characters as one picture in the page."""

from __future__ import annotations

import base64
import io

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from hanmill.schemas.corpus import GLYPH_FONTS, GLYPH_SIZE
from hanmill.schemas.location import Location, parquet_source

_COLUMNS, _CHARACTERS = 32, 96
_HAN = range(0x4E00, 0xA000)


def glyph_sheet(glyphs: Location, characters: Location) -> str:
    """The first Han characters of a table, three styles of each one below the other."""
    points = pq.read_table(parquet_source(characters), columns=["codepoint"])["codepoint"].to_pylist()
    chosen = [index for index, point in enumerate(points) if point in _HAN][:_CHARACTERS]
    if not chosen:
        return "<p>No Han character in the vocabulary.</p>"
    column = pq.read_table(parquet_source(glyphs), columns=["bitmaps"])["bitmaps"]
    cells = np.stack([np.frombuffer(column[index].as_py(), np.uint8) for index in chosen])
    rows = -(-len(cells) // _COLUMNS)
    sheet = np.zeros((rows * _COLUMNS, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    sheet[: len(cells)] = cells.reshape(-1, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE)
    picture = sheet.reshape(rows, _COLUMNS, GLYPH_FONTS, GLYPH_SIZE, GLYPH_SIZE).transpose(0, 2, 3, 1, 4)
    buffer = io.BytesIO()
    image = Image.fromarray(255 - picture.reshape(-1, _COLUMNS * GLYPH_SIZE))
    image.save(buffer, "PNG")
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<div class="box"><img class="glyphs" width="{image.width}" height="{image.height}" '
        f'alt="three styles of each character" src="data:image/png;base64,{encoded}"></div>'
    )
