from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.corpus.shards import ShardError, ShardWriter, read_footer, rows_to_table, write_table
from hanmill.schemas.corpus import DROPPED
from hanmill.schemas.hashing import file_sha256


def row(number: int) -> dict[str, Any]:
    return {
        "uid": number,
        "source": "wikipedia",
        "outcome": "dropped",
        "rule": f"rule{number % 3}@1",
        "measured": number / 7,
        "threshold": None,
        "title": f"第{number}頁",
        "url": "",
        "place": f"dump.xml:{number}",
        "snippet": "吾輩は猫である。",
        "lang": "ja",
        "script": "Jpan",
        "measures": [{"name": "characters@1", "value": 8.0}],
        "text": None,
    }


def write(path: Path, rows: int, per_group: int = 4) -> None:
    with ShardWriter(path, DROPPED, per_group) as shard:
        for number in range(rows):
            shard.append(row(number))
        shard.metadata["key"] = "鍵"


def write_with_error(path: Path) -> None:
    with ShardWriter(path, DROPPED, 2) as shard:
        for number in range(5):
            shard.append(row(number))
        broken = row(5)
        del broken["snippet"]
        shard.append(broken)


def test_rows_come_back_and_row_groups_have_the_size_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "dropped" / "part-0.parquet"
    write(path, 10)
    table = pq.read_table(path)
    assert table.schema.equals(DROPPED)
    assert table.to_pylist() == [row(number) for number in range(10)]
    assert [pq.ParquetFile(path).metadata.row_group(i).num_rows for i in range(3)] == [4, 4, 2]
    assert read_footer(path) == {"schema_version": 2, "key": "鍵"}


@pytest.mark.parametrize("sizes", [(10,), (3, 7), (4, 4, 2), (1, 2, 3, 4), (9, 1)])
def test_tables_are_cut_into_the_row_groups_of_single_rows(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    write(tmp_path / "dropped" / "rows.parquet", 10)
    path = tmp_path / "dropped" / "tables.parquet"
    rows = [row(number) for number in range(10)]
    with ShardWriter(path, DROPPED, 4) as shard:
        for size in sizes:
            shard.append_table(rows_to_table([rows.pop(0) for _ in range(size)], DROPPED))
        shard.metadata["key"] = "鍵"
    assert path.read_bytes() == (tmp_path / "dropped" / "rows.parquet").read_bytes()


def test_rows_and_tables_stand_in_the_order_they_came(tmp_path: Path) -> None:
    path = tmp_path / "dropped" / "part-0.parquet"
    with ShardWriter(path, DROPPED, 3) as shard:
        shard.append(row(0))
        shard.append_table(rows_to_table([row(1), row(2), row(3), row(4)], DROPPED))
        shard.append(row(5))
        shard.append(row(6))
    assert pq.read_table(path)["uid"].to_pylist() == list(range(7))
    assert [pq.ParquetFile(path).metadata.row_group(i).num_rows for i in range(3)] == [3, 3, 1]


def test_same_rows_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "dropped" / "a.parquet", tmp_path / "dropped" / "b.parquet"
    write(first, 9)
    write(second, 9)
    assert file_sha256(first) == file_sha256(second)


def test_empty_shard_is_a_readable_file(tmp_path: Path) -> None:
    path = tmp_path / "dropped" / "part-0.parquet"
    write(path, 0)
    assert pq.read_table(path).num_rows == 0


def test_nothing_is_left_behind_by_an_error(tmp_path: Path) -> None:
    path = tmp_path / "dropped" / "part-0.parquet"
    with pytest.raises(KeyError, match="snippet"):
        write_with_error(path)
    assert not path.exists()
    assert list((tmp_path / "_tmp").iterdir()) == []


def test_a_file_without_footer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plain.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(ShardError, match=r"plain\.parquet: found no hanmill footer"):
        read_footer(path)
    path.write_bytes(b"PAR1 nonsense")
    with pytest.raises(ShardError, match=r"plain\.parquet: not a readable Parquet file"):
        read_footer(path)


def test_table_metadata_survives(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2]}).replace_schema_metadata({"hanmill.fonts": "[]"})
    write_table(tmp_path / "tables" / "t.parquet", table, {"key": "k"})
    assert pq.read_schema(tmp_path / "tables" / "t.parquet").metadata[b"hanmill.fonts"] == b"[]"
    assert read_footer(tmp_path / "tables" / "t.parquet")["key"] == "k"
