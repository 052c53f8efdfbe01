"""The sample dumps are what their sources say, and the readers of real dumps read them."""

from __future__ import annotations

import bz2
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.records import Dropped
from hanmill.pipelines.sources.wikipedia.reader import plan_splits, read_split
from hanmill.schemas.recipe import WikipediaRecipe
from tests.pipelines.documents import documents as documents_of


@pytest.fixture(scope="module")
def make_dump(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_dump", repository / "samples" / "wikipedia" / "make_dump.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["zh", "ja", "en"])
def test_committed_dumps_are_rebuilt_byte_for_byte(make_dump: ModuleType, repository: Path, language: str) -> None:
    stem = repository / "samples" / "wikipedia" / f"{language}wiki-sample-pages-articles-multistream"
    dump, index = make_dump.build(language)
    assert Path(f"{stem}.xml.bz2").read_bytes() == dump
    assert Path(f"{stem}-index.txt.bz2").read_bytes() == index
    for line in bz2.decompress(index).decode().splitlines():
        offset, identifier, _ = line.split(":", 2)
        decoded = bz2.BZ2Decompressor().decompress(dump[int(offset) :])
        assert f"<id>{identifier}</id>".encode() in decoded


@pytest.mark.parametrize(("language", "pages", "kept"), [("zh", 14, 11), ("ja", 14, 11), ("en", 8, 5)])
def test_every_page_becomes_one_record(repository: Path, language: str, pages: int, kept: int) -> None:
    path = repository / "samples" / "wikipedia" / f"{language}wiki-sample-pages-articles-multistream.xml.bz2"
    splits = plan_splits(str(path), 1)
    assert len(splits) == -(-pages // 4) + 2
    found = documents_of(record for split in splits for record in read_split(split, WikipediaRecipe()))
    assert len(found) == pages
    documents = [record for record in found if isinstance(record, Document)]
    assert len(documents) == kept
    assert {record.lang for record in documents} == {language}
    rules = sorted(record.rule for record in found if isinstance(record, Dropped))
    assert rules == ["disambiguation@1", "namespace@1", "redirect@1"]
    for record in documents:
        for mark in ("{{", "}}", "<ref", "thumb|", "（）。", "、。", "[[File"):
            assert mark not in record.text, record.title


def test_constructs_of_the_samples_read_well(repository: Path) -> None:
    folder = repository / "samples" / "wikipedia"
    (split,) = plan_splits(str(folder / "jawiki-sample-pages-articles-multistream.xml.bz2"), 1 << 20)
    found = {
        record.title: record
        for record in documents_of(read_split(split, WikipediaRecipe()))
        if isinstance(record, Document)
    }
    tokyo = found["東京"]
    assert tokyo.text.startswith("東京（東京（とうきょう）、英語: Tokyo）は、日本の首都である。")
    # A sentence that a template leaves with a hole goes.
    assert "のをいう。気象庁は" in found["台風"].text
    assert "2-{4-[(2-メチルプロピル)]}-プロパン酸" in found["記号の多い記事"].text
    readings = {found["漢字の読み"].text[one.start : one.end]: one.reading for one in found["漢字の読み"].readings}
    assert readings["今日"] == "きょう"
    assert len(readings) == 9
    assert "櫻の花が滿開" in found["學校の思ひ出"].text
