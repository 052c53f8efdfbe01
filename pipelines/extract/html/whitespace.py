"""White space of HTML text: collapsed as browsers do, without the spaces line ends put into Chinese and Japanese."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Noncharacters that mark the base of a reading until its place in the text is known.
READING_START, READING_END = "\ufdd0", "\ufdd1"
#: A line end of preformatted text; those of other source text are white space.
LINE_END = "\x0b"
#: Characters written without spaces: Han, kana, Bopomofo and full-width forms; Korean has spaces.
_WIDE = (
    "\u2e80-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff9f\U00020000-\U0003ffff"
)
#: A line end of the source between two of them.
_SOURCE_BREAK = re.compile(f"(?<=[{_WIDE}])([\ufdd0\ufdd1]*)[ \t]*\n[ \t\n]*(?=[\ufdd0\ufdd1]*[{_WIDE}“‘])")
_SPACES = re.compile(r"[ \t\n\f\xa0]+")
_LINE_ENDS = re.compile(r"[ \t]*\x0b")
_UNREADABLE = re.compile("[\x00-\x08\x0d-\x1f\x7f-\x9f\xad\u200b\ud800-\udfff\ufeff\ufffd\ufffe\uffff\ue000-\uf8ff]")


def without_marks(text: str) -> str:
    """The text without the three characters this module uses for its own marks; no page has a use for them."""
    for mark in (READING_START, READING_END, LINE_END):
        if mark in text:
            text = text.replace(mark, "")
    return text


def collapse(raw: str, readings: Sequence[str]) -> tuple[str, list[tuple[int, int, str]]]:
    """Collapses white space of one block, in which ``LINE_END`` ends lines.

    Returns the text and the spans (start, end, reading) of the marked bases, in code points of the text. What
    carries no text is left out: control characters, zero-width spaces, private use and U+FFFD.
    """
    text = _UNREADABLE.sub("", raw)
    if "\n" in text:
        text = _SOURCE_BREAK.sub(r"\1", text)
    if LINE_END in text:
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
