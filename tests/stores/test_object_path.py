"""Objects read, written, listed and removed over S3's and Google's protocols."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.corpus.atomic import write_text
from hanmill.pipelines.corpus.shards import ShardWriter, read_footer
from hanmill.schemas.location import location, open_parquet


@pytest.fixture
def folder(store, scheme):
    return location(f"{scheme}://bucket/語料")


def put(store, name: str, content: bytes = b"x") -> None:
    store.put(f"bucket/語料/{name}", content)


def test_upload_shows_the_whole_object(store, folder, tmp_path: Path) -> None:
    # Beyond the size at which clients cut an upload into parts.
    content = random.Random(3).randbytes(23 << 20)
    (tmp_path / "local").write_bytes(content)
    (folder / "a" / "文件 1.bin").upload(tmp_path / "local")
    assert store.get("bucket/語料/a/文件 1.bin") == content
    (tmp_path / "local").write_bytes(b"as it is")
    (folder / "dump.bz2").upload(tmp_path / "local")
    assert store.get("bucket/語料/dump.bz2") == b"as it is"
    (tmp_path / "local").write_bytes(b"")
    (folder / "a" / "empty").upload(tmp_path / "local")
    assert (folder / "a").files() == {"empty": 0, "文件 1.bin": len(content)}
    assert (folder / "a" / "文件 1.bin").read_bytes() == content


def test_what_is_there_and_what_is_not(store, folder) -> None:
    assert not folder.exists()
    assert folder.is_empty()
    put(store, "train/part-1.parquet", b"12345")
    assert folder.exists()
    assert folder.is_dir()
    assert not folder.is_file()
    assert not folder.is_empty()
    place = folder / "train" / "part-1.parquet"
    assert place.is_file()
    assert place.stat().st_size == 5
    assert place.stat().st_mtime_ns > 0
    assert not (folder / "train" / "part").exists()
    missing = folder / "train" / "none"
    for call in (missing.stat, missing.open, missing.read_bytes, missing.unlink):
        with pytest.raises(FileNotFoundError) as caught:
            call()
        assert caught.value.filename == str(missing)
        assert caught.value.strerror == "No such file or directory"


def test_glob_and_files(store, folder) -> None:
    names = ["dumps/zh/1.bz2", "dumps/zh/2.bz2", "dumps/ja/1.bz2", "dumps/ja/.hidden", "dumps/3.bz2", "other.bz2"]
    for name in names:
        put(store, name)

    def found(pattern: str) -> list[str]:
        return [str(path.relative_to(folder)) for path in folder.glob(pattern)]

    assert found("dumps/*/*.bz2") == ["dumps/ja/1.bz2", "dumps/zh/1.bz2", "dumps/zh/2.bz2"]
    assert found("dumps/**/1.bz2") == ["dumps/ja/1.bz2", "dumps/zh/1.bz2"]
    assert found("dumps/**") == ["dumps/3.bz2", "dumps/ja/1.bz2", "dumps/zh/1.bz2", "dumps/zh/2.bz2"]
    assert found("dumps/zh/[12].b?2") == ["dumps/zh/1.bz2", "dumps/zh/2.bz2"]
    assert found("*.bz2") == ["other.bz2"]
    assert found("dumps/ko/*") == []
    assert (folder / "dumps").files() == {"3.bz2": 1}


def test_folders_of_thousands_are_listed_whole(store, scheme) -> None:
    for number in range(1100):
        store.put(f"many/part-{number:05}", b"")
    assert len(location(f"{scheme}://many").files()) == 1100


def test_removing(store, folder) -> None:
    put(store, "exchange/1")
    put(store, "exchange/deep/2")
    put(store, "train/1")
    (folder / "exchange").remove_folder()
    (folder / "exchange").remove_folder()
    (folder / "train" / "none").unlink(missing_ok=True)
    assert store.names() == ["bucket/語料/train/1"]
    (folder / "train" / "1").unlink()
    assert store.names() == []
    assert folder.is_empty()


def test_reading_fetches_ranges(store, tmp_path: Path) -> None:
    # Google's client in Arrow begins to read every object it opens from its start, so bytes are counted over S3.
    content = random.Random(5).randbytes(4 << 20)
    store.put("bucket/large", content)
    place = location("s3://bucket/large")
    store.count_anew()
    assert place.read_range(1_000_000, 1_000_100) == content[1_000_000:1_000_100]
    assert place.read_range(len(content) - 5, len(content) + 5) == content[-5:]
    assert place.read_range(len(content) + 5, len(content) + 9) == b""
    assert store.served() == {"bucket/large": 105}
    store.count_anew()
    with place.open(stop=2_000_100) as file:
        file.seek(2_000_000)
        assert file.read(100) == content[2_000_000:2_000_100]
    assert store.served() == {"bucket/large": 100}


def test_a_row_group_costs_itself_and_the_footer(store, tmp_path: Path) -> None:
    words = random.Random(7).choices("天地玄黃宇宙洪荒日月盈昃辰宿列張", k=400_000)
    table = pa.table({"text": ["".join(words[n : n + 100]) for n in range(0, len(words), 100)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=400, use_dictionary=False)
    store.put("bucket/t.parquet", (tmp_path / "t.parquet").read_bytes())
    store.count_anew()
    with open_parquet(location("s3://bucket/t.parquet")) as file:
        assert file.read_row_group(7)["text"].to_pylist() == table["text"].to_pylist()[2800:3200]
        size = file.metadata.row_group(7).total_byte_size
    assert store.served()["bucket/t.parquet"] < size + (1 << 16) < (tmp_path / "t.parquet").stat().st_size / 2


def test_a_shard_that_fails_leaves_nothing(store, folder) -> None:
    schema = pa.schema([pa.field("text", pa.string(), nullable=False)])

    def write(fail: bool) -> None:
        with ShardWriter(folder / "documents" / "part-1.parquet", schema, 2) as shard:
            shard.append({"text": "船長在碼頭"})
            shard.append({"text": "海は青い"})
            if fail:
                raise RuntimeError("disk full")
            shard.metadata["rows"] = 2

    with pytest.raises(RuntimeError, match="disk full"):
        write(True)
    assert store.names() == []
    store.count_anew()
    write(False)
    assert store.names() == ["bucket/語料/documents/part-1.parquet"]
    assert read_footer(folder / "documents" / "part-1.parquet")["rows"] == 2
    assert open_parquet(folder / "documents" / "part-1.parquet").read()["text"].to_pylist()[1] == "海は青い"
    write_text(folder / "manifest.json", "{}")
    assert (folder / "manifest.json").read_text(encoding="utf-8") == "{}"


UPLOAD = """
import sys
from pathlib import Path
from hanmill.schemas.location import location
location(sys.argv[1]).upload(Path(sys.argv[2]))
"""


def test_an_upload_that_is_killed_leaves_nothing_or_all(store, scheme, tmp_path: Path, repository: Path) -> None:
    content = random.Random(9).randbytes(48 << 20)
    (tmp_path / "shard").write_bytes(content)
    address = f"{scheme}://bucket/train/part-1.parquet"
    command = [sys.executable, "-c", UPLOAD, address, str(tmp_path / "shard")]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(repository)})
    while process.poll() is None and not store.requests():
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert store.names() == [] or store.get("bucket/train/part-1.parquet") == content
