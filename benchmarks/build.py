"""Characters per second and core of a build, stage by stage.

    python -m benchmarks.build --output FOLDER [--input SOURCE=GLOB …]

Without inputs it takes the real files beside the checkout (../shared/data) where they are, the bundled samples
otherwise. Ratios are what to trust; absolute figures are this machine's.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from hanmill.pipelines.build.build import Build
from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.build.times import Usage
from hanmill.pipelines.engines.engine import Runner
from hanmill.schemas.recipe_file import load_recipe

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared" / "data"
REAL = (
    ("wikipedia", f"{SHARED}/wikipedia/jawiki-sample-pages-articles-multistream.xml.bz2"),
    ("wikipedia", f"{SHARED}/wikipedia/enwiki-sample.xml.bz2"),
    ("commoncrawl", f"{SHARED}/warc/docs-*.warc.gz"),
)
SAMPLES = (
    ("wikipedia", f"{REPOSITORY}/samples/wikipedia/*-multistream.xml.bz2"),
    ("commoncrawl", f"{REPOSITORY}/samples/commoncrawl/*.warc.gz"),
)


class InProcess:
    """Runs jobs in this process, so that its CPU time is the build's."""

    def open(self) -> AbstractContextManager[Runner]:
        """Nothing to start."""
        return nullcontext(self)

    def run(self, job: Job, tasks: Sequence[Task]) -> Usage:
        """Every task, one after the other; what they use is measured by stage outside."""
        work = job.open()
        for task in tasks:
            work(task)
        return Usage()


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", action="append", default=[], help="SOURCE=GLOB, repeatable")
    parser.add_argument("--recipe", default="demo")
    parser.add_argument("--output", type=Path, required=True, help="where the corpus goes, and stays")
    arguments = parser.parse_args()
    inputs = tuple(tuple(item.split("=", 1)) for item in arguments.input) or (REAL if SHARED.is_dir() else SAMPLES)
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(stage: str, tasks: Sequence[Task]) -> Iterator[None]:
        start = time.process_time()
        yield
        seconds[stage] = time.process_time() - start

    start = time.process_time()
    manifest = Build(load_recipe(arguments.recipe), inputs, arguments.output, InProcess(), timed).run()
    seconds["the rest (plan, tables, finish)"] = time.process_time() - start - sum(seconds.values())
    characters = manifest.measures["characters"]
    total = sum(seconds.values())
    print(f"{manifest.accounting.read:,} records, {characters:,} characters kept, recipe {arguments.recipe}\n")
    print("| stage | CPU seconds | thousand kept characters/s/core |\n|---|---|---|")
    for stage, spent in (*seconds.items(), ("whole build", total)):
        print(f"| {stage} | {spent:.1f} | {characters / max(spent, 1e-9) / 1000:,.0f} |")
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
