"""OpenCC's relations between single characters, one source for each of five conversions.

They are kept as a table, so that a graph needs no OpenCC; ``opencc_table`` makes that table anew from an installed one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from hanmill.unihan.errors import VariantFileError

#: Conversions whose results on single characters are variants: s2t is left out, being the reverse of t2s with
#: one of several answers chosen.
CONVERSIONS = ("jp2t", "t2jp", "t2s", "hk2t", "tw2t")

Relation = tuple[str, str, str]


def parse_opencc_table(data: bytes, name: str) -> tuple[str, dict[str, list[tuple[str, str]]]]:
    """(version of OpenCC, conversion → (character, result) pairs). Raises VariantFileError."""
    version = "unknown"
    pairs: dict[str, list[tuple[str, str]]] = {conversion: [] for conversion in CONVERSIONS}
    for number, line in enumerate(data.decode("utf-8").split("\n"), 1):
        if line.startswith("# OpenCC "):
            version = line.removeprefix("# OpenCC ").strip()
        elif line and not line.startswith("#"):
            fields = line.split("\t")
            if len(fields) != 3 or fields[0] not in pairs:
                raise VariantFileError(f"{name}, line {number}: found {line!r}; expected 't2s<TAB>氣<TAB>气'")
            pairs[fields[0]].append((fields[1], fields[2]))
    return version, pairs


def opencc_relations() -> Iterator[Relation]:
    """(conversion, character, result) for every character that the installed OpenCC turns into another one.

    Compatibility ideographs are left out: OpenCC folds them before any conversion. So are results longer than one
    character. Raises ImportError without OpenCC.
    """
    import opencc

    for conversion in CONVERSIONS:
        converter = opencc.OpenCC(conversion)
        for codepoint in (*range(0x80, 0xD800), *range(0xE000, 0x110000)):
            character = chr(codepoint)
            if not unicodedata.is_normalized("NFC", character):
                continue
            result = converter.convert(character)
            if result != character and len(result) == 1:
                yield conversion, character, result


def opencc_table() -> str:
    """The text of the embedded table, from the installed OpenCC."""
    from importlib.metadata import version

    lines = [
        f"# OpenCC {version('opencc')}",
        "# Single characters that OpenCC's dictionaries turn into another one, conversion by conversion.",
        "# Derived from OpenCC's data, Copyright 2010-2026 Carbo Kuo and contributors, Apache License 2.0.",
        "# Made by: python -m hanmill.unihan.make_data opencc",
        *("\t".join(relation) for relation in opencc_relations()),
    ]
    return "\n".join(lines) + "\n"
