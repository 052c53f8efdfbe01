"""What must be gone or put aside before wikitext can be tokenised: comments, references, raw tags.

MediaWiki strips these first too (Preprocessor: comments and extension tags). Every pass is linear: a tag that
is never closed is searched for once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

from hanmill.pipelines.extract.formulas.tex import FormulaForm, formula_text
from hanmill.pipelines.extract.wikitext.marks import CONTROLS, DROPPED, FORMULA, OPAQUE, OPAQUE_END
from hanmill.pipelines.extract.wikitext.quotes import with_apostrophes
from hanmill.pipelines.extract.wikitext.words import words

_CONTROLS = re.compile(f"[{CONTROLS}]")
# Everything else, in ranges: several times faster than the complement.
_ALLOWED = re.compile("[ -\U0010ffff\t\n\r]*+")
_COMMENT = re.compile(r"<!--[^-]*+(?>(?:-(?!->)[^-]*+)*)(?:-->|\Z)")
# A comment alone on its line takes the line with it (MediaWiki, Preprocessor_Hash).
_COMMENT_LINE = re.compile(r"\n[ \t]*<!--[^-]*+(?>(?:-(?!->)[^-]*+)*)-->[ \t]*(?=\n)")
_REFERENCE = re.compile(
    r"<ref(?=[\s/>])[^<>/]*+(?>(?:/(?!>)[^<>/]*+)*)(?:/>|>[^<]*+(?>(?:<(?!/ref\s*>)[^<]*+)*)</ref\s*>)"
)
_SINGLE_REFERENCE = re.compile(r"<ref[^<>]*/>")
# Inside these nothing is wikitext, so a comment or a reference there is text or goes with the tag.
_VERBATIM = re.compile(r"<(?:nowiki|pre|source|syntaxhighlight)\b", re.IGNORECASE)

_KEPT_VERBATIM = frozenset({"nowiki", "pre"})
_FORMULA = frozenset({"math", "chem", "ce"})
_CHEMISTRY = frozenset({"chem", "ce"})
_LEFT_OUT = frozenset(
    words(
        """
        ref references gallery timeline score imagemap graph mapframe maplink templatedata templatestyles hiero
        inputbox categorytree syntaxhighlight source includeonly section ignore indicator phonos charinsert
        dynamicpagelist rss listing choose quiz slideshow talkpage thread proofreadpage pages pagelist
        """
    )
)
# What stands in these is no sentence, so that one that never closes is left out to the end of its paragraph.
_NEVER_WORDS = frozenset(words("gallery timeline imagemap score graph hiero inputbox templatedata"))
_END_OF_PARAGRAPH = re.compile(r"\n(?=\n|=)")
#: A heading is a line, whatever breaks it has.
_HEADING = re.compile(r"\n=[^\n]*")
_BREAK = re.compile(r"<br ?/?>")
_POEM = "poem"
_OPEN = re.compile(
    r"<!--|<(" + "|".join(sorted(_KEPT_VERBATIM | _FORMULA | _LEFT_OUT | {_POEM})) + r")(?=[\s/>])([^<>]*)>",
    re.IGNORECASE,
)
_PRE_NOWIKI = re.compile(r"</?nowiki\s*/?>", re.IGNORECASE)


@dataclass(slots=True)
class Prepared:
    """Wikitext without comments, references and raw tags; ``opaque`` holds the texts put aside."""

    text: str
    opaque: list[str] = field(default_factory=list)


def prepare(wikitext: str, *, variants: bool, formulas: FormulaForm = "tex") -> Prepared:
    """Removes what is not text and puts aside what is not wikitext.

    ``variants`` tells that ``-{…}-`` has a meaning, which it has inside ``<pre>`` too. ``formulas`` is the form in
    which formulas are put aside.
    The result starts with a newline, so that the first line is like any other.
    """
    text = "\n" + _allowed(wikitext)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in text:
        return Prepared(with_apostrophes(text))
    if not _VERBATIM.search(text):
        if "<!--" in text:
            text = _COMMENT.sub("", _COMMENT_LINE.sub("", text))
        text = _without_references(text)
    prepared = Prepared(text)
    if _OPEN.search(text):
        prepared.text = _without_raw_tags(text, prepared.opaque, variants, formulas)
    if "<br" in text:
        prepared.text = _HEADING.sub(_in_one_line, prepared.text)
    prepared.text = with_apostrophes(prepared.text)
    return prepared


def _in_one_line(heading: re.Match[str]) -> str:
    line = heading.group()
    return _BREAK.sub(" ", line) if "<br" in line and line.rstrip(" \t").endswith("=") else line


def _allowed(text: str) -> str:
    """The text without control characters."""
    match = _ALLOWED.match(text)
    return text if match is not None and match.end() == len(text) else _CONTROLS.sub("", text)


def _without_references(text: str) -> str:
    """Cut at the last closing tag, so that every search that starts also ends.

    Tags in capitals, rare, are left to ``_without_raw_tags``.
    """
    closing, single = text.rfind("</ref"), text.rfind("<ref")
    if single < 0:
        return text
    end = 0 if closing < 0 else closing + len("</ref>")
    if single > closing and (match := _SINGLE_REFERENCE.match(text, single)):
        end = match.end()
    return _REFERENCE.sub(DROPPED, text[:end]) + text[end:] if end else text


def _without_raw_tags(text: str, opaque: list[str], variants: bool, formulas: FormulaForm) -> str:
    out: list[str] = []
    position = 0
    never_closed: set[str] = set()
    while (match := _OPEN.search(text, position)) is not None:
        out.append(text[position : match.start()])
        name = (match.group(1) or "").lower()
        if not name:
            end = text.find("-->", match.end())
            position = len(text) if end < 0 else end + 3
            continue
        position = match.end()
        if match.group(2).endswith("/") or name in never_closed:
            # Nothing, but what stands on both sides does not meet.
            out.append(f"{OPAQUE}{OPAQUE_END}" if name == "nowiki" else "")
            continue
        closing = _closing(name).search(text, position)
        if closing is None:
            never_closed.add(name)
            if name in _NEVER_WORDS:
                paragraph = _END_OF_PARAGRAPH.search(text, position)
                position = paragraph.start() if paragraph else len(text)
            continue
        inner = text[position : closing.start()]
        position = closing.end()
        if name == "pre" and variants and "-{" in inner:
            out.append(_lines(inner, opaque))
        elif name in _FORMULA:
            out.append(_formula(inner, name, opaque, formulas))
        else:
            out.append(_RENDER.get(name, _leave_out)(inner, opaque))
    out.append(text[position:])
    return "".join(out)


_CLOSING: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _KEPT_VERBATIM | _FORMULA | _LEFT_OUT | {_POEM}
}


def _closing(name: str) -> re.Pattern[str]:
    return _CLOSING[name]


def _put_aside(inner: str, opaque: list[str]) -> str:
    inner = inner.replace(DROPPED, "")
    if not inner:
        return ""
    opaque.append(inner)
    return f"{OPAQUE}{len(opaque) - 1}{OPAQUE_END}"


def _verbatim_lines(inner: str, opaque: list[str]) -> str:
    lines = _PRE_NOWIKI.sub("", inner).strip("\n").split("\n")
    return "\n\n" + "\n\n".join(_put_aside(line, opaque) for line in lines) + "\n\n"


def _formula(inner: str, name: str, opaque: list[str], form: FormulaForm) -> str:
    tex = unescape(inner) if "&" in inner else inner
    text = formula_text(rf"\ce{{{tex.strip()}}}" if name in _CHEMISTRY and tex.strip() else tex, form, FORMULA)
    return text if text == FORMULA else _put_aside(text.replace("&", "&amp;"), opaque) or DROPPED


def _lines(inner: str, opaque: list[str]) -> str:
    return inner.replace("\n", "<br>\n")


def _leave_out(inner: str, opaque: list[str]) -> str:
    return DROPPED


_RENDER: dict[str, Callable[[str, list[str]], str]] = {
    "nowiki": _put_aside,
    "pre": _verbatim_lines,
    _POEM: _lines,
}
