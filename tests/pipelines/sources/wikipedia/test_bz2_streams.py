"""Streams and blocks of bzip2 files, whole, cut and damaged."""

from __future__ import annotations

import bz2
import random
from pathlib import Path

import pytest

from hanmill.pipelines.sources.wikipedia.bz2_blocks import read_blocks
from hanmill.pipelines.sources.wikipedia.bz2_streams import (
    StreamDamage,
    StreamData,
    cut_at_streams,
    find_stream,
    is_bzip2,
    is_multistream,
    read_streams,
    starts_stream,
)

# Hard to compress, so that small levels give many blocks.
NOISE = "".join(random.Random(1).choices("漢字かな交じり文の猫と犬", k=300_000)).encode()


def joined(items: list[StreamData | StreamDamage]) -> bytes:
    return b"".join(item.data for item in items if isinstance(item, StreamData))


def stored(folder: Path, data: bytes) -> Path:
    path = folder / "x.bz2"
    path.write_bytes(data)
    return path


def test_streams_are_found_and_read_from_any_start(tmp_path: Path) -> None:
    parts = [bz2.compress(f"第{number}部。".encode() * 50) for number in range(6)]
    path = stored(tmp_path, b"".join(parts))
    offsets = [sum(map(len, parts[:number])) for number in range(6)]
    assert cut_at_streams(path, 1) == offsets
    assert is_multistream(path, len(b"".join(parts)))
    assert is_multistream(path, offsets[1] + 1)
    assert not is_multistream(path, offsets[1])
    for number, offset in enumerate(offsets):
        items = list(read_streams(path, offset))
        assert joined(items).decode() == "".join(f"第{later}部。" * 50 for later in range(number, 6))
        assert [item.stream for item in items] == offsets[number:]


def test_a_magic_by_chance_is_no_stream(tmp_path: Path) -> None:
    false = b"BZh91AY&SY" + b"\x00\x01\x02 not a block" * 10
    data = bz2.compress(b"a") + false + bz2.compress(b"b")
    true = len(data) - len(bz2.compress(b"b"))
    assert not starts_stream(data, len(bz2.compress(b"a")))
    assert find_stream(data, 1, len(data)) == true
    assert cut_at_streams(stored(tmp_path, data), 5) == [0, true]


def test_what_stands_between_streams_is_reported_and_passed_over(tmp_path: Path) -> None:
    path = stored(tmp_path, bz2.compress(b"a") + b"garbage" + bz2.compress(b"b"))
    items = list(read_streams(path, 0))
    assert joined(items) == b"ab"
    (damage,) = (item for item in items if isinstance(item, StreamDamage))
    assert damage.kind == "damaged_stream"
    assert damage.offset == len(bz2.compress(b"a"))
    assert "garbage" in damage.message


def test_zero_padding_at_the_end_is_no_damage(tmp_path: Path) -> None:
    items = list(read_streams(stored(tmp_path, bz2.compress(b"a") + bytes(512)), 0))
    assert items == [StreamData(0, b"a")]


def test_blocks_of_one_stream_at_any_bit() -> None:
    data = bz2.compress(NOISE, 1)
    blocks = list(read_blocks(data, 0, len(data)))
    assert len(blocks) > 5
    assert b"".join(block or b"?" for _, block in blocks) == NOISE


@pytest.mark.parametrize("place", [0.05, 0.3, 0.5, 0.97])
def test_damage_inside_a_stream_costs_one_block(tmp_path: Path, place: float) -> None:
    data = bytearray(bz2.compress(NOISE, 1))
    data[int(len(data) * place)] ^= 0x10
    items = list(read_streams(stored(tmp_path, bytes(data)), 0))
    damage = [item for item in items if isinstance(item, StreamDamage)]
    assert [item.kind for item in damage] == ["damaged_stream"]
    position = items.index(damage[0])
    before, after = joined(items[:position]), joined(items[position:])
    assert NOISE.startswith(before)
    assert NOISE.endswith(after)
    assert 0 < len(NOISE) - len(before) - len(after) <= 110_000


def test_a_cut_stream_gives_its_blocks_and_the_end_of_the_file(tmp_path: Path) -> None:
    data = bz2.compress(NOISE, 1)[:100_000]
    items = list(read_streams(stored(tmp_path, data), 0))
    assert len(joined(items)) > 300_000
    assert NOISE.startswith(joined(items))
    damage = items[-1]
    assert isinstance(damage, StreamDamage)
    assert (damage.kind, damage.offset) == ("truncated_stream", len(data))


def test_only_bzip2_is_bzip2() -> None:
    assert is_bzip2(bz2.compress(b""))
    assert is_bzip2(bz2.compress(b"a"))
    assert not is_bzip2(b"BZh9 plain text")
    assert not is_bzip2(b"")


def test_splits_need_a_size(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0; expected"):
        cut_at_streams(stored(tmp_path, bz2.compress(b"a")), 0)
