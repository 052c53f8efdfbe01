"""Engines in their local mode give the bytes of a local build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("engine", "runner", "needed", "option"),
    [
        ("prism", "PrismRunner", "prism", "--prism_location={tool}"),
        ("flink", "FlinkRunner", "flink-job-server", "--flink_job_server_jar={tool}"),
    ],
    ids=["prism", "flink"],
)
def test_an_engine_gives_the_bytes_of_a_local_build(
    engine: str,
    runner: str,
    needed: str,
    option: str,
    require: Callable[[str], None],
    tool: Callable[[str], Path],
    run_build: Callable[..., str],
    local_corpus: Path,
    hashes: Callable[[Path], dict[str, str]],
    written_in_order: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    require(engine)
    chosen = option.format(tool=tool(needed))
    text = run_build(tmp_path / "corpus", "--runner", runner)
    assert f"engine: --runner={runner} " in text
    assert chosen in text
    assert hashes(tmp_path / "corpus") == hashes(local_corpus)
    written_in_order(tmp_path / "corpus")
