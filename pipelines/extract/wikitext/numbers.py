"""Numbers with the separators that a wiki puts into them (``{{formatnum:}}``)."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([-+−]?)(\d{1,40})(?:\.(\d*))?((?:[eE][-+]?\d+)?)")
_COMMA, _POINT, _SPACE = (",", "."), (".", ","), ("\xa0", ",")
#: What parts thousands and decimals, as in MediaWiki's message files; others have commas and points.
_SEPARATORS = {
    **dict.fromkeys(("de", "nl", "it", "da", "id", "tr", "el", "vi", "hr", "sl", "ro", "gl", "ca"), _POINT),
    **dict.fromkeys(("es", "pt"), ("\xa0", ",")),
    **dict.fromkeys(
        ["fr", "ru", "uk", "pl", "cs", "sk", "sv", "nb", "no", "fi", "hu", "bg", "be", "et", "lt", "lv"], _SPACE
    ),
}
#: Languages that leave numbers of four digits as they are.
_FROM_FIVE_DIGITS = frozenset({"es", "pt", "pl", "hu", "bg"})
_RAW, _PLAIN = "R", "NOSEP"


def grouped(number: str, language: str) -> str:
    """The number with separators; what is none stays as it is.

    >>> grouped("1234567.5", "ja"), grouped("1234567.5", "de"), grouped("約1000", "zh"), grouped("-1000", "en")
    ('1,234,567.5', '1.234.567,5', '約1000', '-1,000')
    """
    found = _NUMBER.fullmatch(number.strip())
    if found is None:
        return number
    sign, whole, rest, power = found.groups()
    thousands, point = _SEPARATORS.get(language, _COMMA)
    if len(whole) > 3 and not (len(whole) == 4 and language in _FROM_FIVE_DIGITS):
        first = len(whole) % 3
        groups = [whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))]
        whole = thousands.join(filter(None, groups))
    return sign + whole + (point + rest if rest is not None else "") + power


def formatted(number: str, options: tuple[str, ...], language: str) -> str:
    """``{{formatnum:number|options}}``: ``R`` takes separators out, ``NOSEP`` puts none in.

    >>> formatted("1,234,567", ("R",), "ja"), formatted("1234567", ("NOSEP",), "ja"), formatted("1234567", (), "ja")
    ('1234567', '1234567', '1,234,567')
    """
    wanted = {option.strip() for option in options}
    if _RAW in wanted:
        thousands, point = _SEPARATORS.get(language, _COMMA)
        return number.replace(thousands, "").replace(point, ".")
    return number if _PLAIN in wanted else grouped(number, language)
