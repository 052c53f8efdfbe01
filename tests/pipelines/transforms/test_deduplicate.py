"""Deduplication of documents that somebody else has read: duplicates and repeated lines are left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest

import hanmill as hm
from hanmill.pipelines.transforms.batches import Batch, batch_of
from hanmill.schemas.corpus import DOCUMENTS
from hanmill.schemas.recipe import DeduplicateRecipe

MENU = "本站首页｜联络我们｜网站地图｜隐私政策"
TEXTS = [
    f"{MENU}\n入秋以后水位回落，停了三个月的江心渡口在周五晚上重新开船。",
    f"第一班船载着二十七名乘客，多半是放学的孩子。\n{MENU}",
    f"{MENU}\n渡口对面的茶馆也开了门，老板娘说今年的水来得早。",
    MENU,
    "吾輩は猫である。名前はまだ無い。",
    "吾輩は猫である。名前はまだ無い",
]


def empty(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return []
    return "" if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind) else None


def batches() -> list[Batch]:
    blank = {field.name: empty(field.type) for field in DOCUMENTS}
    rows = [blank | {"uid": n, "source": "commoncrawl", "text": text} for n, text in enumerate(TEXTS)]
    return [(("of somebody", n), batch_of([row], DOCUMENTS)) for n, row in enumerate(rows)]


def unique(tmp_path: Path, **settings: Any) -> dict[int, str]:
    recipe = replace(hm.load_recipe("demo"), deduplicate=DeduplicateRecipe(**settings))
    with beam.Pipeline(runner="FnApiRunner") as p:
        found = p | beam.Create(batches()).with_output_types(Batch) | hm.Deduplicate(recipe, partitions=3)
        rows = found | beam.FlatMap(lambda element: element[1].select(["uid", "text"]).to_pylist())
        rows | beam.Map(json.dumps) | beam.io.WriteToText(f"{tmp_path}/rows")
    lines = [line for path in tmp_path.glob("rows*") for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["uid"]: row["text"] for row in map(json.loads, lines)}


@pytest.mark.parametrize("lines", [0, 3])
def test_copies_and_repeated_lines_are_left_out(lines: int, tmp_path: Path) -> None:
    found = unique(tmp_path, lines=lines)
    assert len({4, 5} & set(found)) == 1
    expected = dict(enumerate(TEXTS[:4]))
    if lines:
        # What is nothing but such lines goes with them.
        expected = {0: TEXTS[0].split("\n")[1], 1: TEXTS[1].split("\n")[0], 2: TEXTS[2].split("\n")[1]}
    assert {uid: text for uid, text in found.items() if uid < 4} == expected
