"""Deduplication: speed against datasketch, recall and precision on planted copies, cost at 1, 3 and 10 times the input.

    python -m benchmarks.dedup
    python -m benchmarks.dedup --simulate 90000 --documents 1000000

Text is real sentences (../shared/data where it is, characters drawn at random otherwise) put together at random,
so that no two documents are alike unless planted. datasketch is compared with where it can be imported.
``--simulate`` needs no text: it plans that many splits, writes the manifest they would have, and sends synthetic
signatures of that many documents through scatter, gather and cluster.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import opencc
import pyarrow as pa

from hanmill.pipelines.build.plan import Plan, PlannedSplit
from hanmill.pipelines.build.tasks import Clusters, annotate_tasks, ingest_tasks
from hanmill.pipelines.dedup.clusters import cluster, links, shard_digests
from hanmill.pipelines.dedup.exchange import ROWS, exchange_batches, partition_count, read_partition
from hanmill.pipelines.dedup.fold import fold
from hanmill.pipelines.dedup.minhash import BANDS, BINS, band_keys, shingle_hashes, signature
from hanmill.pipelines.dedup.minhash import ROWS as BAND_ROWS
from hanmill.pipelines.dedup.partitions import write_batches
from hanmill.pipelines.dedup.schema import SIGNATURES
from hanmill.pipelines.dedup.signatures import signature_row
from hanmill.pipelines.sources.records import Split
from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.manifest import Accounting, InputFile, Manifest, RowGroup, Shard
from hanmill.schemas.recipe import DeduplicateRecipe

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SETTINGS = DeduplicateRecipe(near=True, jaccard=0.8)
MENU = "首页｜关于我们｜联络我们｜网站地图｜广告服务｜隐私政策\n"
EDIT_RATES = (0.002, 0.005, 0.01, 0.02, 0.05)
LENGTHS = (80, 400, 1500, 6000)


def sentences() -> list[str]:
    """Chinese and Japanese sentences."""
    if SHARED.is_dir():
        chinese = (SHARED / "pinyin" / "cpp-dev.sent").read_text(encoding="utf-8").replace("▁", "").splitlines()
        japanese = (SHARED / "langid" / "ja.txt").read_text(encoding="utf-8").splitlines()
        return [*chinese, *japanese]
    rng = random.Random(0)
    return ["".join(chr(0x4E00 + int(rng.expovariate(0.002)) % 6000) for _ in range(30)) for _ in range(9000)]


def documents(count: int, seed: int, length: int = 0) -> list[str]:
    """Documents of ``length`` characters, or of all lengths in turn."""
    rng, pool = random.Random(seed), sentences()
    made = []
    for number in range(count):
        wanted, parts, size = length or LENGTHS[number % len(LENGTHS)], [], 0
        while size < wanted:
            parts.append(rng.choice(pool))
            size += len(parts[-1])
        made.append("\n".join(parts))
    return made


def signatures(texts: Sequence[str], ranks: Sequence[int]) -> pa.Table:
    """SIGNATURES as ingest writes them."""
    rows = [
        signature_row(number, rank, text, lines=False)
        for number, (text, rank) in enumerate(zip(texts, ranks, strict=True))
    ]
    return pa.Table.from_pylist(rows, SIGNATURES)


def clusters_of(table: pa.Table) -> pa.Table:
    """CLUSTERED of one shard, in memory."""
    batches = exchange_batches([(0, table)], partition_count(len(table)))
    return cluster((links(pa.Table.from_batches([batch], ROWS), SETTINGS) for batch in batches), SETTINGS)


def planted() -> None:
    """Recall by kind of copy, and precision."""
    rng = random.Random(7)
    originals = documents(600, 1)
    convert = opencc.OpenCC("s2t").convert
    alphabet = "".join(sentences()[:300]).replace("\n", "")

    def edited(text: str, rate: float) -> str:
        return "".join(rng.choice(alphabet) if rng.random() < rate else character for character in text)

    kinds = {
        "Simplified to Traditional": convert,
        "mirror of Wikipedia with a menu": lambda text: MENU + text + "\n" + MENU,
    }
    kinds |= {f"edited, {rate:.1%} of characters": lambda text, rate=rate: edited(text, rate) for rate in EDIT_RATES}
    print("\n| planted copy | copies | Jaccard ≥ 0.8 | found | recall of those | found below 0.8 |")
    print("|---|---|---|---|---|---|")
    wrong = removed = 0
    for name, make in kinds.items():
        copies = [make(text) for text in originals]
        texts = [*originals, *copies, *documents(600, 2)]
        table = signatures(texts, [0] * len(originals) + [1] * (len(texts) - len(originals)))
        found = {row["node"]: row["kept_uid"] for row in clusters_of(table).to_pylist() if row["rule"]}
        similar = [_jaccard(first, second) >= SETTINGS.jaccard for first, second in zip(originals, copies, strict=True)]
        hits = [found.get(len(originals) + number) == number for number in range(len(copies))]
        right = sum(hit and alike for hit, alike in zip(hits, similar, strict=True))
        share = f"{right / sum(similar):.3f}" if any(similar) else "–"
        print(f"| {name} | {len(copies)} | {sum(similar)} | {right} | {share} | {sum(hits) - right} |")
        removed += len(found)
        wrong += len(found) - sum(hits)
    print(f"\nremoved: {removed:,}; of them not planted: {wrong} (precision {1 - wrong / max(1, removed):.4f})")


def _jaccard(first: str, second: str) -> float:
    one, other = (np.unique(shingle_hashes(fold(text))) for text in (first, second))
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def against_datasketch() -> None:
    """Signatures a second, and pairs found by the same banding."""
    originals = documents(400, 3, 1500)
    rng = random.Random(4)
    copies = ["".join("某" if rng.random() < 0.01 else character for character in text) for text in originals]
    texts = [*originals, *copies]
    fold("")
    started = time.process_time()
    folded = [fold(text) for text in texts]
    folding = time.process_time() - started
    started = time.process_time()
    values = np.stack([signature(shingle_hashes(points)) for points in folded])
    ours = time.process_time() - started
    keys = band_keys(values)
    recall = np.mean((keys[: len(originals)] == keys[len(originals) :]).any(axis=1))
    print(f"\n| signatures of 1,500 characters | a second | recall by {BANDS}×{BAND_ROWS} bands |\n|---|---|---|")
    print(f"| hanmill | {len(texts) / ours:,.0f} | {recall:.3f} |")
    print(f"| hanmill, folding of variants included | {len(texts) / (ours + folding):,.0f} | {recall:.3f} |")
    if importlib.util.find_spec("datasketch") is None:
        print("| datasketch | not installed | |")
        return
    from datasketch import MinHash

    started = time.process_time()
    theirs = []
    for text in texts:
        made = MinHash(num_perm=BINS)
        made.update_batch([text[place : place + 5].encode() for place in range(len(text) - 4)])
        theirs.append(made.hashvalues)
    spent = time.process_time() - started
    other = np.stack(theirs).reshape(len(texts), BANDS, BAND_ROWS)
    recall = np.mean((other[: len(originals)] == other[len(originals) :]).all(axis=2).any(axis=1))
    print(f"| datasketch | {len(texts) / spent:,.0f} | {recall:.3f} |")
    print(f"\nhanmill over datasketch: {spent / ours:.0f}×, folding included {spent / (ours + folding):.0f}×")


def synthetic(count: int, seed: int, copies: float = 0.3, short: float = 0.4) -> pa.Table:
    """SIGNATURES without text: ``copies`` of them repeat half the bands of another, ``short`` carry shingles."""
    rng = np.random.default_rng(seed)
    bands = rng.integers(0, 1 << 64, (count, BANDS), np.uint64)
    sketches = rng.integers(0, 256, (count, BINS), np.uint8)
    for copy in np.flatnonzero(rng.random(count) < copies).tolist():
        other = int(rng.integers(count))
        bands[copy, ::2], sketches[copy, :104] = bands[other, ::2], sketches[other, :104]
    sizes = np.where(rng.random(count) < short, 150, 0)
    columns = [
        pa.array(rng.integers(0, 1 << 64, count, np.uint64)),
        pa.array(np.ones(count, np.uint8)),
        pa.array(rng.integers(50, 5000, count, np.uint32)),
        pa.array([value.tobytes() for value in rng.integers(0, 256, (count, 16), np.uint8)], pa.binary(16)),
        pa.array([value.tobytes() for value in bands], pa.binary(8 * BANDS)),
        pa.array([value.tobytes() for value in sketches], pa.binary(BINS)),
        pa.ListArray.from_arrays(
            np.r_[0, np.cumsum(sizes)].astype(np.int32), rng.integers(0, 1 << 32, sizes.sum(), np.uint32)
        ),
        pa.array([[]] * count, pa.list_(pa.uint64())),
    ]
    return pa.Table.from_arrays([c.cast(f.type) for c, f in zip(columns, SIGNATURES, strict=True)], schema=SIGNATURES)


def exchange(count: int, per_file: int = 1 << 15) -> tuple[dict[str, float], int, int]:
    """CPU seconds of each step for ``count`` synthetic documents, bytes of the exchange, links."""
    seconds: dict[str, float] = {}
    partitions = partition_count(count)
    with tempfile.TemporaryDirectory() as name:
        files = []
        for number, start in enumerate(range(0, count, per_file)):
            table = synthetic(min(per_file, count - start), number)
            files.append(Path(name) / f"{number}.arrow")
            with _timed(seconds, "scatter"):
                write_batches(files[-1], ROWS, exchange_batches([(number, table)], partitions))
        size = sum(path.stat().st_size for path in files)
        found = []
        for partition in range(partitions):
            with _timed(seconds, "gather"):
                found.append(links(read_partition(files, partition), SETTINGS))
        with _timed(seconds, "cluster"):
            shard_digests(cluster(found, SETTINGS))
    return seconds, size, sum(map(len, found))


class _timed:
    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = self._seconds.get(self._name, 0.0) + time.process_time() - self._started


def growth(counts: Sequence[int]) -> None:
    """Cost by number of documents."""
    print("\n| documents | scatter, CPU s | gather | cluster | µs a document | exchange, B a document | links | MB |")
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        seconds, size, found = exchange(count)
        total = sum(seconds.values())
        print(
            f"| {count:,} | {seconds['scatter']:.1f} | {seconds['gather']:.1f} | {seconds['cluster']:.1f} "
            f"| {total / count * 1e6:.0f} | {size / count:.0f} | {found:,} | {_peak():.0f} |",
            flush=True,
        )


def simulate_plan(splits: int) -> None:
    """Time, memory and file sizes of the driver at that many splits."""
    before, started = _peak(), time.process_time()
    plan = Plan(
        tuple(InputFile("commoncrawl", f"CC-MAIN-{n:05}.warc.gz", 1 << 30, f"{n:064x}") for n in range(splits)),
        tuple(
            PlannedSplit(Split("commoncrawl", f"/crawl/CC-MAIN-{n:05}.warc.gz", 0, 1 << 30, "members"), f"{n:064x}")
            for n in range(splits)
        ),
    )
    size = len(plan.to_json())
    ingest = ingest_tasks(plan, {"code": "x"}, Path("corpus"))
    annotate = annotate_tasks(ingest, Clusters(Path("clusters"), {}, None), {"code": "y"}, Path("corpus"))
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        hanmill_version="",
        recipe={},
        recipe_sha256="",
        inputs=plan.inputs,
        resources={},
        tables={},
        train=tuple(_shards("train", len(annotate))),
        validation=tuple(_shards("validation", len(annotate))),
        accounting=Accounting(0, 0, {}, {}),
        splits={task.label: _account() for task in ingest},
        measures={},
    )
    text = manifest.to_json()
    print(f"\n{splits:,} splits: plan.json {size / 1e6:.0f} MB, manifest.json {len(text) / 1e6:.0f} MB, ", end="")
    print(f"{time.process_time() - started:.1f} CPU s, {_peak() - before:.0f} MB of memory more in the driver")


def _shards(part: str, count: int) -> Iterator[Shard]:
    groups = tuple(RowGroup(512, 1 << 20) for _ in range(6))
    yield from (Shard(f"{part}/part-{n:016x}.parquet", f"{n:064x}", 3000, 6 << 20, groups) for n in range(count))


def _account() -> Accounting:
    return Accounting(33_000, 3_000, {f"some_rule_{n}@1": 3_000 for n in range(10)}, {"damaged_record": 1})


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Prints Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", type=int, default=0, metavar="SPLITS")
    parser.add_argument("--documents", type=int, default=300_000)
    arguments = parser.parse_args()
    if arguments.simulate:
        simulate_plan(arguments.simulate)
        growth([arguments.documents])
    else:
        against_datasketch()
        planted()
        growth([30_000, 90_000, 300_000])


if __name__ == "__main__":
    main()
