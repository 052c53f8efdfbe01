from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.annotate.pinyin.context_features import SLOTS
from hanmill.pipelines.annotate.pinyin.context_model import ContextModel, ReadingsModelError, read_model, write_model
from hanmill.pipelines.annotate.pinyin.word_readings import KINDS
from hanmill.schemas.hashing import canonical_json


def some_model(**changes: object) -> ContextModel:
    fields: dict[str, object] = {
        "readings": {"行": ("hang2", "xing2"), "長": ("chang2",)},
        "slots": np.array([3, 70_000, SLOTS - 1], dtype=np.uint32),
        "weights": np.array([-127, 5, 127], dtype=np.int8),
        "agreement": (1, 0, 300, -4, 5, 6, 7, 8, 9),
        "made_from": {"sentences": 2},
    }
    return ContextModel(**{**fields, **changes})  # type: ignore[arg-type]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "models" / "m.parquet"
    written = some_model()
    write_model(path, written)
    found = read_model(path)
    assert dict(found.readings) == dict(written.readings)
    assert found.slots.tolist() == written.slots.tolist()
    assert found.weights.tolist() == written.weights.tolist()
    assert (found.agreement, dict(found.made_from)) == (written.agreement, {"sentences": 2})
    assert [file.name for file in path.parent.iterdir()] == ["m.parquet"]


def test_equal_models_have_equal_bytes(tmp_path: Path) -> None:
    write_model(tmp_path / "a", some_model())
    write_model(tmp_path / "b", some_model(readings={"長": ("chang2",), "行": ("hang2", "xing2")}))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slots": np.array([1, 2, SLOTS], dtype=np.uint32)}, "slot 4194304"),
        ({"agreement": (1, 2)}, "agreement"),
        ({"agreement": (1 << 15,) * KINDS}, "16-bit"),
        ({"readings": {"银行": ("hang2",)}}, "银行"),
        ({"readings": {"行": ()}}, "0 readings"),
        ({"readings": {"行": ("hang2",) * 17}}, "17 readings"),
    ],
)
def test_values_out_of_range_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    write_model(tmp_path / "m", some_model(**changes))
    with pytest.raises(ReadingsModelError, match=message):
        read_model(tmp_path / "m")


@pytest.mark.parametrize("content", [b"", b"PAR1", "行\thang2\n".encode(), b"PAR1" + b"\0" * 64 + b"PAR1"])
def test_files_of_another_kind_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ReadingsModelError, match="other: not a readable"):
        read_model(path)


def test_a_model_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m"
    write_model(path, some_model())
    whole = path.read_bytes()
    for end in (len(whole) - 1, len(whole) // 2, 10):
        path.write_bytes(whole[:end])
        with pytest.raises(ReadingsModelError):
            read_model(path)


@pytest.mark.parametrize(
    ("footer", "message"),
    [
        (None, "format None, expected 1"),
        ([1], "format None"),
        ({"format": 2}, "format 2, expected 1"),
        ({"format": 1}, "footer"),
        ({"format": 1, "readings": [], "agreement": [], "made_from": {}}, "footer"),
    ],
)
def test_parquet_without_the_footer_is_refused(tmp_path: Path, footer: object, message: str) -> None:
    schema = pa.schema([pa.field("slot", pa.uint32(), nullable=False), pa.field("weight", pa.int8(), nullable=False)])
    table = pa.table([pa.array([1], pa.uint32()), pa.array([1], pa.int8())], schema=schema)
    if footer is not None:
        table = table.replace_schema_metadata({b"hanmill": canonical_json(footer)})
    pq.write_table(table, tmp_path / "m")
    with pytest.raises(ReadingsModelError, match=message):
        read_model(tmp_path / "m")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["行"]}), tmp_path / "m")
    with pytest.raises(ReadingsModelError, match=r"\['text'\], expected \['slot', 'weight'\]"):
        read_model(tmp_path / "m")
