"""The page says what the manifest says, and nothing a page could run."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hanmill.pipelines.build.data_card import data_card
from hanmill.pipelines.build.kept_measures import KeptMeasures
from hanmill.pipelines.build.report.findings import Findings, FindingsError
from hanmill.pipelines.build.report.flow import steps
from hanmill.pipelines.build.report.histogram import Axis, histogram
from hanmill.pipelines.build.report.losses import meaning
from hanmill.pipelines.build.report.page import report
from hanmill.pipelines.build.times import StageTime
from hanmill.schemas.manifest import Accounting, InputFile, Manifest, RowGroup, Shard, TableFile
from hanmill.schemas.recipe import RuleSetting

INGESTED = {
    "templates_dropped": {"Infobox 人物": 3, "cite web": 9},
    "examples": {"latin_ratio@1": [[0.91, 0.5, "Hello", "An <b>English</b> page"]]},
    "measured": {"latin_ratio@1": {"0.91": 1, "0.62": 1}},
    "dates": {"wikipedia": ["2004-11-30", "2026-03-01"]},
    "charsets": [["big5", "meta", 3], ["utf-8", "header", 1]],
}
ANNOTATED = {
    "kinds": [["wikipedia", "zh", "Hant-TW", 2, 1200, "台灣是東亞的島嶼"]],
    "lengths": [{"zh": {"characters": 1200, "sentences": {"3": 7, "14": 5}}}],
}
VOID = {"meta", "img", "br"}


def findings() -> Findings:
    found = Findings()
    found.add_footers(INGESTED, (ANNOTATED, ANNOTATED))
    found.duplicates.update({2: 5})
    return found


def manifest(recipe: str = "小さな辞書") -> Manifest:
    shard = Shard("train/part-a.parquet", "0" * 64, 4, 2400, (RowGroup(4, 2400),))
    empty = Shard("validation/part-a.parquet", "1" * 64, 0, 0, ())
    return Manifest(
        schema_version=2,
        hanmill_version="0",
        recipe={"name": recipe, "clean": {"rules": [{"rule": "latin_ratio@1", "max": 0.5, "min": None}]}},
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


class Reader(HTMLParser):
    """Notes ids, links and languages of a page; refuses tags that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(page)
        assert not self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if found.get("id"):
            self.ids[str(found["id"])] += 1
        self.links += [str(found[name]) for name in ("href", "src") if name in found]
        above = self._open[-1][1] if self._open else ""
        if tag not in VOID:
            self._open.append((tag, str(found.get("lang", above))))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open:
            self.texts.append((self._open[-1][1], data))


def test_the_page_shows_every_outcome_with_an_example(tmp_path: Path) -> None:
    page = report(tmp_path, manifest(), findings())
    assert "7 records read = 4 kept + 2 dropped + 1 failed." in page
    assert "台灣是東亞的島嶼" in page
    assert "0.91 (limit 0.5)" in page
    assert "2 records, 28.6% of those read" in page
    assert "kept up to 0.5" in page
    rows = re.findall(r"<tr><td><span [^>]*>([^<]*)</span></td><td class=\"n\">([\d,]+)</td>", page)
    assert rows.index(("cite web", "9")) < rows.index(("Infobox 人物", "3"))
    assert '<td>phone</td><td class="n">1,021</td><td class="n">99.7%</td>' in page
    assert '<td>big5</td><td>meta</td><td class="n">3</td><td class="n">75.0%</td>' in page
    assert '<td class="n">2</td><td class="n">5</td><td class="n">10</td><td class="n">100.0%</td>' in page


def test_every_loss_of_the_picture_leads_to_its_examples(tmp_path: Path) -> None:
    read = Reader(report(tmp_path, manifest(), findings()))
    assert max(read.ids.values()) == 1
    assert {"#loss-latin_ratio-1", "#loss-no_title"} <= set(read.links)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in read.links)
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)


