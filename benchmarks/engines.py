"""What an engine costs before it works, and how fast it then works.

    python -m benchmarks.engines [--engines local1,local2,fnapi,prism,flink,spark] [--copies 8] [--input SOURCE=GLOB …]

Every engine builds two corpora: one of the smallest input, whose time is nearly all start-up, and one of all inputs
``--copies`` times over, under names of their own. Throughput is what the second build adds to the first, by the clock
and by the processor seconds of every process that has a part in it (the JVMs too): where others share the machine
only the latter mean something. Engines whose tools cannot be built here are left out. Ratios are what to trust.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from benchmarks.build import REAL, SAMPLES, SHARED
from hanmill.pipelines.build.build import Build
from hanmill.pipelines.engines.beam_runner import BeamRunner
from hanmill.pipelines.engines.engine import LocalProcesses
from hanmill.pipelines.sources.inputs import input_files
from hanmill.schemas.recipe import DeduplicateRecipe, Recipe
from hanmill.schemas.recipe_file import load_recipe

DOCKER = Path(__file__).resolve().parent.parent / "docker"
TOOLS = {"prism": ("prism",), "flink": ("flink-job-server",), "spark": ("spark-job-server", "worker", "spark")}
RUNNERS = {"fnapi": "FnApiRunner", "prism": "PrismRunner", "flink": "FlinkRunner", "spark": "SparkRunner"}
ENGINES = ("local1", "local2", *RUNNERS)
Inputs = Sequence[tuple[str, str]]


def seconds(name: str, master: str, recipe: Recipe, inputs: Inputs, output: Path) -> tuple[float, float]:
    """Wall-clock and processor time of a build from nothing; ``master`` is the Spark cluster's."""
    start = time.perf_counter()
    with ProcessorTime(is_cluster=name == "spark") as spent:
        if name.startswith("local"):
            engine = LocalProcesses(int(name.removeprefix("local")))
            Build(recipe, tuple(inputs), output, engine, lambda stage, tasks: nullcontext()).run()
        else:
            options = (f"--spark_master_url={master}",) if name == "spark" else ()
            BeamRunner(RUNNERS[name], options).build(recipe, inputs, output)
    return time.perf_counter() - start, spent.seconds


class ProcessorTime:
    """Processor seconds of this process, of the processes that it starts, and of a Spark cluster's."""

    def __init__(self, *, is_cluster: bool) -> None:
        self._is_cluster = is_cluster
        self._of: dict[int, tuple[float, float]] = {}
        self._ended = threading.Event()
        self.seconds = 0.0

    def __enter__(self) -> ProcessorTime:
        self._before = _own_seconds()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        self._watch.join()
        others = sum(last - first for first, last in self._of.values())
        self.seconds = _own_seconds() - self._before + others

    def _look(self) -> None:
        # What a process has used is known while it is there; executors end with their job.
        known: set[int] = set()
        while self._is_cluster:
            for pid in _cluster_processes():
                with suppress(OSError):
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                    first = self._of[pid][0] if pid in self._of else (0.0 if known else used)
                    self._of[pid] = (first, used)
            known |= set(self._of)
            if self._ended.wait(0.5):
                return


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@cache
def _cluster() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cluster", DOCKER / "spark" / "cluster.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["cluster"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cluster_processes() -> list[int]:
    state = _cluster().read_state()
    return list(_cluster().processes(state.name)) if state else []


def copied(inputs: Inputs, folder: Path, count: int) -> tuple[Inputs, int]:
    """Every input ``count`` times, and the bytes of all."""
    size = 0
    for source, _, path in input_files(inputs):
        for number in range(count):
            place = folder / source / f"{number}-{Path(str(path)).name}"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(path), place)
            size += place.stat().st_size
    return [(path.name, f"{path}/*") for path in sorted(folder.iterdir())], size


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--input", action="append", default=[], help="SOURCE=GLOB, repeatable")
    arguments = parser.parse_args()
    inputs = tuple(tuple(item.split("=", 1)) for item in arguments.input) or (REAL if SHARED.is_dir() else SAMPLES)
    recipe = replace(load_recipe("demo"), deduplicate=DeduplicateRecipe(near=True))
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        smallest = min(input_files(inputs), key=lambda file: file[2].stat().st_size)
        few = [(smallest[0], str(smallest[2]))]
        many, size = copied(inputs, folder / "inputs", arguments.copies)
        print(
            f"{size / 1e6:.0f} MB of input\n\n| engine | start-up s | all s | steady MB/s "
            "| start-up CPU s | all CPU s | MB per CPU s |\n|---|---|---|---|---|---|---|"
        )
        for name in arguments.engines.split(","):
            for tool in TOOLS.get(name, ()):
                subprocess.run([sys.executable, DOCKER / "engines.py", tool], check=True, stdout=subprocess.DEVNULL)
            try:
                master = _spark("up") if name == "spark" else ""
                first = seconds(name, master, recipe, few, folder / name / "start")
                whole = seconds(name, master, recipe, many, folder / name / "all")
            finally:
                if name == "spark":
                    _spark("down")
            rates = [
                size / 1e6 / (more - less) if more > less else float("inf")
                for less, more in zip(first, whole, strict=True)
            ]
            print(
                f"| {name} | {first[0]:.1f} | {whole[0]:.1f} | {rates[0]:.2f} "
                f"| {first[1]:.1f} | {whole[1]:.1f} | {rates[1]:.2f} |",
                flush=True,
            )


def _spark(action: str) -> str:
    command = [sys.executable, DOCKER / "spark" / "cluster.py", action]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
