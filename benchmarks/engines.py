"""What an engine costs before it works, and how fast it then works.

    python -m benchmarks.engines [--engines local1,local2,fnapi,prism,flink,spark] [--copies 8] [--input SOURCE=GLOB …]

Every engine builds two corpora: one of the smallest input, whose time is nearly all start-up, and one of all inputs
``--copies`` times over, under names of their own. Throughput is what the second build adds to the first. Engines whose
tools cannot be built here are left out. Ratios are what to trust.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

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


def seconds(name: str, master: str, recipe: Recipe, inputs: Inputs, output: Path) -> float:
    """Wall-clock time of a build from nothing; ``master`` is the Spark cluster's."""
    start = time.perf_counter()
    if name.startswith("local"):
        engine = LocalProcesses(int(name.removeprefix("local")))
        Build(recipe, tuple(inputs), output, engine, lambda stage, tasks: nullcontext()).run()
    else:
        options = (f"--spark_master_url={master}",) if name == "spark" else ()
        BeamRunner(RUNNERS[name], options).build(recipe, inputs, output)
    return time.perf_counter() - start


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
        print(f"{size / 1e6:.0f} MB of input\n\n| engine | start-up s | all s | steady MB/s |\n|---|---|---|---|")
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
            rate = size / 1e6 / (whole - first) if whole > first else float("inf")
            print(f"| {name} | {first:.1f} | {whole:.1f} | {rate:.2f} |", flush=True)


def _spark(action: str) -> str:
    command = [sys.executable, DOCKER / "spark" / "cluster.py", action]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
