"""``<sup>`` and ``<sub>`` of a page: exponents and indices, or marks of notes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hanmill.pipelines.extract.formulas.scripts import SUPERSCRIPT, raised

_NOTE_CLASS = re.compile(
    r"\b(?:reference|footnote|noteref|note|fn|cite|citation|doc-noteref)(?:\b|[-_])", re.IGNORECASE
)
_NOTE_TARGET = re.compile(r'\shref="[^"]*#|\s(?:class|rel|role|epub:type)="[^"]*(?:note|cite|fn)', re.IGNORECASE)
#: [1], ［注2］, [a], [要出典], [citation needed]: raised in brackets, whoever wrote them.
_BRACKETED = re.compile(r"(?:\s*[\[［〔][^\[\]［］〔〕]{1,40}[\]］〕]\s*(?:[,、，:]?\s*[:：]?\s*\d*)?)+")
#: Signs that refer to a note.
_NOTE_SIGNS = re.compile(r"[*＊†‡※\s]+")
_LONGEST_NOTE = 12
#: Spans that styles raise or lower, without markup inside.
_STYLED = re.compile(
    r'<(span|font|small)\s[^<>]*?(?:style="[^"<>]*?vertical-align:\s*(super|sub)(?=[\s;"])|class="(super|sub)script")'
    r"[^<>]*>([^<>]*)</\1>",
    re.IGNORECASE,
)
#: A raised letter or zero for the sign of degrees: 25<sup>o</sup>C.
_DEGREES = re.compile(r"<sup(?:\s[^<>]*)?>\s*[oO0○◦º˚]\s*</sup>(?=\s?[CFＣＦ](?![A-Za-z]))")
_STACKED = re.compile(r"(</su[pb]>)<br>(?=<su[pb][\s>])")


@dataclass(slots=True)
class OpenScript:
    """An open ``<sup>`` or ``<sub>``: the block and the place in it where its text begins, link characters before."""

    name: str
    attributes: str
    block: int
    start: int
    links: int
    is_note: bool = False


def with_script_elements(body: str) -> str:
    """Balanced markup in which spans that a style raises or lowers are ``<sup>`` and ``<sub>``.

    An index set right under an exponent does not end the line.
    """
    if "</sup><br>" in body or "</sub><br>" in body:
        body = _STACKED.sub(r"\1", body)
    if "</sup>" in body:
        body = _DEGREES.sub("°", body)
    return _STYLED.sub(_script_element, body) if "vertical-align" in body or 'script"' in body else body


def _script_element(match: re.Match[str]) -> str:
    name = "sup" if (match[2] or match[3]).lower() == "super" else "sub"
    return f"<{name}>{match[4]}</{name}>"


def is_note_target(attributes: str) -> bool:
    """Whether a link leads to a note of its page."""
    return _NOTE_TARGET.search(" " + attributes) is not None


def script_text(script: OpenScript, text: str, before: str) -> str:
    """What stands in the line for raised or lowered text; empty for the mark of a note."""
    bare = text.strip()
    if script.name == SUPERSCRIPT:
        if _BRACKETED.fullmatch(bare) or _NOTE_SIGNS.fullmatch(bare):
            return ""
        is_note = script.is_note or (script.attributes and _NOTE_CLASS.search(script.attributes))
        if is_note and len(bare) <= _LONGEST_NOTE:
            return ""
    return raised(text, script.name, before)
