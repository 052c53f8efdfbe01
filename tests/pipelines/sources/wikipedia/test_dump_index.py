"""The index beside a multistream dump."""

from __future__ import annotations

import bz2
import tracemalloc
from pathlib import Path

import pytest

from hanmill.pipelines.sources.wikipedia.bz2_streams import cut_at_streams
from hanmill.pipelines.sources.wikipedia.dump_index import index_path, indexed_streams


@pytest.mark.parametrize(
    ("dump", "index"),
    [
        ("jawiki-1-multistream.xml.bz2", "jawiki-1-multistream-index.txt.bz2"),
        ("zhwiki-1-multistream2.xml-p9p20.bz2", "zhwiki-1-multistream-index2.txt-p9p20.bz2"),
    ],
)
def test_the_index_is_found_by_name(tmp_path: Path, dump: str, index: str) -> None:
    assert index_path(tmp_path / dump) is None
    (tmp_path / index).touch()
    assert index_path(tmp_path / dump) == tmp_path / index
    assert index_path(tmp_path / "minidump-zh.xml.bz2") is None


def test_offsets_rise_and_titles_may_hold_colons(tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.write_bytes(bz2.compress("600:1:2001: 一次旅行\n600:2:猫\n900:3:茶\n".encode()))
    assert indexed_streams(path) == [600, 900]
    path.write_bytes(bz2.compress("これは索引ではない\n".encode()))
    assert indexed_streams(path) == []
    path.write_bytes(b"no bzip2")
    assert indexed_streams(path) == []
    path.write_bytes(bz2.compress(b"600:1:x\n" + b"7" * 5000 + b":2:y\n"))
    assert indexed_streams(path) == []
    path.write_bytes(bz2.compress(b"600:1:" + b"x" * (64 << 20)))
    tracemalloc.start()
    assert indexed_streams(path) == []
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    path.write_bytes(bz2.compress(b"600:1:x\n")[:-4])
    assert indexed_streams(path) == []


def test_a_wrong_index_is_overruled_by_the_file(tmp_path: Path) -> None:
    parts = [bz2.compress(f"第{number}部".encode()) for number in range(5)]
    path = tmp_path / "x.bz2"
    path.write_bytes(b"".join(parts))
    offsets = [sum(map(len, parts[:number])) for number in range(5)]
    assert cut_at_streams(path, 1, offsets) == offsets
    assert cut_at_streams(path, 1, [7, 11, 13, 10_000]) == offsets


def test_the_index_of_a_real_dump_agrees_with_its_streams(shared_data: Path) -> None:
    dump = shared_data / "wikipedia" / "jawiki-sample-pages-articles-multistream.xml.bz2"
    index = index_path(dump)
    assert index is not None
    known = indexed_streams(index)
    assert len(known) == 5
    assert set(known) <= set(cut_at_streams(dump, 1))
    assert cut_at_streams(dump, 60_000, known) == cut_at_streams(dump, 60_000)