def test_every_text_of_the_corpus_has_its_language(tmp_path: Path) -> None:
    read = Reader(report(tmp_path, manifest(), findings()))
    langs = {data.strip(): lang for lang, data in read.texts}
    assert langs["台灣是東亞的島嶼"] == "zh-Hant-TW"
    assert langs["Infobox 人物"] == "zh"
    assert langs["An <b>English</b> page"] == ""
    assert langs["Inputs"] == "en"


def test_text_of_a_page_is_never_markup(tmp_path: Path) -> None:
    hostile = findings()
    hostile.templates["</span><script>alert(1)</script>"] = 4
    hostile.examples['"><img src=x onerror=alert(1)>'] = [[None, None, "</article>", "'\"&lt;"]]
    account = replace(manifest().accounting, read=8, dropped={'"><img src=x onerror=alert(1)>': 3})
    page = report(tmp_path, replace(manifest("<script>alert(1)</script>"), accounting=account), hostile)
    assert "<script" not in page
    assert "<img" not in page
    assert "An &lt;b&gt;English&lt;/b&gt; page" in report(tmp_path, manifest(), findings())
    assert not re.search(r"https?:", page)
    Reader(page)


def test_no_control_of_a_page_reaches_the_report(tmp_path: Path) -> None:
    hostile = findings()
    hostile.examples["latin_ratio@1"] = [[0.9, 0.5, "\x1b]0;題\x07", "\u202e名\x9b2J"]]
    page = report(tmp_path, manifest(), hostile)
    assert "]0;題</span>" in page
    assert ">名2J</span>" in page
    assert not set(page) & set("\x1b\x07\x9b\u202e")


def test_findings_of_splits_add_up_in_the_order_of_the_plan() -> None:
    one, other = findings(), findings()
    one.add(other)
    assert one.kinds == {("wikipedia", "zh", "Hant-TW"): (8, 4800, "台灣是東亞的島嶼")}
    assert one.templates == {"cite web": 18, "Infobox 人物": 6}
    assert one.measured == {"latin_ratio@1": {"0.91": 2, "0.62": 2}}
    assert one.lengths == {"zh": {3: 28, 14: 20}}
    for _ in range(5):
        one.add(findings())
    assert len(one.examples["latin_ratio@1"]) == 5


def test_findings_are_read_back_as_they_were_written() -> None:
    assert Findings.from_json(findings().to_json()) == findings()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kinds": [[1]]}'])
def test_what_is_no_findings_is_refused(text: str) -> None:
    with pytest.raises(FindingsError, match="not the findings of a build"):
        Findings.from_json(text)


def test_losses_stand_in_the_step_they_belong_to() -> None:
    dropped = {"redirect@1": 1, "duplicate@1": 2, "characters@1": 3, "hiragana_ratio@1": 9, "language@1": 4}
    found = steps(Accounting(20, 0, dropped, {"corrupt_member": 1}))
    assert [(step.name, step.losses) for step in found] == [
        ("failed", (("corrupt_member", 1),)),
        ("gates", (("language@1", 4), ("redirect@1", 1))),
        ("rules", (("hiragana_ratio@1", 9), ("characters@1", 3))),
        ("duplicates", (("duplicate@1", 2),)),
    ]


