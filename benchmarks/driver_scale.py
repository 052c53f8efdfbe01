"""What leads a build, by number of splits: time, memory and files of plan, tasks and manifest.

    python -m benchmarks.driver_scale --splits 90000 500000

No input is read: splits are of archives that are not there, and summaries are made up. Each number runs in a process
of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import resource
import time
from collections import Counter
from pathlib import Path

from hanmill.pipelines.build import tasks as make
from hanmill.pipelines.build.plan import Plan, PlannedFiles, plan_of
from hanmill.pipelines.build.report.findings import Findings
from hanmill.pipelines.build.stages import BuildState
from hanmill.pipelines.build.summary import SPLITS_PER_BLOCK, FinishedSplit, add_blocks, block_of
from hanmill.pipelines.build.task_list import unfinished
from hanmill.pipelines.build.verdict_files import Verdict
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.manifest import Accounting, InputFile, Manifest, RowGroup, Shard, listed_shards, listed_splits
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.shard_list import to_parquet


def digest_of(number: int) -> str:
    """64 hexadecimal digits that cannot be packed any better than those of a file."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def planned(splits: int) -> Plan:
    """A plan of archives of 1 GB."""
    return plan_of(
        PlannedFiles(
            (InputFile("commoncrawl", f"CC-MAIN-{n:06}.warc.gz", 1 << 30, digest_of(n)),),
            (
                PlannedSplit(
                    Split("commoncrawl", f"/crawl/CC-MAIN-{n:06}.warc.gz", 0, 1 << 30, "members"), digest_of(-n)
                ),
            ),
            {},
        )
        for n in range(splits)
    )


def finished(number: int) -> FinishedSplit:
    """A split of 30,000 pages, of which one in ten is kept."""
    account = Accounting(33_000, 3_000, {f"some_rule_{n}@1": 2_999 for n in range(10)}, {"damaged_record": 10})
    shards = [
        Shard(
            f"{part}/part-{digest_of(number)[:16]}.parquet",
            digest_of(number),
            rows,
            rows * 2_000,
            (RowGroup(512, 1 << 20),) * 6,
        )
        for part, rows in (("train", 2_970), ("validation", 30))
    ]
    needed = tuple(
        f"{kind}/part-{digest_of(number)[:16]}.parquet" for kind in ("documents", "dropped", "signatures", "counts")
    )
    return FinishedSplit(number, f"commoncrawl:{number}", account, *shards, Counter(characters=1), Findings(), needed)


def simulate(splits: int) -> None:
    """A row of the table."""
    shown = []
    last, started = time.process_time(), time.process_time()

    def lap(name: str) -> None:
        nonlocal last
        now = time.process_time()
        shown.append(f"{name} {now - last:.0f}")
        last = now

    plan = planned(splits)
    size = len(to_parquet(plan.table))
    lap("plan")
    state = BuildState(Recipe(name="scale"), plan, Path("corpus"))
    ingest = state.tasks("ingest")
    lap("ingest tasks")
    clusters = make.Clusters(dict.fromkeys(range(splits), Verdict("0" * 16, "part-x.parquet")), Counter(), None)
    behind = []
    for stage, kinds in (("count", ["counts"]), ("annotate", ["validation", "train"])):
        behind.append(make.after_clusters(stage, ingest, clusters, "common", kinds))
        make.keys_of(behind[-1])
        assert len(unfinished(behind[-1])) == splits
    lap("tasks behind the verdicts")
    blocks = (
        block_of([finished(number) for number in range(first, min(first + SPLITS_PER_BLOCK, splits))])
        for first in range(0, splits, SPLITS_PER_BLOCK)
    )
    total = add_blocks(blocks)
    lap("sums")
    train, validation = listed_shards(total.train), listed_shards(total.validation)
    files = Manifest(
        SCHEMA_VERSION,
        "",
        {},
        "",
        plan.inputs,
        {},
        {},
        train,
        validation,
        total.accounting,
        listed_splits(total.splits),
        {},
    ).files()
    lap("manifest")
    read = Manifest.from_files(files.__getitem__)
    rows = sum(shard.rows for shard in read.train)
    lap("read again")
    sizes = ", ".join(f"{name} {len(content) / 1e6:.0f}" for name, content in files.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert rows == 2_970 * splits
    print(
        f"| {splits:,} | {time.process_time() - started:.0f} | {', '.join(shown)} | {peak:,.0f} "
        f"| plan.parquet {size / 1e6:.0f}, {sizes} |",
        flush=True,
    )


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, nargs="*", default=[90_000, 500_000])
    print("| splits | CPU s | of it | MB of memory | MB of files |\n|---|---|---|---|---|", flush=True)
    for splits in parser.parse_args().splits:
        process = multiprocessing.get_context("spawn").Process(target=simulate, args=(splits,))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
