"""Deduplication by number of documents: time, and the peak memory of every process.

    python -m benchmarks.dedup_scale --documents 1000000 3000000 [--workers 2] [--folder DIR] [--runner SparkRunner …]

Signatures are synthetic: of about half the documents there is another that shares all bands with it, one in fifty is a
copy of one text, and one in a hundred of one other, with a letter changed. They are written as ingest writes them, and
the stages of a build then run on them, on local processes or on a Beam runner. ``--graph KIND`` takes random or
contrived graphs through the rounds instead and says how many edges these leave to one task.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.stages import BuildState
from hanmill.pipelines.build.verdict_files import read_digests
from hanmill.pipelines.dedup.components import as_edges, both_ways
from hanmill.pipelines.dedup.minhash import BANDS, BINS, mix
from hanmill.pipelines.dedup.schema import SIGNATURES
from hanmill.pipelines.dedup.steps import EDGES, ROUNDS, Grouping, InMemory, component_steps, edge_cuts
from hanmill.pipelines.engines.local_processes import WorkerPool
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.recipe import DeduplicateRecipe, Recipe

PER_SHARD = 1 << 15
SHINGLES = 150


def synthetic(count: int, texts: int, seed: int) -> pa.Table:
    """SIGNATURES of documents whose texts are drawn from so many."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(2, texts, count, np.uint64)
    chosen[rng.random(count) < 0.02] = 0
    chosen[rng.random(count) < 0.01] = 1
    # Copies of text 0 are exact, of text 1 never, of the others one time in two.
    own = rng.integers(1 << 62, 1 << 63, count, np.uint64)
    prints = np.where((chosen == 0) | ((chosen > 1) & (rng.random(count) < 0.5)), chosen, own)
    bands = mix(chosen[:, None] * np.uint64(BANDS) + np.arange(BANDS, dtype=np.uint64))
    sketches = mix(mix(chosen)[:, None] + np.arange(BINS, dtype=np.uint64)).astype(np.uint8)
    sizes = np.where(mix(chosen) % np.uint64(10) < 4, SHINGLES, 0)
    short = chosen[sizes > 0]
    shingles = np.sort(
        mix(short[:, None] * np.uint64(SHINGLES) + np.arange(SHINGLES, dtype=np.uint64)) >> np.uint64(32)
    )
    both = np.stack([mix(prints), mix(prints + np.uint64(1))], axis=1)
    columns = [
        pa.array(rng.integers(0, 1 << 64, count, np.uint64)),
        pa.array(np.ones(count, np.uint8)),
        pa.array((50 + mix(chosen) % np.uint64(5_000)).astype(np.uint32)),
        pa.array(np.zeros(count, np.uint64)),
        pa.array(np.zeros(count, np.uint32)),
        _fixed(both, 16),
        _fixed(bands, 8 * BANDS),
        _fixed(sketches, BINS),
        pa.ListArray.from_arrays(
            np.r_[0, np.cumsum(sizes)].astype(np.int32), pa.array(shingles.ravel().astype(np.uint32))
        ),
        pa.ListArray.from_arrays(np.zeros(count + 1, np.int32), pa.array([], pa.uint64())),
    ]
    return pa.Table.from_arrays([c.cast(f.type) for c, f in zip(columns, SIGNATURES, strict=True)], schema=SIGNATURES)


def _fixed(values: np.ndarray, width: int) -> pa.Array:
    buffer = pa.py_buffer(np.ascontiguousarray(values).tobytes())
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(values), [None, buffer])


def write_shard(task: Task, count: int, texts: int) -> None:
    """The signatures of one shard."""
    path = Path(task.writing("signatures"))
    path.parent.mkdir(parents=True, exist_ok=True)
    size = min(PER_SHARD, count - task.number * PER_SHARD)
    pq.write_table(synthetic(size, texts, task.number), path, compression="zstd")


def prepared(count: int, folder: Path, workers: int) -> BuildState:
    """A build whose splits are ingested."""
    shards = -(-count // PER_SHARD)
    splits = [Split("commoncrawl", f"/crawl/{n:06}.warc.gz", 0, 1 << 30, "members") for n in range(shards)]
    plan = Plan((), tuple(PlannedSplit(split, split.path) for split in splits))
    state = BuildState(Recipe(name="scale", deduplicate=DeduplicateRecipe(near=True)), plan, folder)
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(partial(write_shard, count=count, texts=int(count * 1.4)), state.tasks("ingest")))
    return state


