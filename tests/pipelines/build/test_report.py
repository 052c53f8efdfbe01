"""The page and the card say what the manifest says, and nothing a page could run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hanmill.pipelines.build.data_card import data_card
from hanmill.pipelines.build.report import Findings, report
from hanmill.schemas.manifest import Accounting, InputFile, Manifest, RowGroup, Shard, TableFile

INGESTED = {
    "templates_dropped": {"Infobox 人物": 3, "cite web": 9},
    "examples": {"latin_ratio@1": [[0.91, 0.5, "Hello", "An <b>English</b> page"]]},
}
ANNOTATED = {"kinds": [["wikipedia", "zh", "Hant", 2, 1200, "台灣是東亞的島嶼"]]}


def findings() -> Findings:
    found = Findings()
    found.add_footers(INGESTED, (ANNOTATED, ANNOTATED))
    return found


def manifest(recipe: str = "小さな辞書") -> Manifest:
    shard = Shard("train/part-a.parquet", "0" * 64, 4, 2400, (RowGroup(4, 2400),))
    empty = Shard("validation/part-a.parquet", "1" * 64, 0, 0, ())
    return Manifest(
        schema_version=1,
        hanmill_version="0",
        recipe={"name": recipe},
        recipe_sha256="2" * 64,
        inputs=(InputFile("wikipedia", "zhwiki.xml.bz2", 123456, "3" * 64),),
        resources={"opencc": "1.1.9"},
        tables={"characters": TableFile("tables/characters.parquet", "4" * 64, 3000)},
        train=(shard,),
        validation=(empty,),
        accounting=Accounting(7, 4, {"latin_ratio@1": 2}, {"no_title": 1}, 1234, {"email": 3, "phone": 1021}),
        splits={},
        measures={"characters": 2400, "words": 1300},
    )


def test_the_page_shows_every_outcome_with_an_example(tmp_path: Path) -> None:
    page = report(tmp_path, manifest(), findings())
    assert "7 records read = 4 kept + 2 dropped + 1 failed (1,234 bytes of input lost). " in page
    assert "2,400 characters in 2 shards." in page
    assert "台灣是東亞的島嶼" in page
    assert "0.91 (limit 0.5)" in page
    rows = re.findall(r"<tr><td>([^<]*)</td><td class=\"n\">([\d,]+)</td>", page)
    assert ("latin_ratio@1", "2") in rows
    assert ("no_title", "1") in rows
    assert ("phone", "1,021") in rows
    assert rows.index(("cite web", "9")) < rows.index(("Infobox 人物", "3"))


def test_text_of_a_page_is_never_markup(tmp_path: Path) -> None:
    page = report(tmp_path, manifest("<script>alert(1)</script>"), findings())
    assert "<script" not in page
    assert "An &lt;b&gt;English&lt;/b&gt; page" in page
    assert "http" not in page


def test_no_control_of_a_page_reaches_the_report(tmp_path: Path) -> None:
    hostile = findings()
    hostile.examples["latin_ratio@1"] = [[0.9, 0.5, "\x1b]0;題\x07", "\u202e名\x9b2J"]]
    page = report(tmp_path, manifest(), hostile)
    assert "]0;題 名2J" in page
    assert not set(page) & set("\x1b\x07\x9b\u202e")


def test_findings_of_splits_add_up_in_the_order_of_the_plan() -> None:
    one, other = findings(), findings()
    one.add(other)
    assert one.kinds == {("wikipedia", "zh", "Hant"): (8, 4800, "台灣是東亞的島嶼")}
    assert one.templates == {"cite web": 18, "Infobox 人物": 6}
    for _ in range(5):
        one.add(findings())
    assert len(one.examples["latin_ratio@1"]) == 5


@pytest.mark.parametrize(
    "line",
    [
        "- documents: 4 (4 to train on, 0 to validate on)",
        "- records read: 7; dropped: 2; failed: 1 (1,234 bytes of input lost)",
        "| dropped by latin_ratio@1 | 2 |",
        "| failed: no_title | 1 |",
        "| phone | 1,021 |",
        "| characters | 3,000 | `" + "4" * 64 + "` |",
        "| wikipedia | zhwiki.xml.bz2 | 123,456 | `" + "3" * 64 + "` |",
    ],
)
def test_the_card_takes_every_figure_from_the_manifest(line: str) -> None:
    assert line in data_card(manifest()).splitlines()
