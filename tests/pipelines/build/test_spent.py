"""Files that one stage leaves for another go when they have been read, and come again where they are needed again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.stages import BuildState, Stage
from hanmill.pipelines.build.verdict_files import read_digests
from hanmill.pipelines.dedup import exchange, steps
from hanmill.pipelines.dedup.signatures import Signed, signature_table
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.recipe import DeduplicateRecipe, Recipe

TEXTS = ("吾輩は猫である。名前はまだ無い。", "入秋以后水位回落，停了三个月的江心渡口重新开船。", "바닷가 마을의 아침")


@pytest.fixture(autouse=True)
def _many_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "DOCUMENTS_PER_NODE_GROUP", 20)
    monkeypatch.setattr(exchange, "DOCUMENTS_PER_PARTITION", range(16, 16))


def ingested(output: Path, lines: int = 0) -> BuildState:
    """A build whose splits have signatures, half of them copies."""
    splits = [Split("commoncrawl", f"/crawl/{number}.warc.gz", 0, 1, "members") for number in range(5)]
    plan = Plan((), tuple(PlannedSplit(split, split.path) for split in splits))
    settings = DeduplicateRecipe(near=True, lines=lines)
    state = BuildState(Recipe(name="spent", deduplicate=settings), plan, output)
    for task in state.tasks("ingest"):
        texts = [f"{TEXTS[row % 3] * 3}{row // 2}" for row in range(20)]
        documents = [Signed(task.number * 20 + row, 1, text) for row, text in enumerate(texts)]
        path = Path(task.writing("signatures"))
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(signature_table(documents, settings), path)
    return state


def stages_of(state: BuildState) -> list[Stage]:
    return [stage for stage in state.stages if stage.part == "deduplicate"]


def run(state: BuildState, *, until: str = "", keep: bool = False) -> list[str]:
    """Runs stages as a build does; names of those that had something to do."""
    ran = []
    for stage in stages_of(state):
        left = state.left(stage)
        if left:
            ran.append(stage.name)
            do = stage.job(state).open()
            for task in left:
                do(task)
        if not keep:
            state.remove_spent(stage)
        if stage.name == until:
            break
    return ran


def found(state: BuildState) -> tuple[dict[int, str], Counter[int]]:
    digests = read_digests(Path(state.tasks("cluster")[0].writing("digests")))
    return {shard: verdict.digest for shard, verdict in digests.by_shard.items()}, digests.sizes


def scratch(output: Path) -> set[str]:
    """Folders that hold Arrow files."""
    return {path.parent.name for path in output.rglob("*.arrow")}


@pytest.mark.parametrize("lines", [0, 2])
def test_a_file_goes_with_its_last_reader(tmp_path: Path, lines: int) -> None:
    kept = ingested(tmp_path / "kept", lines)
    everything = run(kept, keep=True)
    assert {"rows", "signed", "members", "edges", "nodes", "stars1"} <= scratch(tmp_path / "kept")
    state = ingested(tmp_path / "swept", lines)
    ran = []
    for stage in stages_of(state):
        ran += run(state, until=stage.name)
        here = scratch(tmp_path / "swept")
        assert ("rows" in here) == (stage.name == "scatter")
        assert ("signed" in here) == (stage.name in ("scatter", "buckets"))
        # The documents that are linked are asked for when the rounds are over, what they were linked by is not.
        assert ("edges" in here) == (stage.name in ("scatter", "buckets", "gather"))
        assert ("nodes" in here) == (stages_of(state).index(stage) < [s.name for s in stages_of(state)].index("label"))
    assert ran == everything == [stage.name for stage in stages_of(state)]
    assert scratch(tmp_path / "swept") == set()
    assert found(state) == found(kept)
    assert found(state)[1] == {35: 2, 30: 1}


@pytest.mark.parametrize("stopped", ["scatter", "buckets", "gather", "large2", "last", "label", "decide", "cluster"])
def test_a_build_goes_on_where_it_was_stopped(tmp_path: Path, stopped: str) -> None:
    state = ingested(tmp_path / "corpus")
    before = run(state, until=stopped)
    again = ingested(tmp_path / "corpus")
    after = run(again)
    assert not set(before) & set(after)
    assert [*before, *after] == [stage.name for stage in stages_of(again)]


def test_what_is_lost_is_made_again_with_all_that_it_needs(tmp_path: Path) -> None:
    state = ingested(tmp_path / "corpus")
    run(state, until="large2")
    expected = ingested(tmp_path / "whole")
    run(expected)
    lost = Path(state.tasks("gather")[1].writing("nodes"))
    lost.unlink()
    again = ingested(tmp_path / "corpus")
    ran = run(again)
    assert ran[:3] == ["scatter", "buckets", "gather"]
    assert "large1" not in ran
    assert found(again) == found(expected)
