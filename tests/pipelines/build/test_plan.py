from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest

from hanmill.pipelines.build.plan import InputError, Plan, plan_inputs, planned_rows, planned_splits
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.recipe import SourcesRecipe

DUMP = '<mediawiki xml:lang="ja"><page><title>猫</title><ns>0</ns><id>1</id></page></mediawiki>'.encode()
ARCHIVE = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_plan_is_ordered_by_source_and_name_and_survives_its_rows(tmp_path: Path) -> None:
    write(tmp_path / "b.xml.bz2", bz2.compress(DUMP))
    write(tmp_path / "a.xml", DUMP)
    write(tmp_path / "z.warc.gz", gzip.compress(ARCHIVE, mtime=0))
    inputs = [("wikipedia", f"{tmp_path}/*.xml*"), ("commoncrawl", f"{tmp_path}/*.warc.gz")]
    plan = plan_inputs(inputs, SourcesRecipe())
    assert [(item.source, item.name) for item in plan.inputs] == [
        ("commoncrawl", "z.warc.gz"),
        ("wikipedia", "a.xml"),
        ("wikipedia", "b.xml.bz2"),
    ]
    assert planned_splits(planned_rows(plan.splits)) == plan.splits
    assert plan_inputs(inputs[::-1], SourcesRecipe()) == plan


def test_identity_does_not_depend_on_the_folder_but_on_name_and_content(tmp_path: Path) -> None:
    def identity(path: Path) -> str:
        return plan_inputs([("wikipedia", str(path))], SourcesRecipe()).splits[0].identity

    first = identity(write(tmp_path / "one" / "jawiki.xml", DUMP))
    assert identity(write(tmp_path / "two" / "jawiki.xml", DUMP)) == first
    assert identity(write(tmp_path / "two" / "zhwiki.xml", DUMP)) != first
    assert identity(write(tmp_path / "three" / "jawiki.xml", DUMP.replace("猫".encode(), "犬".encode()))) != first


@pytest.mark.parametrize("name", ["jawiki[1].xml", "jawiki [1] (2).xml", "[a]*.xml"])
def test_a_file_may_have_the_signs_of_a_pattern_in_its_name(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, DUMP)
    assert [item.name for item in plan_inputs([("wikipedia", str(path))], SourcesRecipe()).inputs] == [name]


def test_one_content_named_twice_is_read_once(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder / "jawiki.xml", DUMP)
    plan = plan_inputs([("wikipedia", f"{tmp_path}/*/jawiki.xml"), ("wikipedia", f"{tmp_path}/one/*")], SourcesRecipe())
    assert len(plan.inputs) == len(plan.splits) == 1


def test_a_folder_stands_for_its_files_and_indexes_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "jawiki-multistream.xml.bz2", bz2.compress(DUMP))
    write(tmp_path / "jawiki-multistream-index.txt.bz2", bz2.compress(b"0:1:x\n"))
    write(tmp_path / ".hidden", b"x")
    assert [item.name for item in plan_inputs([("wikipedia", str(tmp_path))], SourcesRecipe()).inputs] == [
        "jawiki-multistream.xml.bz2"
    ]


@pytest.mark.parametrize(
    ("source", "data", "message"),
    [
        ("wikipedia", b"", "found 0 bytes, expected a MediaWiki XML dump"),
        ("commoncrawl", b"", "found 0 bytes, expected WARC or WET records"),
        ("commoncrawl", bz2.compress(DUMP)[:40], "found a bzip2 file, expected WARC or WET records"),
        ("wikipedia", "吾輩は猫である".encode(), "expected a MediaWiki XML dump"),
        ("wikipedia", gzip.compress(ARCHIVE, mtime=0), "begins 'WARC/1.0"),
        ("commoncrawl", bz2.compress(DUMP), "expected WARC or WET records"),
    ],
)
def test_another_kind_of_file_is_named(source: str, data: bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "input", data)
    with pytest.raises(InputError) as caught:
        plan_inputs([(source, str(path))], SourcesRecipe())
    assert str(caught.value).startswith(f"--input {source}={path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("wikipedia", b"\xef\xbb\xbf\n " + DUMP),
        ("wikipedia", bz2.compress(DUMP)[:40]),
        ("wikipedia", b"BZh9 damaged from the first byte on"),
        ("commoncrawl", ARCHIVE),
        ("commoncrawl", gzip.compress(b"garbage before\n" + ARCHIVE, mtime=0)),
        ("commoncrawl", gzip.compress(ARCHIVE, mtime=0)[:15]),
    ],
)
def test_damaged_files_of_the_right_kind_pass(source: str, data: bytes, tmp_path: Path) -> None:
    assert mismatch(SOURCES[source], write(tmp_path / "input", data)) == ""


def test_a_split_of_single_records_survives_json() -> None:
    records = (("crawl-data/a.warc.gz", ((5, 100), (900, 20))), ("crawl-data/b.warc.gz", ((0, 7),)))
    split = Split("commoncrawl", "https://data.example/", 0, 3, "records", records)
    plan = Plan((), (PlannedSplit(split, "identity"),))
    assert planned_splits(planned_rows(plan.splits)) == plan.splits
