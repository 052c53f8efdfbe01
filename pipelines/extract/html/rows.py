"""Rows of tables: of data, or there for the layout of a page."""

from __future__ import annotations

from collections.abc import Iterable

from hanmill.pipelines.extract.html.blocks import Block

#: Longer text in a cell of a table is a paragraph.
_CELL_CHARACTERS = 120


def data_rows(blocks: Iterable[Block]) -> dict[int, int]:
    """Numbers of the rows that hold data, one short line a cell, with their number of cells."""
    cells: dict[int, list[Block]] = {}
    for block in blocks:
        if block.row:
            cells.setdefault(block.row, []).append(block)
    return {
        row: len(found)
        for row, found in cells.items()
        if len({block.container for block in found}) == len(found)
        and all(len(block.text) <= _CELL_CHARACTERS and "\n" not in block.text for block in found)
    }
