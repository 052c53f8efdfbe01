"""From marked text to paragraphs: quotes, repaired brackets, lines, entities, readings with exact places."""

from __future__ import annotations

import re
from html.entities import html5

from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.extract.formulas.sentences import without_marked_sentences
from hanmill.pipelines.extract.wikitext.holes import with_holes
from hanmill.pipelines.extract.wikitext.lines import paragraphs
from hanmill.pipelines.extract.wikitext.magic_words import SWITCH
from hanmill.pipelines.extract.wikitext.marks import BASE, DROPPED, FORMULA, OPAQUE, OPAQUE_END, READING_END, RUBY
from hanmill.pipelines.extract.wikitext.repair import mend, repair

_ENTITY = re.compile(r"&(#0*[0-9]{1,7}|#[xX]0*[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPAQUE = re.compile(f"{OPAQUE}(\\d+){OPAQUE_END}")
_READING = re.compile(f"[{BASE}{RUBY}{READING_END}]")


def finish(marked: str, opaque: list[str], *, headings: bool, spaced: bool) -> tuple[str, tuple[Reading, ...]]:
    """The text of a page and the readings in it, offsets in code points of the text."""
    text = marked
    if "''" in text:
        # Italics and bold are 2, 3 or 5 apostrophes; the first of four is text (MediaWiki, doQuotes).
        text = text.replace("'''", "").replace("''", "")
    if "__" in text:
        text = SWITCH.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if DROPPED in text or FORMULA in text:
        text = repair(with_holes(text))
    text = mend(paragraphs(text, headings=headings, spaced=spaced))
    if OPAQUE in text:
        text = _OPAQUE.sub(lambda match: _ENTITY.sub(_character, opaque[int(match.group(1))]), text)
        text = text.replace(OPAQUE, "").replace(OPAQUE_END, "")
    text = without_surrogates(text)
    readings: tuple[Reading, ...] = ()
    if BASE in text or RUBY in text or READING_END in text:
        text, readings = _with_readings(text)
    if FORMULA in text:
        text, spans = without_marked_sentences(
            text, FORMULA, [(reading.start, reading.end, reading.reading) for reading in readings]
        )
        readings = tuple(Reading(*span) for span in spans)
    return text, readings


def without_surrogates(text: str) -> str:
    """Text that can be encoded; lone surrogates are taken out."""
    try:
        # The quickest encoder that refuses them.
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        return _SURROGATE.sub("", text)
    return text


def _character(match: re.Match[str]) -> str:
    """The character of a reference that ends in a semicolon, as in wikitext; itself where it names none."""
    name = match.group(1)
    if name[0] != "#":
        return html5.get(name + ";", match.group())
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    if code in (0x09, 0x0A, 0x0D):
        return " "
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return match.group()
    return chr(code)


def _with_readings(text: str) -> tuple[str, tuple[Reading, ...]]:
    """Takes the marked readings out. Marks that lost their partner are dropped, their text stays."""
    out: list[str] = []
    readings: list[Reading] = []
    length, position = 0, 0
    start = reading_from = -1
    for match in _READING.finditer(text):
        mark, piece = match.group(), text[position : match.start()]
        position = match.end()
        if mark == READING_END and reading_from >= 0:
            reading = " ".join(piece.split())
            if start < reading_from and reading:
                readings.append(Reading(start, reading_from, reading))
            start = reading_from = -1
            continue
        out.append(piece)
        length += len(piece)
        if mark == BASE:
            start, reading_from = length, -1
        elif mark == RUBY and start >= 0:
            reading_from = length
    out.append(text[position:])
    return "".join(out), tuple(readings)
