from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def test_flink_gives_the_bytes_of_a_local_build(
    require: Callable[[str], None],
    tool: Callable[[str], Path],
    run_build: Callable[..., str],
    local_corpus: Path,
    hashes: Callable[[Path], dict[str, str]],
    tmp_path: Path,
) -> None:
    require("flink")
    jar = tool("flink-job-server")
    text = run_build(tmp_path / "corpus", "--runner", "FlinkRunner")
    assert f"--flink_master=[local] --flink_job_server_jar={jar} --flink_version=1.19 --parallelism=" in text
    assert hashes(tmp_path / "corpus") == hashes(local_corpus)
