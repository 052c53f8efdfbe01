"""CJK radicals and strokes with the unified ideographs they look like (``EquivalentUnifiedIdeograph.txt``, UAX #44)."""

from __future__ import annotations

import re

from hanmill.unihan.errors import VariantFileError

_LINE = re.compile(r"([0-9A-F]{4,6})(?:\.\.([0-9A-F]{4,6}))?\s*;\s*([0-9A-F]{4,6})")
_VERSION = re.compile(r"EquivalentUnifiedIdeograph-(\d+\.\d+\.\d+)\.txt")


def parse_radicals(data: bytes, name: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(version from the header, (radical, unified ideograph) pairs in file order). Raises VariantFileError."""
    pairs: list[tuple[str, str]] = []
    text = data.decode("utf-8")
    version = _VERSION.search(text)
    for number, line in enumerate(text.split("\n"), 1):
        stated = line.split("#", 1)[0].strip()
        if not stated:
            continue
        match = _LINE.fullmatch(stated)
        if match is None:
            raise VariantFileError(f"{name}, line {number}: found {stated!r}; expected '2E80 ; 4E36'")
        first, last = int(match[1], 16), int(match[2] or match[1], 16)
        pairs += [(chr(radical), chr(int(match[3], 16))) for radical in range(first, last + 1)]
    return (version[1] if version else "unknown"), tuple(pairs)
