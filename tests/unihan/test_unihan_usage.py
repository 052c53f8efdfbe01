from __future__ import annotations

import pytest

from hanmill.unihan.triples import triples
from hanmill.unihan.usage import usage, usage_table


@pytest.mark.parametrize(
    ("character", "regions"),
    [
        ("台", ("Hans", "Hant", "HK", "JP")),
        ("发", ("Hans",)),
        ("發", ("Hant", "HK")),
        ("発", ("JP",)),
        ("裏", ("HK", "JP")),
        ("裡", ("Hant", "HK", "JP-names")),
        ("か", ()),
        ("葛\U000e0100", ()),
    ],
)
def test_regions(character: str, regions: tuple[str, ...]) -> None:
    assert usage(character) == regions


def test_triples_are_used_where_they_should_be() -> None:
    assert len(triples()) == len(set(triples())) == 44
    for simplified, traditional, japanese in triples():
        assert len({simplified, traditional, japanese}) == 3
        assert "Hans" in usage(simplified)
        assert "Hant" in usage(traditional)
        assert {"JP", "JP-names"} & set(usage(japanese)), japanese


def test_table_takes_five_fields_and_the_first_level_of_big5() -> None:
    data = (
        b"# x\nU+4E00\tkBigFive\tA440\nU+4E42\tkBigFive\tC940\nU+4E00\tkTGH\t2013:1\nU+6C17\tkJoyoKanji\t2010\n"
        b"U+6C23\tkJinmeiyoKanji\t2010:U+6C17\nU+88CF\tkHKGlyph\t3703\nU+4E00\tkCowles\t1\nbroken\n"
    )
    assert usage_table([data]).split("\n")[1:] == ["Hans\t一", "Hant\t一", "HK\t裏", "JP\t気", "JP-names\t氣", ""]
