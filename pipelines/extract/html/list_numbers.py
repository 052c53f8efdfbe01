"""Numbers of ordered lists as browsers count them (HTML standard, ordinal value): ``start``, ``value``, ``type``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_START, _VALUE = (re.compile(rf'(?:^|\s){name}="\s*(-?\d{{1,6}})') for name in ("start", "value"))
_TYPE = re.compile(r'(?:^|\s)type="([aAiI])"')
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST_ROMAN = 3999


@dataclass(slots=True)
class ListNumbers:
    """The number of the next item of a list, and how it is written."""

    number: int = 1
    kind: str = "1"

    def next(self, item: str) -> str:
        """What stands before an item with these attributes.

        >>> numbers = list_numbers('start="3" type="a"')
        >>> numbers.next(""), numbers.next('value="30"'), numbers.next("")
        ('c. ', 'ad. ', 'ae. ')
        """
        if "value" in item and (value := _VALUE.search(item)):
            self.number = int(value[1])
        written = _written(self.number, self.kind)
        self.number += 1
        return f"{written}. "


#: A list without numbers.
NUMBERLESS = ListNumbers(0, "")


def list_numbers(attributes: str) -> ListNumbers:
    """The numbers of an ordered list with these attributes. One that counts down counts from 1, as its length is
    not known where it begins.
    """
    if not attributes:
        return ListNumbers()
    start, kind = _START.search(attributes), _TYPE.search(attributes)
    return ListNumbers(int(start[1]) if start else 1, kind[1] if kind else "1")


def _written(number: int, kind: str) -> str:
    if kind in "aA" and number > 0:
        letters = ""
        while number:
            number, letter = divmod(number - 1, 26)
            letters = chr(ord(kind) + letter) + letters
        return letters
    if kind in "iI" and 0 < number <= _MOST_ROMAN:
        parts = []
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            parts.append(letters * count)
        return "".join(parts) if kind == "i" else "".join(parts).upper()
    return str(number)
