"""The account of a split is taken from its shards; one that does not add up ends the build without a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hanmill.pipelines.build.finish import finish
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.stages import BuildState
from hanmill.pipelines.build.summary import read_split
from hanmill.pipelines.corpus.atomic import write_text
from hanmill.pipelines.corpus.shards import write_table
from hanmill.pipelines.sources.records import Split
from hanmill.schemas.manifest import MANIFEST_NAME, ManifestError
from hanmill.schemas.recipe_file import load_recipe

SPLIT = Split("wikipedia", "/dumps/jawiki.xml.bz2", 0, 4096, "multistream")


def finished_split(
    corpus: Path, read: int, left_out: Mapping[str, int], rows: int = 3, said: int | None = None
) -> Task:
    """A split of which ``read`` records were read, one failed, one was dropped and ``rows`` are there to train on."""
    footer: dict[str, Any] = {
        "accounting": {"read": read, "kept": 0, "dropped": {"stub@1": 1}, "failed": {"no_title": 1}},
        "templates_dropped": {},
        "examples": {},
    }
    empty: dict[str, Any] = {"left_out": {}, "measures": {"characters": 10}, "kinds": [], "row_groups": []}
    groups = [{"rows": rows if said is None else said, "characters": 10 * rows}]
    write_table(corpus / "documents" / "part-a.parquet", pa.table({"uid": pa.array([], pa.uint64())}), footer)
    texts = pa.table({"text": ["吾輩は猫である。"] * rows})
    write_table(corpus / "train" / "part-a.parquet", texts, empty | {"left_out": left_out, "row_groups": groups})
    write_table(corpus / "validation" / "part-a.parquet", texts.slice(0, 0), empty)
    writes = tuple((kind, str(corpus / kind / "part-a.parquet")) for kind in ("validation", "train"))
    return Task("a", "label", writes, (("documents", str(corpus / "documents" / "part-a.parquet")),), SPLIT)


def finish_one(corpus: Path, task: Task) -> None:
    state = BuildState(load_recipe("demo"), Plan((), ()), corpus)
    listing = corpus / "vocabulary" / "tables.json"
    write_text(listing, '{"files": {}, "versions": {}}')
    state._tasks.update(dict.fromkeys(("ingest", "cluster", "count", "words"), ()))
    state._tasks.update(annotate=(task,), tables=(Task("t", "tables", (("tables", str(listing)),)),))
    finish(state)


def test_the_account_of_a_split_is_that_of_its_shards(tmp_path: Path) -> None:
    split = read_split(tmp_path, finished_split(tmp_path, 7, {"duplicate@1": 2}))
    assert split.label == "wikipedia:jawiki.xml.bz2:0-4096"
    account = split.accounting
    assert (account.read, account.kept, dict(account.failed)) == (7, 3, {"no_title": 1})
    assert account.dropped == {"duplicate@1": 2, "stub@1": 1}
    assert split.measures == {"characters": 20}
    account.check("the split")


@pytest.mark.parametrize("lost", [-1, 1, 5])
def test_a_record_lost_on_the_way_ends_the_build(tmp_path: Path, lost: int) -> None:
    task = finished_split(tmp_path, 7 + lost, {"duplicate@1": 2})
    expected = rf"wikipedia:jawiki\.xml\.bz2:0-4096: records read: {7 + lost}; kept 3 \+ dropped 3 \+ failed 1 = 7"
    with pytest.raises(ManifestError, match=expected):
        finish_one(tmp_path, task)
    assert not (tmp_path / MANIFEST_NAME).exists()


def test_a_shard_with_other_rows_than_it_says_ends_the_build(tmp_path: Path) -> None:
    task = finished_split(tmp_path, 7, {"duplicate@1": 2}, said=4)
    with pytest.raises(ManifestError, match=r"part-a\.parquet: rows by its footer: 4; rows in it: 3"):
        finish_one(tmp_path, task)
