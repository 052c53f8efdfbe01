"""Which records an index names, and the splits made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.build.plan import InputError, Plan, plan_inputs, planned_rows, planned_splits
from hanmill.pipelines.sources.commoncrawl.url_index import IndexFileError, plan_records, select_records
from hanmill.schemas.location import LocationError
from hanmill.schemas.recipe import CommonCrawlIndexRecipe, CommonCrawlRecipe, SourcesRecipe

WARC = "crawl-data/CC-MAIN-2026-40/segments/1/warc/CC-MAIN-2026-0000{}.warc.gz"
EAST_ASIAN = CommonCrawlIndexRecipe()


def row(languages: str | None, file: int, offset: int, length: int, digest: str = "") -> dict[str, Any]:
    return {
        "url": f"https://例え.example/{offset}",
        "content_languages": languages,
        "content_digest": digest or f"SHA{offset}",
        "warc_filename": WARC.format(file),
        "warc_record_offset": offset,
        "warc_record_length": length,
    }


def indexed(split_bytes: int, **settings: Any) -> SourcesRecipe:
    return SourcesRecipe(
        commoncrawl=CommonCrawlRecipe(index=CommonCrawlIndexRecipe(**settings)), split_bytes=split_bytes
    )


ROWS = [
    row("zho,eng", 1, 5000, 700),
    row("eng", 1, 4000, 1000),
    row(None, 1, 3000, 10),
    row("jpn", 0, 90, 400),
    row("eng,jpn,kor", 0, 10, 50),
    row("kor", 0, 60, 30),
    row("zhx,jpnx", 0, 8000, 30),
    row("zho", 1, 100, 900),
]


def write(path: Path, rows: Sequence[dict[str, Any]], **options: Any) -> Path:
    schema = pa.schema(
        [
            ("url", pa.string()),
            # As Spark and Arrow write such columns.
            ("content_languages", pa.dictionary(pa.int32(), pa.string())),
            ("content_digest", pa.string()),
            ("warc_filename", pa.string()),
            ("warc_record_offset", pa.int32()),
            ("warc_record_length", pa.int32()),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), path, **options)
    return path


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write(tmp_path / "part-00000.parquet", ROWS, row_group_size=3)


def test_rows_of_the_wanted_languages(index: Path) -> None:
    table = select_records(index, ("jpn", "zho"))
    assert [(r["file"][-9], r["offset"], r["length"], r["digest"]) for r in table.to_pylist()] == [
        ("0", 10, 50, "SHA10"),
        ("0", 90, 400, "SHA90"),
        ("1", 100, 900, "SHA100"),
        ("1", 5000, 700, "SHA5000"),
    ]
    assert select_records(index, ("kor",))["offset"].to_pylist() == [10, 60]
    assert len(select_records(index, ("deu",))) == 0


def test_splits_hold_whole_records_in_order(index: Path) -> None:
    tables = [select_records(index, EAST_ASIAN.languages)]
    splits = [split for split, _ in plan_records(tables, EAST_ASIAN, 1000)]
    assert [(split.start, split.end, split.reader) for split in splits] == [(0, 3, "records"), (3, 4, "records")]
    assert splits[0].records == ((WARC.format(0), ((10, 50), (90, 400))), (WARC.format(1), ((100, 900),)))
    assert splits[1].records == ((WARC.format(1), ((5000, 700),)),)
    assert splits[0].path == "https://data.commoncrawl.org/"


def test_identity_is_by_the_records_alone(index: Path, tmp_path: Path) -> None:
    def plan(rows: Sequence[dict[str, Any]], name: str = "x.parquet", **settings: Any) -> Plan:
        path = write(tmp_path / name, rows)
        return plan_inputs([("commoncrawl-index", str(path))], indexed(1024, **settings))

    def identities(plan: Plan) -> list[str]:
        return [split.identity for split in plan.splits]

    first = plan(ROWS)
    assert identities(plan([*ROWS[::-1], ROWS[0]])) == identities(first)
    assert plan(ROWS[::-1]).inputs[0].sha256 == first.inputs[0].sha256
    assert identities(plan(ROWS, data="s3://mirror/crawl", gap_bytes=0, requests_per_second=9.0)) == identities(first)
    assert identities(plan([row("eng", 0, 70000, 5), *ROWS])) == identities(first)
    changed = plan([*ROWS[:-1], row("zho", 1, 100, 900, "OTHER")])
    assert identities(changed)[0] != identities(first)[0]
    assert identities(changed)[1] == identities(first)[1]
    assert changed.inputs[0].sha256 != first.inputs[0].sha256
    assert planned_splits(planned_rows(first.splits)) == first.splits


def test_parts_of_an_index_are_planned_together(tmp_path: Path) -> None:
    write(tmp_path / "part-0.parquet", ROWS[:5])
    write(tmp_path / "part-1.parquet", ROWS[3:])
    plan = plan_inputs([("commoncrawl-index", f"{tmp_path}/*.parquet")], SourcesRecipe())
    assert [item.name for item in plan.inputs] == ["part-0.parquet", "part-1.parquet"]
    assert [(split.split.start, split.split.end) for split in plan.splits] == [(0, 4)]
    assert (
        plan.splits[0].identity
        == plan_inputs([("commoncrawl-index", str(write(tmp_path / "all.parquet", ROWS)))], SourcesRecipe())
        .splits[0]
        .identity
    )


def test_an_index_without_a_match_is_refused(index: Path) -> None:
    with pytest.raises(InputError, match="no record of 1 files names deu, fra"):
        plan_inputs([("commoncrawl-index", str(index))], indexed(1024, languages=("deu", "fra")))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"warc_filename": "../../etc/passwd"}, "found '../../etc/passwd', expected a plain relative path"),
        ({"warc_filename": "/etc/passwd"}, "expected a plain relative path"),
        ({"warc_filename": "https://elsewhere.example/x"}, "expected a plain relative path"),
        ({"warc_filename": None}, "found None, expected a plain relative path"),
        ({"warc_record_offset": -1}, "warc_record_offset -1, warc_record_length 700: expected an offset of at least 0"),
        ({"warc_record_length": 0}, "a length of at least 1"),
        ({"warc_record_length": None}, "warc_record_length None"),
    ],
)
def test_a_hostile_index_is_refused(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "x.parquet", [ROWS[0] | wrong, *ROWS[1:]])
    with pytest.raises(IndexFileError) as caught:
        select_records(path, ("zho",))
    assert message in str(caught.value)
    # What is not wanted is not looked at.
    assert len(select_records(path, ("kor",))) == 2


def test_other_files_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"url": ["x"], "warc_filename": ["y"]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"columns found: url, warc_filename; missing .*: content_languages,"):
        plan_inputs([("commoncrawl-index", f"{tmp_path}/x.parquet")], indexed(1024))
    (tmp_path / "x.parquet").write_bytes(b"WARC/1.0")
    with pytest.raises(InputError, match=r"x\.parquet: expected a Parquet file of CommonCrawl's URL index"):
        plan_inputs([("commoncrawl-index", f"{tmp_path}/x.parquet")], indexed(1024))


@pytest.mark.parametrize("data", ["https://user:hidden@host/", "s3://b/?X-Amz-Signature=hidden", "ftp://host/hidden"])
def test_addresses_of_archives_that_are_refused(index: Path, data: str) -> None:
    with pytest.raises(LocationError) as caught:
        list(plan_records([select_records(index, ("zho",))], CommonCrawlIndexRecipe(data=data), 1000))
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"languages": ()}, "ISO 639-3"),
        ({"languages": ("zh",)}, "ISO 639-3"),
        ({"languages": ("zho|.*",)}, "ISO 639-3"),
        ({"gap_bytes": -1}, "gap_bytes"),
        ({"requests_per_second": 0.0}, "requests_per_second"),
    ],
)
def test_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CommonCrawlIndexRecipe(**settings)
