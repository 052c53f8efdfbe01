"""A build from a columnar index: only the wanted records are fetched, proven by the bytes the server sends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.build.plan import plan_inputs
from hanmill.pipelines.sources.commoncrawl.indexed_records import read_split
from hanmill.pipelines.sources.commoncrawl.page_gates import declared_language
from hanmill.pipelines.sources.commoncrawl.url_index import select_records
from hanmill.pipelines.sources.commoncrawl.warc import WarcRecordData, read_warc
from hanmill.schemas.location import location
from hanmill.schemas.recipe import CommonCrawlIndexRecipe, CommonCrawlRecipe, SourcesRecipe

NAME = "crawl-data/CC-MAIN-2026-40/segments/1/warc/CC-MAIN-2026-00000.warc.gz"
CODES = {b"zh": "zho", b"ja": "jpn", b"ko": "kor", b"en": "eng", b"de": "deu"}
GAP = 4096


@pytest.fixture(scope="module")
def archive(shared_data: Path) -> bytes:
    """2 MB of real pages in five languages."""
    return (shared_data / "warc" / "docs-00001.warc.gz").read_bytes()


@pytest.fixture(scope="module")
def rows(shared_data: Path, archive: bytes) -> list[dict[str, Any]]:
    """The index of every third record, as CommonCrawl's job would write it."""
    with (shared_data / "warc" / "docs-00001.warc.gz").open("rb") as file:
        records = [record for record in read_warc(file, 1 << 24) if isinstance(record, WarcRecordData)]
    lengths = [end - start for start, end in pairwise([*(record.offset for record in records), len(archive)])]
    return [
        {
            "url": record.url,
            "content_languages": CODES.get(declared_language(record.body)),
            "content_digest": record.record_id,
            "warc_filename": NAME,
            "warc_record_offset": record.offset,
            "warc_record_length": length,
        }
        for record, length in list(zip(records, lengths, strict=True))[::3]
    ]


def write_recipe(tmp_path: Path, data: str) -> Path:
    recipe = tmp_path / "small.yaml"
    recipe.write_text(
        "extends: demo\nname: small\nglyphs: {styles: []}\nsources:\n  commoncrawl:\n    index:\n"
        f"      languages: [jpn]\n      data: {data}\n      gap_bytes: {GAP}\n      requests_per_second: 1000\n",
        encoding="utf-8",
    )
    return recipe


def test_only_the_records_of_the_index_are_fetched(
    store, build_here, tmp_path: Path, archive: bytes, rows: Sequence[dict[str, Any]]
) -> None:
    table = pa.Table.from_pylist(list(rows))
    path = tmp_path / "part-00000.parquet"
    pq.write_table(table, path, row_group_size=64)
    store.put(f"crawl/{NAME}", archive)
    store.put("crawl/cc-index/part-00000.parquet", path.read_bytes())
    japanese = [row for row in rows if row["content_languages"] == "jpn"]
    wanted = sum(row["warc_record_length"] for row in japanese)
    assert 30 < len(japanese) < len(rows) / 3

    # Over HTTP: the store is a web server, too.
    store.count_anew()
    recipe = write_recipe(tmp_path, f"{store.address}/crawl/")
    manifest = build_here(recipe, [("commoncrawl-index", str(path))], tmp_path / "http")
    served = store.served()[f"crawl/{NAME}"]
    fetched = [address for method, address, _ in store.requests() if address == f"/crawl/{NAME}"]
    assert manifest.accounting.read == len(japanese)
    assert manifest.accounting.kept > len(japanese) / 2
    assert wanted <= served <= wanted + GAP * (len(japanese) - 1)
    assert served < len(archive) / 4
    assert len(fetched) <= len(japanese)

    # From the object store, index and all, and from a folder: the same records of the same splits.
    (tmp_path / "crawl" / NAME).parent.mkdir(parents=True)
    (tmp_path / "crawl" / NAME).write_bytes(archive)
    found = []
    for index, data in (("s3://crawl/cc-index/*.parquet", "s3://crawl"), (str(path), f"{tmp_path}/crawl")):
        settings = CommonCrawlIndexRecipe(languages=("jpn",), data=data, gap_bytes=GAP)
        plan = plan_inputs([("commoncrawl-index", index)], SourcesRecipe(commoncrawl=CommonCrawlRecipe(index=settings)))
        assert plan.inputs == manifest.inputs
        store.count_anew()
        recipe = CommonCrawlRecipe(index=settings)
        read = [record for planned in plan.splits for record in read_split(planned.split, recipe)]
        found.append((read, [planned.identity for planned in plan.splits]))
        assert store.served() == ({f"crawl/{NAME}": served} if data.startswith("s3") else {})
    assert found[0] == found[1]
    assert len(found[0][0]) == len(japanese)
    texts = pq.read_table(tmp_path / "http" / manifest.train[0].path)["text"].to_pylist()
    assert sum("の" in text for text in texts) > len(texts) / 2


def test_columns_that_are_not_needed_are_not_read(store, tmp_path: Path, rows: Sequence[dict[str, Any]]) -> None:
    wide = [{**row, "headers": str(number) * 3000} for number, row in enumerate(rows)]
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.Table.from_pylist(wide), path, row_group_size=64, compression="none", use_dictionary=False)
    store.put("crawl/wide.parquet", path.read_bytes())
    store.count_anew()
    assert len(select_records(location("s3://crawl/wide.parquet"), ("jpn",))) > 30
    assert store.served()["crawl/wide.parquet"] < path.stat().st_size / 4
