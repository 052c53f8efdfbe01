"""Places on the Hugging Face Hub, with a folder in its stead."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.sources.inputs import InputError, input_files
from hanmill.pipelines.sources.records import RawPage
from hanmill.pipelines.sources.tables.reader import plan_splits, read_split
from hanmill.schemas.location import LocationError, ObjectPath, _hub, location
from hanmill.schemas.recipe import TablesRecipe

fsspec = pytest.importorskip("fsspec")
DATASET = "hf://datasets/someone/texts"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that stands for the Hub."""
    from fsspec.implementations.dirfs import DirFileSystem
    from fsspec.implementations.local import LocalFileSystem

    opened = DirFileSystem(path=str(tmp_path), fs=LocalFileSystem())
    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(HfFileSystem=lambda: opened))
    _hub.cache_clear()
    folder = tmp_path / "datasets/someone/texts"
    (folder / "data").mkdir(parents=True)
    for number in range(3):
        rows = pa.table({"text": [f"第{number}篇，他看著窗外。", f"{number}番目の文。"], "n": [1, 2]})
        pq.write_table(rows, folder / f"data/part-{number}.parquet")
    (folder / "README.md").write_text("# 卡", encoding="utf-8")
    yield folder
    _hub.cache_clear()


def test_files_by_wildcards_and_folders(hub: Path) -> None:
    for pattern in (f"{DATASET}/data/*.parquet", f"{DATASET}/data", f"{DATASET}/**/*.parquet"):
        found = input_files([("tables", pattern)])
        assert sorted(name for _, name, _ in found) == ["part-0.parquet", "part-1.parquet", "part-2.parquet"]
    with pytest.raises(InputError, match="no such file"):
        input_files([("tables", f"{DATASET}/none/*.parquet")])


def test_rows(hub: Path) -> None:
    (hub / "lines.jsonl").write_text('{"text": "一行。"}\n', encoding="utf-8")
    texts = []
    for name in ("data/part-1.parquet", "lines.jsonl"):
        for split in plan_splits(f"{DATASET}/{name}", 1 << 20, TablesRecipe()):
            texts += [one.content for one in read_split(split, TablesRecipe()) if isinstance(one, RawPage)]
    assert texts == ["第1篇，他看著窗外。", "1番目の文。", "一行。"]


def test_a_changed_file_is_another(hub: Path) -> None:
    place = location(f"{DATASET}/README.md")
    before = place.stat()
    assert before.st_size == (hub / "README.md").stat().st_size
    (hub / "README.md").write_text("# 板", encoding="utf-8")
    assert place.stat().st_mtime_ns != before.st_mtime_ns


def test_nothing_is_written(hub: Path) -> None:
    place = location(f"{DATASET}/README.md")
    assert isinstance(place, ObjectPath)
    for write in (place.unlink, place.remove_folder, lambda: place.upload(hub / "README.md")):
        with pytest.raises(OSError, match="the Hub is only read here"):
            write()
    assert (hub / "README.md").is_file()


def test_what_the_client_raises_is_one_line(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("no route")

    monkeypatch.setattr(_hub()[1], "info", fail)
    with pytest.raises(OSError, match="RuntimeError: no route"):
        location(f"{DATASET}/README.md").is_file()


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    _hub.cache_clear()
    with pytest.raises(InputError, match=r"expected the package huggingface-hub.*pip install 'hanmill\[hub\]'"):
        input_files([("tables", f"{DATASET}/data/*.parquet")])


@pytest.mark.parametrize("text", ["hf://models/a/b/c", "hf://datasets/a", "hf://datasets", "hf://a/b"])
def test_other_addresses_of_the_hub(text: str) -> None:
    with pytest.raises(LocationError, match="expected hf://datasets/OWNER/NAME"):
        location(text)
