"""White space of HTML text: collapsed as browsers do, without the spaces line ends put into Chinese and Japanese."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Noncharacters that mark the base of a reading until its place in the text is known.
READING_START, READING_END = "\ufdd0", "\ufdd1"
#: A noncharacter between the blocks of a page, which are collapsed together.
BLOCK_END = "\ufdd2"
#: A line end of preformatted text; those of other source text are white space.
LINE_END = "\x0b"
#: A noncharacter where a formula stood whose sentence is to go.
FORMULA = "\ufdd3"
#: Characters written without spaces: Han, kana, Bopomofo and full-width forms; Korean has spaces.
_WIDE = (
    "\u2e80-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff9f\U00020000-\U0003ffff"
)
#: A line end of the source between two of them, white space around it removed.
_SOURCE_BREAK = re.compile(f"\n(?<=[{_WIDE}]\n)(?=[{_WIDE}“‘])")
#: The same beside marks of readings, which are rare and cost a search at every character.
_MARKED_BREAK = re.compile(f"(?<=[{_WIDE}])([\ufdd0\ufdd1]*)\n(?=[\ufdd0\ufdd1]*[{_WIDE}“‘])")
#: Wide spaces of the source indent paragraphs; those within a line part its words.
_SPACES = " \u3000\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_LINE_ENDS = re.compile(r"[ \t]*\x0b")
_UNREADABLE = re.compile(
    "[\x00-\x08\x0d-\x1f\x7f-\x9f\xad\u200b\u2060-\u2064\ud800-\udfff\ufeff\ufffd\ufffe\uffff\ue000-\uf8ff]"
)


def without_marks(text: str) -> str:
    """The text without the characters this module uses for its own marks; no page has a use for them."""
    for mark in (READING_START, READING_END, BLOCK_END, LINE_END, FORMULA):
        if mark in text:
            text = text.replace(mark, "")
    return text


def collapse(blocks: str) -> list[str]:
    """Collapses white space of blocks that ``BLOCK_END`` separates; returns one text per block, empty ones too.

    ``LINE_END`` ends the lines of preformatted blocks. What carries no text is left out: control characters,
    zero-width spaces, private use and U+FFFD. Marks of readings stay.
    """
    blocks = _UNREADABLE.sub("", blocks)
    if LINE_END not in blocks:
        return _flowing(blocks)
    raw = blocks.split(BLOCK_END)
    flowing = _flowing(BLOCK_END.join("" if LINE_END in block else block for block in raw))
    return [
        _LINE_ENDS.sub("\n", block.replace("\xa0", " ")).strip("\n ") if LINE_END in block else text
        for block, text in zip(raw, flowing, strict=True)
    ]


def _flowing(blocks: str) -> list[str]:
    # Replacing strings at memory speed: a regular expression would stop at every space of every word.
    blocks = _squeezed(blocks.replace("\t", " "), " ")
    if "\n" in blocks:
        blocks = _squeezed(blocks.replace(" \n", "\n").replace("\n ", "\n"), "\n")
        blocks = _MARKED_BREAK.sub(r"\1", blocks) if READING_START in blocks else _SOURCE_BREAK.sub("", blocks)
    for space in "\n\f\xa0":
        blocks = blocks.replace(space, " ")
    return [block.strip(_SPACES) for block in _squeezed(blocks, " ").split(BLOCK_END)]


def _squeezed(text: str, space: str) -> str:
    """Every run of ``space`` as one."""
    while space * 2 in text:
        text = text.replace(space * 2, space)
    return text


def take_readings(text: str, readings: Sequence[str]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text without its marks, and the spans (start, end, reading) of the marked bases, in its code points."""
    parts, spans, length = [], [], 0
    for number, piece in enumerate(text.split(READING_START)):
        if number:
            base, _, rest = piece.partition(READING_END)
            if base:
                spans.append((length, length + len(base), readings[number - 1]))
            piece = base + rest
        parts.append(piece)
        length += len(piece)
    return "".join(parts), spans
