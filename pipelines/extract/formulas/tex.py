"""TeX of a formula, from whatever encloses it in a page, and the form in which a corpus holds it."""

from __future__ import annotations

import re
from typing import Literal

from hanmill.pipelines.extract.formulas.plain import in_words

#: What a recipe may ask for: ``$x^2$``, ``x²``, or the sentence left out.
FormulaForm = Literal["tex", "words", "drop"]

_DELIMITERS = (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$"))
_STYLE = re.compile(r"\\(?:display|text|script|scriptscript)style(?![A-Za-z])\s*")
_MACRO = re.compile(r"\\(?:label|tag)\*?\s*\{[^{}]*\}|(?<!\\)%[^\n]*\n")


def cleaned(tex: str) -> str:
    """A formula without delimiters, outer braces and what only sets its size; on one line. Empty where nothing is left.

    >>> cleaned(r"{\\displaystyle E=mc^{2}}"), cleaned("$$ x\\n+ y $$"), cleaned(r"\\(a\\)")
    ('E=mc^{2}', 'x + y', 'a')
    """
    tex = _MACRO.sub("", tex).strip()
    for start, end in _DELIMITERS:
        if tex.startswith(start) and tex.endswith(end) and len(tex) >= len(start) + len(end):
            tex = tex[len(start) : len(tex) - len(end)].strip()
            break
    tex = _STYLE.sub("", tex).strip()
    while tex.startswith("{") and _closes_at_end(tex):
        tex = _STYLE.sub("", tex[1:-1]).strip()
    return " ".join(tex.split())


def _closes_at_end(tex: str) -> bool:
    """Whether the first brace closes with the last character."""
    depth = 0
    for place, character in enumerate(tex):
        if character == "{" and tex[place - 1 : place] != "\\":
            depth += 1
        elif character == "}" and tex[place - 1 : place] != "\\":
            depth -= 1
            if depth == 0:
                return place == len(tex) - 1
    return False


def formula_text(tex: str, form: FormulaForm, mark: str) -> str:
    """What stands in the text for a formula; ``mark`` where its sentence is to go. Empty for an empty formula.

    >>> formula_text("x^2", "tex", "?"), formula_text("x^2", "words", "?"), formula_text("x^2", "drop", "?")
    ('$x^2$', 'x²', '?')
    """
    tex = cleaned(tex)
    if not tex:
        return ""
    if form == "drop":
        return mark
    return in_words(tex) if form == "words" else f"${tex}$"
