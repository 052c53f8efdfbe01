"""Bytes of a dump in every form."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard

from hanmill.pipelines.sources.wikipedia.bz2_streams import StreamDamage, StreamData
from hanmill.pipelines.sources.wikipedia.dump import DumpError, dump_files, read_dump

DATA = "漢字と仮名".encode() * 200_000


def joined(path: Path) -> bytes:
    return b"".join(item.data for item in read_dump(str(path)) if isinstance(item, StreamData))


def test_what_a_file_holds_counts_not_its_name(tmp_path: Path) -> None:
    for number, stored in enumerate([DATA, gzip.compress(DATA), zstandard.compress(DATA)]):
        path = tmp_path / f"{number}.xml.bz2"
        path.write_bytes(stored)
        assert joined(path) == DATA


def test_a_cut_gzip_file_gives_what_it_holds_and_the_offset(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    stored = gzip.compress(DATA)
    path.write_bytes(stored[:-20])
    damage = list(read_dump(str(path)))[-1]
    assert isinstance(damage, StreamDamage)
    assert (damage.kind, damage.offset) == ("truncated_stream", len(stored) - 20)
    assert DATA.startswith(joined(path)[:1000])


def test_bytes_behind_the_last_member_that_are_no_gzip_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(DATA) + b"garbage")
    *_, damage = read_dump(str(path))
    assert isinstance(damage, StreamDamage)
    assert damage.kind == "damaged_stream"
    path.write_bytes(gzip.compress(DATA) + bytes(100))
    assert joined(path) == DATA


def test_a_bomb_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(50 << 20)))
    assert max(len(item.data) for item in read_dump(str(path)) if isinstance(item, StreamData)) <= 1 << 20


def test_a_frame_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "window.zst"
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    path.write_bytes(compressor.compress(DATA) + compressor.flush())
    (damage,) = read_dump(str(path))
    assert isinstance(damage, StreamDamage)
    assert "memory" in damage.message or "window" in damage.message.lower()


def test_an_empty_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "empty.xml"
    path.touch()
    assert joined(path) == b""


def test_folders_without_dumps_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="found: none"):
        dump_files(str(tmp_path))
