"""What an engine needs to be told and a user should not have to know."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from hanmill.schemas.errors import HanmillError

#: Where the worker image has the command that Spark and Flink start for Python work.
IMAGE_WORKER = "/opt/hanmill/bin/beam-worker"
#: A Python worker is kept this long between bundles: starting one takes seconds, a bundle may take less.
WORKER_CACHE_MILLISECONDS = 60_000
#: What a worker machine should have at least: dictionaries and models take about half a gigabyte a process.
WORKER_MEMORY = "4GB"
#: Spark partitions: one a shard keeps what a lost machine costs small; beyond this the driver has more to do than they.
MAX_PARTITIONS = 2_000


_SECRET = re.compile(r"key|secret|token|password|credential|connection_string", re.IGNORECASE)


class EngineOptionError(HanmillError, ValueError):
    """An engine that cannot run with the options given."""


def tools_folder() -> Path:
    """Where ``docker/engines.py`` puts what it builds: ``${XDG_CACHE_HOME:-~/.cache}/hanmill/engines``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hanmill" / "engines"


def choose_options(runner: str, given: Sequence[str], tasks: int, cores: int, tools: Path) -> list[str]:
    """The options to add to those given, for ``tasks`` tasks; an option that was given is never chosen.

    ``cores`` are those of this machine, ``tools`` the folder of locally built jars and binaries; what is not there is
    left to Beam, which downloads its own. Raises EngineOptionError where an engine cannot do without an option.
    """
    named = given_options(given)
    choose = {"SparkRunner": _spark, "FlinkRunner": _flink, "PrismRunner": _prism, "DataflowRunner": _dataflow}.get(
        runner
    )
    chosen = choose(named, tasks, cores, tools) if choose else {}
    return [f"--{name}={value}" if value else f"--{name}" for name, value in chosen.items() if name not in named]


def given_options(options: Sequence[str]) -> dict[str, str]:
    """Name to value of Beam options, in either form (``--name=value``, ``--name value``); a flag has the value ''."""
    named: dict[str, str] = {}
    waiting = ""
    for item in options:
        if item.startswith("--"):
            waiting, _, value = item[2:].partition("=")
            named[waiting] = value
        elif waiting:
            named[waiting] = item
            waiting = ""
    return named


def shown_options(options: Sequence[str]) -> str:
    """Beam options as they may be printed: values of those whose names speak of keys, secrets or tokens are hidden."""
    shown: list[str] = []
    hidden = False
    for item in options:
        name, separator, _ = item.partition("=")
        if item.startswith("--"):
            hidden = _SECRET.search(name) is not None
            shown.append(f"{name}=…" if hidden and separator else item)
        else:
            shown.append("…" if hidden else item)
    return " ".join(shown)


def _spark(named: Mapping[str, str], tasks: int, cores: int, tools: Path) -> dict[str, str]:
    master = named.get("spark_master_url", f"local[{cores}]")
    chosen = {"spark_master_url": master} | _built(tools / "spark-job-server.jar", "spark_job_server_jar")
    if master.startswith("local"):
        return chosen
    if "job_server_jvm_properties" not in named:
        partitions = max(1, min(tasks, MAX_PARTITIONS))
        chosen["job_server_jvm_properties"] = f"-Dspark.default.parallelism={partitions}"
    return chosen | _worker_environment(named, master, tools)


def _flink(named: Mapping[str, str], tasks: int, cores: int, tools: Path) -> dict[str, str]:
    master = named.get("flink_master", "[local]")
    chosen = {"flink_master": master}
    jar = _built(tools / "flink-job-server.jar", "flink_job_server_jar")
    if jar and "flink_job_server_jar" not in named:
        # The version the local jar is built for (docker/flink/pom.xml).
        chosen |= jar | {"flink_version": "1.19"}
    if master in ("[local]", "[auto]"):
        return chosen | {"parallelism": str(max(1, min(tasks, cores)))}
    return chosen | _worker_environment(named, master, tools)


def _prism(named: Mapping[str, str], tasks: int, cores: int, tools: Path) -> dict[str, str]:
    return _built(tools / f"beam-{metadata.version('apache-beam')}" / "prism", "prism_location")


def _dataflow(named: Mapping[str, str], tasks: int, cores: int, tools: Path) -> dict[str, str]:
    if "sdk_container_image" not in named:
        raise EngineOptionError(
            "DataflowRunner: found no --sdk_container_image, expected the worker image: Beam's own lacks hanmill, its "
            "dictionaries and its fonts"
        )
    # The image holds everything: nothing is downloaded to a worker, nothing of the launcher is pickled by value.
    return {"sdk_location": "container", "no_save_main_session": "", "resource_hint": f"min_ram={WORKER_MEMORY}"}


def _worker_environment(named: Mapping[str, str], master: str, tools: Path) -> dict[str, str]:
    """How a cluster's machines start Python: our image's command, or the one built here for a cluster on loopback."""
    if "environment_type" in named:
        return {}
    local = tools / "beam-worker"
    command = str(local) if local.exists() and ("127.0.0.1" in master or "localhost" in master) else IMAGE_WORKER
    return {
        "environment_type": "PROCESS",
        "environment_option": f"process_command={command}",
        "environment_cache_millis": str(WORKER_CACHE_MILLISECONDS),
    }


def _built(path: Path, option: str) -> dict[str, str]:
    return {option: str(path)} if path.exists() else {}
