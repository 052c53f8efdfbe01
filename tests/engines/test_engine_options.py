from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.pipelines.engines.engine_options import (
    IMAGE_WORKER,
    EngineOptionError,
    choose_options,
    given_options,
    shown_options,
)


def test_nothing_is_chosen_for_runners_that_need_nothing(tmp_path: Path) -> None:
    assert choose_options("FnApiRunner", (), 9, 2, tmp_path) == []
    assert choose_options("DirectRunner", (), 9, 2, tmp_path) == []
    assert choose_options("PrismRunner", (), 9, 2, tmp_path) == []


def test_spark_cluster_gets_processes_cache_and_a_partition_a_task(tmp_path: Path) -> None:
    chosen = choose_options("SparkRunner", ("--spark_master_url", "spark://far:7077"), 300, 2, tmp_path)
    assert chosen == [
        "--job_server_jvm_properties=-Dspark.default.parallelism=300",
        "--environment_type=PROCESS",
        f"--environment_option=process_command={IMAGE_WORKER}",
        "--environment_cache_millis=60000",
    ]


def test_spark_on_loopback_takes_what_was_built_here(tmp_path: Path) -> None:
    for name in ("spark-job-server.jar", "beam-worker"):
        (tmp_path / name).touch()
    chosen = choose_options("SparkRunner", ("--spark_master_url=spark://127.0.0.1:17077",), 1 << 20, 2, tmp_path)
    assert f"--spark_job_server_jar={tmp_path}/spark-job-server.jar" in chosen
    assert f"--environment_option=process_command={tmp_path}/beam-worker" in chosen
    assert "--job_server_jvm_properties=-Dspark.default.parallelism=2000" in chosen


def test_spark_without_a_master_is_local(tmp_path: Path) -> None:
    assert choose_options("SparkRunner", (), 300, 4, tmp_path) == ["--spark_master_url=local[4]"]


def test_what_was_given_is_never_chosen(tmp_path: Path) -> None:
    given = (
        "--spark_master_url=spark://far:7077",
        "--environment_type",
        "DOCKER",
        "--job_server_jvm_properties=-Xmx1g",
    )
    assert choose_options("SparkRunner", given, 300, 2, tmp_path) == []


def test_flink_is_as_wide_as_tasks_and_cores_allow(tmp_path: Path) -> None:
    assert choose_options("FlinkRunner", (), 300, 4, tmp_path) == ["--flink_master=[local]", "--parallelism=4"]
    assert choose_options("FlinkRunner", (), 2, 4, tmp_path)[-1] == "--parallelism=2"
    (tmp_path / "flink-job-server.jar").touch()
    assert "--flink_version=1.19" in choose_options("FlinkRunner", (), 2, 4, tmp_path)


def test_dataflow_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EngineOptionError, match="DataflowRunner: found no --sdk_container_image"):
        choose_options("DataflowRunner", (), 9, 2, tmp_path)


def test_secrets_are_not_printed() -> None:
    options = [
        "--runner=SparkRunner",
        "--s3_secret_access_key=hidden",
        "--s3_access_key_id",
        "hidden",
        "--region",
        "eu",
    ]
    assert shown_options([*options, "--s3_session_token=a=hidden"]) == (
        "--runner=SparkRunner --s3_secret_access_key=… --s3_access_key_id … --region eu --s3_session_token=…"
    )


def test_options_are_read_in_both_forms() -> None:
    given = given_options(["--a=1=2", "--b", "2", "--flag", "--c", "雪"])
    assert given == {"a": "1=2", "b": "2", "flag": "", "c": "雪"}
