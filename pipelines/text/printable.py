"""What text of the web may do to a terminal or a page that shows it: nothing."""

from __future__ import annotations

import json
import re

#: C0 and C1 controls but for tab and line end, DEL, line and paragraph separators, and lone surrogates.
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_ENDS = re.compile(r"[\t\n]+")
#: Every character that changes the direction of what follows (UAX #9): marks, embeddings, overrides, isolates.
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: First strong isolate and its end: what stands between does not reorder what stands around it.
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
#: Right-to-left letters: Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def printable(text: str, *, lines: bool = False) -> str:
    """``text`` as a terminal or an HTML page may show it, whoever wrote it.

    Control characters are taken out (an escape sequence loses its ESC and stays as plain letters), so are the
    characters that change the writing direction; text that holds letters written from right to left is isolated. Tabs
    and line ends become a space each unless ``lines`` are wanted; then every line is isolated by itself.

    >>> printable("\\x1b]0;owned\\x07題\\u202e名\\n二")
    ']0;owned題名 二'
    """
    text = _BIDI_CONTROLS.sub("", _CONTROLS.sub("", text))
    if lines:
        return "\n".join(map(_isolated, text.split("\n")))
    return _isolated(_LINE_ENDS.sub(" ", text))


def json_line(value: object) -> str:
    """``value`` as one line of JSON that a terminal may show: nothing is lost, for what acts is escaped.

    >>> json_line({"題": "\\x9b31m\\u202e名"})
    '{"題": "\\\\u009b31m\\\\u202e名"}'
    """
    line = json.dumps(value, ensure_ascii=False)
    for pattern in (_CONTROLS, _BIDI_CONTROLS):
        line = pattern.sub(lambda match: f"\\u{ord(match[0]):04x}", line)
    return line


def _isolated(line: str) -> str:
    return f"{_ISOLATE}{line}{_END_OF_ISOLATE}" if _RIGHT_TO_LEFT.search(line) else line
