"""Where a form is in everyday use, from the official character lists that Unihan records (UAX #38)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from hanmill.unihan.codepoints import parse_codepoint
from hanmill.unihan.embedded import EMBEDDED_VERSION, embedded_bytes

#: Label → what it says. The labels' order is the order of display.
REGIONS = {
    "Hans": "通用规范汉字表 (kTGH)",
    "Hant": "Big Five, level 1 (kBigFive up to C67E)",
    "HK": "常用字字形表 (kHKGlyph)",
    "JP": "常用漢字 (kJoyoKanji)",
    "JP-names": "人名用漢字 (kJinmeiyoKanji)",
}
#: The table in ``data``, made of ``USAGE_FILES`` by ``make_data``.
USAGE = "usage-15.0.0.tsv.bz2"
USAGE_FILES = ("Unihan_OtherMappings.txt.bz2", "Unihan_DictionaryLikeData.txt.bz2")

_REGION_OF_FIELD = {
    "kTGH": "Hans",
    "kBigFive": "Hant",
    "kHKGlyph": "HK",
    "kJoyoKanji": "JP",
    "kJinmeiyoKanji": "JP-names",
}
_LAST_OF_BIG5_LEVEL_1 = 0xC67E


def usage_table(unihan_files: Iterable[bytes]) -> str:
    """The text of the embedded table, ``region<TAB>characters`` lines, from two files of the Unihan database."""
    regions: defaultdict[str, set[str]] = defaultdict(set)
    for data in unihan_files:
        for line in data.decode("utf-8").split("\n"):
            if line.startswith("#") or line.count("\t") != 2:
                continue
            codepoint, field, value = line.split("\t")
            character = parse_codepoint(codepoint)
            if character is None or field not in _REGION_OF_FIELD:
                continue
            if field != "kBigFive" or int(value, 16) <= _LAST_OF_BIG5_LEVEL_1:
                regions[_REGION_OF_FIELD[field]].add(character)
    maker = "python -m hanmill.unihan.make_data usage"
    header = f"# Unihan {EMBEDDED_VERSION}: characters of official lists, made by: {maker}\n"
    return header + "".join(f"{region}\t{''.join(sorted(regions[region]))}\n" for region in REGIONS)


@cache
def _regions() -> dict[str, frozenset[str]]:
    lines = embedded_bytes(USAGE).decode("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {region: frozenset(characters) for region, characters in rows}


def usage(character: str) -> tuple[str, ...]:
    """The regions of REGIONS whose list holds ``character``.

    >>> usage("気"), usage("气"), usage("氣")
    (('JP',), ('Hans',), ('Hant', 'HK', 'JP-names'))
    """
    return tuple(region for region, characters in _regions().items() if character in characters)