def test_every_gate_has_a_meaning(repository: Path) -> None:
    rooms = [repository / "pipelines" / room for room in ("sources", "extract", "clean", "dedup")]
    texts = [path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py")]
    named = {name for text in texts for name in re.findall(r'"([a-z_]+@[0-9]+)"', text)}
    assert {"record_type@1", "language@1", "duplicate@1"} <= named
    for name in named | {"disambiguation@1", "list@1", "stub@1"}:
        assert len(meaning(name).split()) > 2, name


def test_a_threshold_stands_among_the_values_that_it_cut() -> None:
    svg = histogram({0.1: 3, 0.2: 1}, [("min", 0.3)], "dropped")
    assert 'text-anchor="end">min 0.3</text>' in svg
    assert svg.count('class="count"') == 2
    assert Axis.over([1.0, 1000.0]).logarithmic
    assert not Axis.over([0.0, 1000.0]).logarithmic
    assert Axis.over([5.0]).place(5.0) == 0.5


@pytest.mark.parametrize(
    "line",
    [
        "- documents: 4 (4 to train on, 0 to validate on)",
        "- records read: 7; dropped: 2; failed: 1 (1,234 bytes of input lost)",
        "| dropped by latin_ratio@1 | 2 | 28.6% |",
        "| failed: no_title | 1 | 14.3% |",
        "| latin_ratio@1 | kept up to 0.5 | Too much English: Latin letters among all letters, three of them counting "
        "as one. |",
        "| wikipedia | zh | Hant-TW | 4 | 2,400 | 100.0% |",
        "| phone | 1,021 |",
        "| characters | 3,000 | `" + "4" * 64 + "` |",
        "| wikipedia | zhwiki.xml.bz2 | 123,456 | `" + "3" * 64 + "` |",
    ],
)
def test_the_card_takes_every_figure_from_the_manifest(line: str) -> None:
    assert line in data_card(manifest(), findings()).splitlines()


def test_both_sides_of_a_limit_are_shown(tmp_path: Path) -> None:
    found = findings()
    kept = {"latin_ratio@1": {"0.1": 40, "0.49": 1}}
    near = {"latin_ratio@1": [[0.02, 0.49, 0.5, "近", "半分は English"], [0.8, 0.1, 0.5, "遠", "日本語"]]}
    found.add_footers({**INGESTED, "kept_measured": kept, "nearest": near}, ())
    page = report(tmp_path, manifest(), Findings.from_json(found.to_json()))
    assert "4 dropped, on 41 kept, and the limits" in page
    assert page.index("0.49 (limit 0.5)") < page.index("0.1 (limit 0.5)")
    assert page.count('class="count still"') == 2


def test_the_nearest_kept_documents_are_kept_in_mind() -> None:
    settings = (RuleSetting("latin_ratio@1", max=0.5), RuleSetting("characters@1", min=10, max=100))
    first, second = KeptMeasures(settings), KeptMeasures(settings)
    for one, values in ((first, (0.1, 0.45, 0.2, 0.44)), (second, (0.49, 0.3))):
        for value in values:
            one.add((("latin_ratio@1", value), ("characters@1", 11.0)), f"{value}", "文")
    found = Findings()
    for one in (first, second):
        footer = {"kept_measured": one.counts, "nearest": one.nearest}
        found.add_footers({"templates_dropped": {}, "examples": {}, **footer}, ())
    assert [example[3] for example in found.nearest["latin_ratio@1"]] == ["0.49", "0.45", "0.44"]
    assert found.kept_measured["characters@1"] == {"11": 6}
    assert found.nearest["characters@1"][0][1:3] == [11.0, 10]


def test_times_stand_in_the_page_where_they_are_wanted(tmp_path: Path) -> None:
    times = [
        StageTime("ingest", "2026-11-29T05:00:00+00:00", 3, 3, 12.0, 20.0, 400_000_000),
        StageTime("annotate", "2026-11-29T05:00:12+00:00", 3, 3, 8.0, 14.5, 714_000_000),
    ]
    assert "Time and memory" not in report(tmp_path, manifest(), findings())
    page = report(tmp_path, manifest(), findings(), times)
    assert "20.0 seconds together, 120 characters a second" in page
    assert '<td>ingest</td><td class="n">12.0</td><td class="n">60.0%</td>' in page
    again = [*times, replace(times[0], made=1, seconds=2.0)]
    assert "10.0 seconds together." in report(tmp_path, manifest(), findings(), again)


def test_the_days_of_the_documents_are_told() -> None:
    found = findings()
    other = Findings()
    other.add_footers(INGESTED | {"dates": {"wikipedia": ["2003-01-01", "2025-01-01"]}}, ())
    found.add(other)
    assert Findings.from_json(found.to_json()).dates == {"wikipedia": ("2003-01-01", "2026-03-01")}
    assert "wikipedia 2003-01-01 to 2026-03-01." in report(Path(), manifest(), found)
