"""Texts to train a quality scorer on, from any file that the source ``tables`` reads; plain text a text a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hanmill.pipelines.sources.records import RawPage
from hanmill.pipelines.sources.tables.reader import plan_splits, read_split
from hanmill.pipelines.training.quality_training import QualityTextError, TextFile
from hanmill.schemas.recipe import TablesRecipe

#: Texts are looked at in pieces like pages, so that a book does not weigh as much as a paragraph.
PIECE_CHARACTERS = 2_000
_ENDS = "。！？!?\n"
_WHOLE = 1 << 62


def texts_of(path: Path, column: str) -> Iterator[str]:
    """The texts of a file in its order; rows that cannot be read are passed over.

    Raises TableFileError for a file of another kind or without the column.
    """
    settings = TablesRecipe(text=column, lines=True)
    for split in plan_splits(str(path), _WHOLE, settings):
        for record in read_split(split, settings):
            if isinstance(record, RawPage):
                yield record.content if isinstance(record.content, str) else record.content.decode("utf-8", "replace")


def read_texts(path: Path, good: bool, column: str, characters: int) -> TextFile:
    """Pieces of a file's texts, ``characters`` at most, taken from all of the file evenly.

    Raises TableFileError, and QualityTextError for a file without text.
    """
    pieces = [piece for text in texts_of(path, column) for piece in _pieces(text)]
    if not pieces:
        raise QualityTextError(f"{path}: found no text, expected some in {column}")
    step = max(1, -(-sum(map(len, pieces)) // characters))
    return TextFile(path.name, good, tuple(pieces[::step]))


def _pieces(text: str) -> Iterator[str]:
    """Pieces that end where a sentence or a line does: one cut in the middle would look like none."""
    start = 0
    while start < len(text):
        end = start + PIECE_CHARACTERS
        if end < len(text):
            marks = (text.rfind(mark, start + PIECE_CHARACTERS // 2, end) for mark in _ENDS)
            end = max(marks) + 1 or end
        piece = text[start:end].strip()
        if piece and (not start or len(piece) > PIECE_CHARACTERS // 4):
            yield piece
        start = end
