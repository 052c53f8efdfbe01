"""Raised and lowered text in a line: ``10⁸``, ``H₂O``, ``x^(1.5)``; never ``108``."""

from __future__ import annotations

import re

SUPERSCRIPT, SUBSCRIPT = "sup", "sub"

_SIGNS = {
    SUPERSCRIPT: str.maketrans(
        "0123456789+-−–=()′abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾′ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
    ),
    SUBSCRIPT: str.maketrans("0123456789+-−–=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"),
}
_OPENING = {SUPERSCRIPT: "^(", SUBSCRIPT: "_("}
#: Longer text, and text with the marks of a sentence, is no exponent: its element was never closed, or is layout.
_LONGEST = 40
_SENTENCE = re.compile(r"[。、，！？；：「」『』\n]")
#: What an element that was not closed in time began with.
_LEADING = re.compile(r"\s*([+\-−–]?\d{1,3}(?:[+\-−–](?!\d))?)(?![\d.,])")
#: Raised words change no number and no name: 1st, 2e, TM, 注, イ, ※1, 要出典.
_WORD = re.compile(
    r"(?:st|nd|rd|th|er|re|ers|res|ère|e|ème|es|me|o|os|a|as|º|ª|TM|SM|MC|MD|[™℠®©*＊†‡※§])", re.IGNORECASE
)
_TRADE_MARKS = {"TM": "™", "SM": "℠"}
#: Indices with a point or a comma, as in PM₂.₅ and a₁,₂; raised they could be read as another number.
_INDICES = re.compile(r"\d+(?:[.,]\d+)+")
#: States of a substance and the like bring their own brackets: ``(aq)``, ``3(g)``.
_PARENTHESES = re.compile(r"\([A-Za-z]{1,10}\)")
_WITH_STATE = re.compile(r"(\d+[+-]?)(\([A-Za-z]{1,10}\))")
#: A mark of the sentence that slipped inside.
_BEFORE_MARK = re.compile(r"(\d{1,4}[+\-−]?)([,.;:、，。；：]+)")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f※]")
#: More letters in a row are a word that is set small.
_LONGEST_EXPONENT = 2
_ORDINAL_BASE = re.compile(r"\d\Z")


def raised(text: str, action: str, before: str = "") -> str:
    """What stands in a line for text in ``<sup>`` or ``<sub>``; ``before`` is the text in front of it.

    The characters that Unicode has, else ``^(…)`` or ``_(…)``. Words that are raised for their looks, such as
    ordinal endings, trade marks and notes in Han or kana, stay as they are.

    >>> raised("2", SUPERSCRIPT, "m"), raised("2", SUBSCRIPT, "H"), raised("n+k", SUPERSCRIPT, "x")
    ('²', '₂', 'ⁿ⁺ᵏ')
    >>> raised("st", SUPERSCRIPT, "1"), raised("2，面积", SUPERSCRIPT, "25m")
    ('st', '²，面积')
    """
    bare = text.strip()
    table = _SIGNS[action]
    if not bare:
        return text
    if (action == SUPERSCRIPT and _is_word(bare, before)) or _PARENTHESES.fullmatch(bare):
        return _TRADE_MARKS.get(bare, text)
    if len(bare) <= _LONGEST and all(ord(character) in table for character in bare):
        return text.replace(bare, bare.translate(table)).lstrip()
    if number := _BEFORE_MARK.fullmatch(bare):
        return number[1].translate(table) + number[2]
    if action == SUBSCRIPT and _INDICES.fullmatch(bare):
        return bare.translate(table)
    if len(bare) > _LONGEST or _SENTENCE.search(bare):
        return raised_start(text, action, before)
    if _WIDE.search(bare) or bare.startswith(("[", "［")):
        return text
    if not before[-1:].strip():
        # Nothing is raised or lowered against: layout, or a mark that stands in front of its note.
        return text
    if state := _WITH_STATE.fullmatch(bare):
        return state[1].translate(table) + state[2]
    return text.replace(bare, f"{_OPENING[action]}{bare})")


def raised_start(text: str, action: str, before: str) -> str:
    """The same for an element that never closes: the number it begins with, where something stands in front of it.

    >>> raised_start("2、高さは", SUPERSCRIPT, "25m"), raised_start("2004年", SUPERSCRIPT, "m")
    ('²、高さは', '2004年')
    """
    leading = _LEADING.match(text) if before[-1:].isalnum() else None
    if leading is None:
        return text
    return leading[1].translate(_SIGNS[action]) + text[leading.end() :]


def _is_word(text: str, before: str) -> bool:
    if _WORD.fullmatch(text) is None:
        return len(text) > _LONGEST_EXPONENT and text.isalpha() and text.isascii()
    # 2e and 1o are ordinals, x to the power of e is not.
    return len(text) > 1 or not text.isascii() or not text.isalpha() or _ORDINAL_BASE.search(before) is not None
