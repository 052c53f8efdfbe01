from __future__ import annotations

from pathlib import Path

import pytest

from hanmill import unihan
from hanmill.unihan.comparison import Change, compare, load_setting
from hanmill.unihan.graph import Edge, VariantGraph


def table_of(*pairs: str) -> unihan.ClusterTable:
    return unihan.clusters(VariantGraph(tuple(Edge(a, b, "x") for a, b in pairs), ("x",), {"x": "1"}))


def test_split_merge_and_both() -> None:
    found = compare(table_of("气氣", "氣気", "说說"), table_of("气氣", "说說", "說説"))
    assert found.split == (Change(("气", "気", "氣"), (("气", "氣"), ("気",))),)
    assert found.merged == (Change(("說", "説", "说"), (("說", "说"), ("説",))),)


def test_same_tables_do_not_differ() -> None:
    found = compare(table_of("气氣"), table_of("氣气"))
    assert found.split == found.merged == ()


def test_what_version_13_took_apart(shared_data: Path) -> None:
    files = [str(shared_data / f"unihan/Unihan_Variants-{version}.0.0.txt.bz2") for version in (12, 13)]
    found = compare(*(unihan.clusters(load_setting(file)) for file in files))
    assert (len(found.split), len(found.merged)) == (937, 3195)
    parts = {change.cluster: change.parts for change in found.split}
    for character in "帯気圧発団沢広桜駅":
        assert any(character in cluster and (character,) in split for cluster, split in parts.items())


def test_settings(shared_data: Path) -> None:
    file = shared_data / "unihan/Unihan_Variants-12.0.0.txt.bz2"
    assert load_setting("15.0").sources == unihan.expand_sources(["unihan"])
    assert load_setting("15.0.0+opencc").sources == unihan.expand_sources(["unihan", "opencc"])
    assert load_setting("default").sources == unihan.DEFAULT_SOURCES
    mixed = load_setting(f"{file}+opencc:jp2t")
    assert mixed.unihan is not None
    assert (mixed.unihan.version, mixed.sources[-1]) == ("12.0.0", "opencc:jp2t")


def test_setting_errors() -> None:
    with pytest.raises(unihan.SourceError, match=r"12\.0\.0: neither a file nor the embedded version 15\.0\.0"):
        load_setting("12.0.0")
    with pytest.raises(unihan.SourceError, match=r"nowhere\.txt: no such file"):
        load_setting("nowhere.txt")