def on_processes(state: BuildState, workers: int) -> tuple[dict[str, float], int]:
    """Wall-clock seconds of each stage of deduplication, and the bytes of all files that stood there at once."""
    seconds: dict[str, float] = {}
    most = 0
    with WorkerPool(workers) as pool:
        for stage in state.stages:
            if stage.part == "deduplicate" and state.tasks(stage.name):
                started = time.perf_counter()
                pool.run(stage.job(state), state.left(stage))
                seconds[stage.name] = time.perf_counter() - started
                most = max(most, sum(path.stat().st_size for path in Path(str(state.output)).rglob("*.arrow")))
                state.remove_spent(stage)
    return seconds, most


def on_beam(state: BuildState, options: Sequence[str]) -> dict[str, float]:
    """Wall-clock seconds of deduplication as one pipeline."""
    import apache_beam as beam

    from hanmill.pipelines.engines.beam_runner import run_graph
    from hanmill.pipelines.engines.dedup_graph import DeduplicateShards
    from hanmill.pipelines.engines.shard_work import Shard

    shards = [(t.number, Shard(t, size)) for t, size in zip(state.tasks("ingest"), state.sizes, strict=True)]

    class Deduplicate(beam.PTransform):  # type: ignore[type-arg]
        def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection[object]:
            made = begin | beam.Create(shards).with_output_types(tuple[int, Shard]) | "Spread" >> beam.Reshuffle()
            return (made | DeduplicateShards(state.recipe, str(state.output))).clusters

    started = time.perf_counter()
    run_graph(options, "Deduplicate", Deduplicate())
    return {"all": time.perf_counter() - started}


def documents_of(counts: Sequence[int], workers: int, folder: Path, options: Sequence[str]) -> None:
    """A table of times by number of documents."""
    print("| documents | CPU s | wall s | of it: seconds a stage | MB of files | MB driver | MB worker | clusters |")
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        here = Path(tempfile.mkdtemp(dir=folder))
        try:
            state = prepared(count, here, workers)
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            seconds, most = (on_beam(state, options), 0) if options else on_processes(state, workers)
            wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            sizes = read_digests(next((here / "duplicates").glob("digests-*"))).sizes
            shown = ", ".join(f"{name} {value:.0f}" for name, value in seconds.items())
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"| {count:,} | {spent:.0f} | {wall:.0f} | {shown} | {most / 1e6:,.0f} | {peak:.0f} "
                f"| {after.ru_maxrss / 1024:.0f} | {sum(sizes.values()):,}, largest {max(sizes):,} |",
                flush=True,
            )
        finally:
            shutil.rmtree(here)


def graphs(kinds: Sequence[str], count: int, groups: int) -> None:
    """What rounds leave open."""
    rng = np.random.default_rng(1)
    print(f"| graph of {count:,} edges, {groups} groups | rounds | left to one task | largest group |")
    print("|---|---|---|---|")
    for kind in kinds:
        first = np.arange(count, dtype=np.uint64)
        second = first + np.uint64(1)
        if kind == "random":
            first, second = rng.integers(0, int(count * 1.8), (2, count), np.uint64)
        elif kind == "tree":
            second = first // np.uint64(2)
        elif kind == "star":
            second = np.full(count, count, np.uint64)
        for rounds in (ROUNDS - 1, ROUNDS):
            held = InMemory(Grouping(DeduplicateRecipe(), 1, groups))
            held.add(edge_cuts(EDGES, both_ways(as_edges(mix(first), mix(second))), groups))
            held.run(component_steps(rounds))
            rows = Counter({name: held.whole(name).num_rows for name in ("loose", "deeper")})
            parts = (batches for name in held.held for batches in held.held[name].values())
            most = max(sum(batch.num_rows for batch in batches) for batches in parts)
            print(f"| {kind} | {rounds} | {rows.total():,} ({rows.total() / count:.2%}) | {most:,} |", flush=True)


def main() -> None:
    """Prints Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="*", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--graph", nargs="*", default=[], choices=["random", "chain", "tree", "star"])
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=64)
    arguments, options = parser.parse_known_args()
    if arguments.graph:
        graphs(arguments.graph, arguments.edges, arguments.groups)
    else:
        documents_of(arguments.documents, arguments.workers, arguments.folder, options)


if __name__ == "__main__":
    main()
