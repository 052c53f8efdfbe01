"""A real standalone Spark cluster on loopback: the same bytes, with a machine lost, with a Python worker killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

Start = Callable[..., subprocess.Popen[str]]
Hashes = Callable[[Path], dict[str, str]]


@pytest.fixture
def cluster(
    require: Callable[[str], None],
    tool: Callable[[str], Path],
    cluster_module: ModuleType,
    program: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[object]:
    """A fresh cluster whose Python workers run the copied program; afterwards no process of it is left."""
    require("spark")
    for name in ("spark-job-server", "worker", "spark"):
        tool(name)
    monkeypatch.setenv("PYTHONPATH", str(program))
    cluster_module.down()
    running = cluster_module.up(os.getpid())
    yield running
    cluster_module.down()
    assert cluster_module.processes(running.name) == []


@pytest.fixture
def start_on_spark(cluster: object, cluster_module: ModuleType, start_build: Start) -> Start:
    """Starts a build on the cluster; its job server carries the cluster's name too."""

    def start(output: Path, *options: str) -> subprocess.Popen[str]:
        return start_build(output, "--spark-master", cluster.url, *options, **{cluster_module.MARK: cluster.name})

    return start


def python_workers(cluster_module: ModuleType, cluster: object) -> list[int]:
    found = []
    for pid in cluster_module.processes(cluster.name):
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"sdk_worker_main" in command.read_bytes():
            found.append(pid)
    return found


def wait_for_shards(corpus: Path, count: int, process: subprocess.Popen[str]) -> None:
    while len(list((corpus / "documents").glob("*.parquet"))) < count:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


def output_or_second_run(process: subprocess.Popen[str], start: Start, corpus: Path) -> str:
    """The build's output; where it failed in so many words, that of the same command once more."""
    text = process.communicate(timeout=1200)[0]
    if process.returncode == 0:
        return text
    assert "hanmill: SparkRunner: " in text, text
    assert "run the same command again" in text
    again = start(corpus)
    more = again.communicate(timeout=1200)[0]
    assert again.returncode == 0, text + more
    return text + more


def test_spark_gives_the_bytes_of_a_local_build(
    cluster: object,
    start_on_spark: Start,
    local_corpus: Path,
    hashes: Hashes,
    written_in_order: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    process = start_on_spark(tmp_path / "corpus")
    text = process.communicate(timeout=1200)[0]
    assert process.returncode == 0, text
    assert "--environment_type=PROCESS" in text
    assert hashes(tmp_path / "corpus") == hashes(local_corpus)
    written_in_order(tmp_path / "corpus")


def test_a_lost_machine_changes_no_byte(
    cluster: object, start_on_spark: Start, local_corpus: Path, hashes: Hashes, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    process = start_on_spark(corpus)
    wait_for_shards(corpus, 2, process)
    os.kill(cluster.workers[0], signal.SIGKILL)
    output_or_second_run(process, start_on_spark, corpus)
    assert hashes(corpus) == hashes(local_corpus)


def test_a_killed_python_worker_changes_no_byte(
    cluster: object,
    cluster_module: ModuleType,
    start_on_spark: Start,
    local_corpus: Path,
    hashes: Hashes,
    tmp_path: Path,
) -> None:
    corpus = tmp_path / "corpus"
    process = start_on_spark(corpus)
    wait_for_shards(corpus, 2, process)
    workers = python_workers(cluster_module, cluster)
    assert workers, "no Python worker of the cluster was found to kill"
    os.kill(workers[0], signal.SIGKILL)
    output_or_second_run(process, start_on_spark, corpus)
    assert hashes(corpus) == hashes(local_corpus)


def test_a_worker_with_other_code_is_reported(
    cluster: object, start_on_spark: Start, program: Path, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / "pipelines").mkdir(parents=True)
    (other / "pipelines" / "__init__.py").write_text('"""Not hanmill."""\n')
    command = tmp_path / "worker"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={other} exec {tool("worker")} "$@"\n')
    command.chmod(0o755)
    process = start_on_spark(
        tmp_path / "corpus",
        "--environment_type=PROCESS",
        f"--environment_option=process_command={command}",
        "--environment_cache_millis=60000",
    )
    text = process.communicate(timeout=1200)[0]
    assert process.returncode == 3, text
    assert "hanmill: SparkRunner: ModuleNotFoundError: No module named '" in text
    assert not list((tmp_path / "corpus" / "documents").glob("*.parquet"))


def test_a_terminated_build_takes_its_job_server_along(
    cluster: object, cluster_module: ModuleType, start_on_spark: Start, tmp_path: Path
) -> None:
    process = start_on_spark(tmp_path / "corpus")
    wait_for_shards(tmp_path / "corpus", 1, process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in cluster_module.processes(cluster.name)]
    assert not [command for command in commands if b"SparkJobServerDriver" in command or b"--job-port" in command]
