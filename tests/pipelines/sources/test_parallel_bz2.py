"""One large stream on all cores."""

from __future__ import annotations

import bz2
import random
from pathlib import Path

import pytest

from pipelines.sources.bz2_streams import StreamDamage, StreamData
from pipelines.sources.parallel_bz2 import read_parallel

DATA = random.Random(3).randbytes(4_600_000) + "漢字".encode() * 1000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parallel") / "large.bz2"
    path.write_bytes(bz2.compress(DATA))
    return path


def test_a_large_stream_is_read_whole(large: Path) -> None:
    items = read_parallel(large)
    assert items is not None
    assert b"".join(item.data for item in items if isinstance(item, StreamData)) == DATA


def test_damage_costs_one_block_and_is_reported(large: Path, tmp_path: Path) -> None:
    data = bytearray(large.read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "damaged.bz2"
    damaged.write_bytes(data)
    items = list(read_parallel(damaged) or ())
    (damage,) = (item for item in items if isinstance(item, StreamDamage))
    assert damage.kind == "damaged_stream"
    cut = items.index(damage)
    before, after = (
        b"".join(item.data for item in part if isinstance(item, StreamData)) for part in (items[:cut], items[cut:])
    )
    assert DATA.startswith(before)
    assert DATA.endswith(after)
    assert len(DATA) - len(before) - len(after) <= 900_000


def test_a_small_file_and_a_file_of_another_kind_are_left_to_others(tmp_path: Path) -> None:
    small, other = tmp_path / "small", tmp_path / "other"
    small.write_bytes(bz2.compress(b"a"))
    other.write_bytes(bytes(5 << 20))
    assert read_parallel(small) is None
    assert read_parallel(other) is None
