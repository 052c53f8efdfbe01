"""A recipe's normalisation of text as steps of a ``tokenizers`` file, so that raw text gets the corpus's ids."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from hanmill.schemas.recipe import NormalizeRecipe

Step = dict[str, Any]

#: Half-width katakana and its punctuation (Halfwidth and Fullwidth Forms), and every character with a <wide> form.
_HALF_WIDTH = range(0xFF61, 0xFFA0)
_WIDE = (0x3000, *range(0xFF01, 0xFFE7))
#: Compatibility characters that are younger than the tables of ``tokenizers`` (first and last of each stretch).
_YOUNG = (
    (0x32FF, 0x32FF),
    (0xA7F2, 0xA7F4),
    (0xAB69, 0xAB69),
    (0x10781, 0x107BA),
    (0x1F16C, 0x1F16C),
    (0x1FBF0, 0x1FBF9),
)
#: Raised and lowered numbers, which NFKC leaves as they are in a corpus, and noncharacters in their place meanwhile.
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"
_STAND_INS = tuple(map(chr, range(0xFDD0, 0xFDF0)))
#: A capital sigma that ends a word: the only letter that ``str.lower`` lowers by its place (Unicode, SpecialCasing).
_FINAL_SIGMA = r"(?<=\p{Cased}|\p{Cased}\p{Case_Ignorable})Σ(?!\p{Case_Ignorable}*\p{Cased})"


def normalizer(recipe: NormalizeRecipe) -> Step:
    """The steps in the corpus builder's order: NUL out, half-width kana wide, NFC or NFKC, width folded, lower case.

    OpenCC and new forms of kanji depend on the language and are not among them: see ``unexpressed``.
    """
    steps: list[Step] = [_replace({"String": "\0"}, "")]
    # NFKC does the same to both.
    if recipe.form == "NFC":
        steps += [_replace({"String": chr(code)}, unicodedata.normalize("NFKC", chr(code))) for code in _HALF_WIDTH]
    else:
        young = (chr(code) for first, last in _YOUNG for code in range(first, last + 1))
        forms = ((character, unicodedata.normalize("NFKC", character)) for character in young)
        steps += [_replace({"String": character}, form) for character, form in forms if form != character]
    raised = list(zip(_RAISED, _STAND_INS, strict=True)) if recipe.form == "NFKC" else []
    steps += [_replace({"String": character}, stand_in) for character, stand_in in raised]
    steps.append({"type": recipe.form})
    steps += [_replace({"String": stand_in}, character) for character, stand_in in raised]
    if recipe.form == "NFC" and recipe.fold_width:
        steps += [_replace({"String": chr(code)}, folded) for code in _WIDE if (folded := _folded(code))]
    if recipe.lowercase:
        steps += [_replace({"Regex": _FINAL_SIGMA}, "ς"), {"type": "Lowercase"}]
    return {"type": "Sequence", "normalizers": steps}


def unexpressed(recipe: NormalizeRecipe) -> tuple[str, ...]:
    """What must be done to text before it is tokenised, a clause each."""
    clauses = []
    if recipe.shinjitai:
        clauses.append("Japanese: old forms of kanji made new (學校 to 学校)")
    if recipe.opencc:
        clauses.append(f"Chinese: converted by OpenCC's `{recipe.opencc}`")
    return tuple(clauses)


def describe(recipe: NormalizeRecipe) -> str:
    """The normalisation in a few words."""
    folded = recipe.fold_width and recipe.form == "NFC"
    parts = [recipe.form, *(["full-width letters and signs to ASCII"] if folded else [])]
    return ", ".join([*parts, *(["lower case"] if recipe.lowercase else [])])


def white_space() -> str:
    """A regular expression for what a corpus leaves out: ``str.isspace``, which knows more than ``\\s``."""
    found = (rf"\x{{{code:04X}}}" for code in range(0x3001) if chr(code).isspace())
    return f"[{''.join(found)}]"


def _folded(code: int) -> str:
    decomposition = unicodedata.decomposition(chr(code))
    wide = decomposition.startswith("<wide>")
    return chr(int(decomposition.removeprefix("<wide> "), 16)) if wide else ""


def _replace(pattern: Mapping[str, str], content: str) -> Step:
    return {"type": "Replace", "pattern": dict(pattern), "content": content}
