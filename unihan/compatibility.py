"""CJK compatibility ideographs and the unified ideographs that they canonically decompose to (UAX #15)."""

from __future__ import annotations

import unicodedata

_BLOCKS = (range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))


def compatibility_pairs() -> tuple[tuple[str, str], ...]:
    """(compatibility ideograph, unified ideograph) in code-point order: 1,002 pairs.

    Canonical decompositions never change once assigned (Unicode stability policy), so the interpreter's own tables
    serve; the twelve unified ideographs of the first block have none.
    """
    characters = (chr(codepoint) for block in _BLOCKS for codepoint in block)
    pairs = ((character, unicodedata.normalize("NFC", character)) for character in characters)
    return tuple((character, unified) for character, unified in pairs if unified != character)
