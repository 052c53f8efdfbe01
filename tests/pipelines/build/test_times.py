"""What a build has taken is told, and its corpus does not hang on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hanmill.pipelines.build.corpus_stats import corpus_stats, stats_lines
from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.times import TIMES_NAME, StageTime, TimesError, Usage, add_time, read_times
from hanmill.schemas.manifest import Accounting, Manifest, Shard


def empty() -> Manifest:
    none = Shard("train/part-a.parquet", "0" * 64, 0, 0, ())
    return Manifest(
        schema_version=2, hanmill_version="0", recipe={"name": "小"}, recipe_sha256="0" * 64, inputs=(), resources={},
        tables={}, train=(none,), validation=(none,), accounting=Accounting(0, 0, {}, {}, 0, {}), splits={},
        measures={}, documents={"train": 0, "validation": 0},
    )  # fmt: skip


def test_every_run_is_a_line_and_the_latest_of_a_stage_is_told(tmp_path: Path) -> None:
    assert read_times(tmp_path) == []
    add_time(tmp_path, StageTime.of("ingest", 3, 3, 9.5, Usage(17.25, 400_000_000)))
    add_time(tmp_path, StageTime.of("annotate", 3, 3, 2.0, Usage(3.0, 700_000_000)))
    add_time(tmp_path, StageTime.of("ingest", 4, 1, 1.5, Usage(1.25, 300_000_000)))
    times = read_times(tmp_path)
    assert [(time.stage, time.made, time.shards) for time in times] == [
        ("ingest", 3, 3), ("annotate", 3, 3), ("ingest", 1, 4),
    ]  # fmt: skip
    stats = corpus_stats(empty(), Findings(), times)
    assert [(time["stage"], time["seconds"]) for time in stats["times"]] == [("ingest", 1.5), ("annotate", 2.0)]
    lines = list(stats_lines(json.loads(json.dumps(stats))))
    assert lines[-2].split() == ["1.5", "1.2", "300", "1", "of", "4", "ingest"]


def test_of_several_workers_the_largest_counts() -> None:
    assert Usage(1.5, 10) + Usage(2.0, 30) + Usage(0.5, 20) == Usage(4.0, 30)


@pytest.mark.parametrize("line", ["{", '{"stage": "ingest"}', "[]", "\ufeff3"])
def test_a_line_that_is_no_time_is_named(tmp_path: Path, line: str) -> None:
    add_time(tmp_path, StageTime.of("ingest", 3, 3, 9.5, Usage()))
    with (tmp_path / TIMES_NAME).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(TimesError, match=r"times\.jsonl:2: .*expected the time of a stage"):
        read_times(tmp_path)
