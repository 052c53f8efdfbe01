"""What an engine costs before it works, and how fast it then works.

    python -m benchmarks.engines [--engines local1,local2,fnapi,prism,flink,spark] [--copies 8] [--input SOURCE=GLOB …]

The same ingest tasks are given to every engine twice: first the smallest alone, whose time is nearly all start-up, then
all of them ``--copies`` times over under names of their own. Throughput is what the second run adds to the first.
Engines whose tools cannot be built here are left out. Ratios are what to trust.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.build import REAL, SAMPLES, SHARED
from hanmill.pipelines.build import tasks as stage
from hanmill.pipelines.build.dependencies import ingest_ingredients
from hanmill.pipelines.build.ingest import IngestJob
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.plan import plan_inputs
from hanmill.pipelines.engines.engine import BeamRunner, Engine, LocalProcesses
from hanmill.schemas.recipe import SourcesRecipe
from hanmill.schemas.recipe_file import load_recipe

DOCKER = Path(__file__).resolve().parent.parent / "docker"
TOOLS = {"prism": ("prism",), "flink": ("flink-job-server",), "spark": ("spark-job-server", "worker", "spark")}
ENGINES = ("local1", "local2", "fnapi", "prism", "flink", "spark")


def engine(name: str, master: str) -> Engine:
    """The engine of a name; ``master`` is the Spark cluster's."""
    if name.startswith("local"):
        return LocalProcesses(int(name.removeprefix("local")))
    options = (f"--spark_master_url={master}",) if name == "spark" else ()
    return BeamRunner(
        {"fnapi": "FnApiRunner", "prism": "PrismRunner", "flink": "FlinkRunner"}.get(name, "SparkRunner"), options
    )


def copies(tasks: Sequence[Task], folder: Path, count: int) -> list[Task]:
    """The tasks ``count`` times, each time into a folder of its own."""
    return [
        replace(
            task,
            key=f"{task.key[:12]}{number:04}",
            writes=tuple((k, str(folder / str(number) / k / Path(p).name)) for k, p in task.writes),
        )
        for number in range(count)
        for task in tasks
    ]


def seconds(engine: Engine, job: IngestJob, tasks: Sequence[Task]) -> float:
    """Wall-clock time from nothing to every shard."""
    start = time.perf_counter()
    with engine.open() as runner:
        runner.run(job, tasks)
    return time.perf_counter() - start


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--input", action="append", default=[], help="SOURCE=GLOB, repeatable")
    arguments = parser.parse_args()
    inputs = tuple(tuple(item.split("=", 1)) for item in arguments.input) or (REAL if SHARED.is_dir() else SAMPLES)
    recipe = load_recipe("demo")
    plan = plan_inputs(inputs, SourcesRecipe(split_bytes=1 << 20))
    megabytes = sum(planned.split.end - planned.split.start for planned in plan.splits) / 1e6 * arguments.copies
    print(f"{len(plan.splits)} splits {arguments.copies} times over, {megabytes:.0f} MB compressed\n")
    print("| engine | start-up s | all s | steady MB/s |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        tasks = stage.ingest_tasks(plan, ingest_ingredients(recipe), Path(folder))
        # Two, because a single task is not given to an engine at all.
        smallest = sorted(tasks, key=lambda task: task.split.end - task.split.start)[:2]
        for name in arguments.engines.split(","):
            for tool in TOOLS.get(name, ()):
                subprocess.run([sys.executable, DOCKER / "engines.py", tool], check=True, stdout=subprocess.DEVNULL)
            try:
                master = _spark("up") if name == "spark" else ""
                job, here = IngestJob(recipe), Path(folder) / name
                first = seconds(engine(name, master), job, copies(smallest, here / "start", 1))
                whole = seconds(engine(name, master), job, copies(tasks, here / "all", arguments.copies))
            finally:
                if name == "spark":
                    _spark("down")
            rate = megabytes / (whole - first) if whole > first else float("inf")
            print(f"| {name} | {first:.1f} | {whole:.1f} | {rate:.2f} |", flush=True)


def _spark(action: str) -> str:
    command = [sys.executable, DOCKER / "spark" / "cluster.py", action]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
