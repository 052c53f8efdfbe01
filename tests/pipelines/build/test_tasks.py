from __future__ import annotations

from pathlib import Path

from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.tasks import cluster_task, gather_tasks, ingest_tasks, scatter_tasks, step_tasks
from hanmill.pipelines.dedup.steps import BUCKETS
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.source import PlannedSplit

OUTPUT = Path("corpus")


def plan(count: int) -> Plan:
    splits = [Split("commoncrawl", f"/crawl/漢字-{n:05}.warc.gz", 0, 1 << 30, "members") for n in range(count)]
    return Plan((), tuple(PlannedSplit(split, f"identity {split.path}") for split in splits))


def test_a_split_keeps_its_address_wherever_it_stands_in_the_plan() -> None:
    alone = ingest_tasks(Plan((), plan(3).splits[2:]), {"commoncrawl": {"code": "a"}}, OUTPUT)
    among = ingest_tasks(plan(3), {"commoncrawl": {"code": "a"}}, OUTPUT)
    assert alone[0].key == among[2].key
    assert alone[0].writes == among[2].writes
    assert ingest_tasks(plan(3), {"commoncrawl": {"code": "b"}}, OUTPUT)[2].key != among[2].key


def test_thousands_of_splits_are_grouped_without_losing_one() -> None:
    ingest = ingest_tasks(plan(2_000), {"commoncrawl": {}}, OUTPUT)
    scatter = scatter_tasks(ingest, [0, *[3300] * 1_999], {}, OUTPUT, lines=True)
    read = [path for task in scatter for path in task.reading_all("signatures")]
    assert read == [task.writing("signatures") for task in ingest]
    assert [task.number for task in scatter][:3] == [0, 20, 39]
    buckets = step_tasks(BUCKETS, 100, scatter, "", OUTPUT)
    gather = gather_tasks(scatter, buckets, {}, OUTPUT)
    assert [task.number for task in gather] == list(range(100))
    assert all(len(task.reading_all("rows")) == len(scatter) for task in buckets)
    assert all(len(task.reading_all("signed")) == len(scatter) for task in gather)
    assert all(len(task.reading_all("members")) == len(buckets) for task in gather)


def test_lines_are_exchanged_only_where_they_are_counted() -> None:
    ingest = ingest_tasks(plan(2), {"commoncrawl": {}}, OUTPUT)
    for lines in (False, True):
        scatter = scatter_tasks(ingest, [5, 7], {}, OUTPUT, lines=lines)
        gather = gather_tasks(scatter, step_tasks(BUCKETS, 1, scatter, "", OUTPUT), {}, OUTPUT)
        cluster = cluster_task(1, {}, OUTPUT, lines=lines)
        assert any(kind == "lines" for kind, _ in scatter[0].writes) == lines
        assert any(kind == "repeated" for kind, _ in gather[0].writes) == lines
        assert {kind for kind, _ in cluster.writes} == {"digests", *(["repeated"] if lines else [])}
