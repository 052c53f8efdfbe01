"""Offsets through NFC and NFKC (Unicode Standard Annex #15)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.text.characters import CODE_POINTS, code_points

Form = Literal["NFC", "NFKC"]

#: No code point from here on decomposes, composes or has a combining class (Unicode 14 to 17).
_END_OF_DECOMPOSITIONS = 0x2FA20
#: Code points of a piece that is still cut into parts.
_LONGEST_CUT = 64


def form_offsets(text: str, form: Form) -> NDArray[np.int64]:
    """int64 [n + 1]: for each of the n code points of the normalised text its position in ``text``, then its length.

    The text is cut where normalisation cannot reach across, before every code point whose decomposition begins with a
    starter that composes with nothing before it; such a piece again where its parts normalise to the parts of the
    whole (e with two acutes to é and an acute). What cannot be cut becomes several code points together, and all of
    them have its first position: ㍿, and marks that change places. So the raw text from one position to the next one
    that differs normalises to the code points that have the first.
    """
    codes = code_points(text)
    joins, expansion = _properties(form)
    starts = np.flatnonzero(~joins[codes])
    if len(codes) and (not len(starts) or starts[0]):
        starts = np.insert(starts, 0, 0)
    lengths = np.diff(np.append(starts, len(codes)))
    counts = np.zeros(len(codes), dtype=np.int64)
    counts[starts] = expansion[codes[starts]]
    for index in np.flatnonzero(lengths > 1).tolist():
        start, length = int(starts[index]), int(lengths[index])
        counts[start : start + length] = _parts(text[start : start + length], form)
    return np.append(np.repeat(np.arange(len(codes), dtype=np.int64), counts), len(codes))


def _parts(piece: str, form: Form) -> list[int]:
    """For each code point of a piece, how many code points its part becomes: 0 but for the first of each part."""
    counts = [0] * len(piece)
    start, rest = 0, unicodedata.normalize(form, piece)
    while start < len(piece):
        whole = len(piece) - start
        # Trying every cut is quadratic at worst, so very long pieces are left whole.
        for length in range(1, whole) if whole <= _LONGEST_CUT else ():
            part = unicodedata.normalize(form, piece[start : start + length])
            if part + unicodedata.normalize(form, piece[start + length :]) == rest:
                counts[start], start, rest = len(part), start + length, rest[len(part) :]
                break
        else:
            counts[start], start = len(rest), len(piece)
    return counts


@cache
def _properties(form: Form) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Per code point: whether it may join what is before it, and how many code points it becomes on its own."""
    decomposed: Literal["NFD", "NFKD"] = "NFD" if form == "NFC" else "NFKD"
    joins = np.zeros(CODE_POINTS, dtype=bool)
    expansion = np.ones(CODE_POINTS, dtype=np.uint8)
    first = np.arange(CODE_POINTS)
    joins[0x1161:0x1176] = True  # Hangul vowels and trailing consonants compose by rule, not by table
    joins[0x11A8:0x11C3] = True
    for code in range(0x80, _END_OF_DECOMPOSITIONS):
        character = chr(code)
        if unicodedata.combining(character):
            joins[code] = True
        if 0xAC00 <= code < 0xD7A4 or not (mapping := unicodedata.decomposition(character)):
            continue
        expansion[code] = len(unicodedata.normalize(form, character))
        first[code] = ord(unicodedata.normalize(decomposed, character)[0])
        parts = mapping.split()
        if len(parts) == 2 and not mapping.startswith("<"):
            joins[int(parts[1], 16)] = True
    return joins | joins[first], expansion
