from __future__ import annotations

from pathlib import Path

from pipelines.build.plan import Plan
from pipelines.build.tasks import cluster_task, gather_tasks, ingest_tasks, scatter_tasks
from pipelines.sources.records import Split
from pipelines.sources.source import PlannedSplit

OUTPUT = Path("corpus")


def plan(count: int) -> Plan:
    splits = [Split("commoncrawl", f"/crawl/漢字-{n:05}.warc.gz", 0, 1 << 30, "members") for n in range(count)]
    return Plan((), tuple(PlannedSplit(split, f"identity {split.path}") for split in splits))


def test_a_split_keeps_its_address_wherever_it_stands_in_the_plan() -> None:
    alone = ingest_tasks(Plan((), plan(3).splits[2:]), {"code": "a"}, OUTPUT)
    among = ingest_tasks(plan(3), {"code": "a"}, OUTPUT)
    assert alone[0].key == among[2].key
    assert alone[0].writes == among[2].writes
    assert ingest_tasks(plan(3), {"code": "b"}, OUTPUT)[2].key != among[2].key


def test_thousands_of_splits_are_grouped_without_losing_one() -> None:
    ingest = ingest_tasks(plan(2_000), {}, OUTPUT)
    scatter = scatter_tasks(ingest, [0, *[3300] * 1_999], {}, OUTPUT, lines=True)
    read = [path for task in scatter for path in task.reading_all("signatures")]
    assert read == [task.writing("signatures") for task in ingest]
    assert [task.number for task in scatter][:3] == [0, 10, 19]
    gather = gather_tasks(scatter, 100, {}, OUTPUT)
    assert [task.number for task in gather] == list(range(100))
    assert all(len(task.reading_all("exchange")) == len(scatter) for task in gather)
    cluster = cluster_task(gather, {}, OUTPUT)
    assert cluster.reading_all("links") == [task.writing("links") for task in gather]
    assert len(cluster.reading_all("repeated")) == len(gather)


def test_lines_are_exchanged_only_where_they_are_counted() -> None:
    scatter = scatter_tasks(ingest_tasks(plan(2), {}, OUTPUT), [5, 7], {}, OUTPUT, lines=False)
    cluster = cluster_task(gather_tasks(scatter, 1, {}, OUTPUT), {}, OUTPUT)
    assert cluster.reading_all("repeated") == []
    assert {name for name, _ in cluster.writes} == {"clusters", "digests"}
