"""Ideographic variation sequences (UTS #37): a base and one of the variation selectors VS17 to VS256."""

from __future__ import annotations

import re

#: Name of the source that joins a sequence to its base.
IVS_SOURCE = "ivs"

#: Registered sequences use U+E0100 to U+E01EF; standardised ones of ideographs (StandardizedVariants.txt) VS1 to VS3.
_SELECTOR = "[\ufe00-\ufe02\U000e0100-\U000e01ef]"
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"
_SEQUENCE = re.compile(f"({_HAN}){_SELECTOR}")


def base_character(sequence: str) -> str:
    """The ideograph of a variation sequence; anything else comes back as it is.

    >>> base_character("葛\\U000E0100"), base_character("葛"), base_character("か\\U000E0100") == "か"
    ('葛', '葛', False)
    """
    match = _SEQUENCE.fullmatch(sequence)
    return match[1] if match else sequence


def fold_sequences(text: str) -> str:
    """``text`` without the variation selectors that follow an ideograph; offsets shrink by one for each.

    >>> fold_sequences("葛\\U000E0100飾区")
    '葛飾区'
    """
    return _SEQUENCE.sub(r"\1", text)
