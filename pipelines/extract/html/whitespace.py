"""White space of HTML text: collapsed as browsers do, without the spaces line ends put into Chinese and Japanese."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Noncharacters that mark the base of a reading until its place in the text is known.
READING_START, READING_END = "\ufdd0", "\ufdd1"
_MARKERS = re.compile("[\ufdd0\ufdd1]")
#: Characters written without spaces: Han, kana, Bopomofo and full-width forms; Korean has spaces.
_WIDE = (
    "\u2e80-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff9f\U00020000-\U0003ffff"
)
#: A line end of the source (``\r`` here; ``\n`` is one of preformatted text) between two of them.
_SOURCE_BREAK = re.compile(f"(?<=[{_WIDE}])([\ufdd0\ufdd1]*)[ \t]*\r[ \t\r]*(?=[\ufdd0\ufdd1]*[{_WIDE}“‘])")
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_LINE_ENDS = re.compile(r"[ \t\r]*\n")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u200b\ufeff\ufffd\ufffe\uffff\ue000-\uf8ff]")


def strip_markers(text: str) -> str:
    """The text without the two noncharacters this module uses."""
    return _MARKERS.sub("", text) if READING_START in text or READING_END in text else text


def collapse(raw: str, readings: Sequence[str]) -> tuple[str, list[tuple[int, int, str]]]:
    """Collapses white space of one block; ``\\r`` stands for a line end in the source.

    ``\\n`` stands in preformatted text only, whose white space is kept. Returns the text and the spans
    (start, end, reading) of the marked bases, in code points of the text. Control characters, zero-width spaces,
    private use and U+FFFD are left out: they carry no text.
    """
    text = _UNREADABLE.sub("", raw)
    if "\r" in text:
        text = _SOURCE_BREAK.sub(r"\1", text)
    if "\n" in text:
        text = _LINE_ENDS.sub("\n", text.replace("\xa0", " ")).strip("\n ")
    else:
        text = _SPACES.sub(" ", text).strip(" \u3000")
    if not readings:
        return text, []
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
