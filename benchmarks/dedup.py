"""Deduplication: speed against datasketch, recall and precision on planted copies.

    python -m benchmarks.dedup

Text is real sentences (../shared/data where it is, characters drawn at random otherwise) put together at random,
so that no two documents are alike unless planted. datasketch is compared with where it can be imported. What
deduplication costs by the number of documents is measured by ``benchmarks.dedup_scale``.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import opencc
import pyarrow as pa

from hanmill.pipelines.dedup.exchange import numbered, partition_count
from hanmill.pipelines.dedup.fold import fold, fold_texts
from hanmill.pipelines.dedup.minhash import BANDS, BINS, band_keys, shingle_hashes, text_shingles
from hanmill.pipelines.dedup.minhash import ROWS as BAND_ROWS
from hanmill.pipelines.dedup.minhash import signatures as signatures_of
from hanmill.pipelines.dedup.signatures import Signed, signature_table
from hanmill.pipelines.dedup.steps import (
    LABEL_STEPS,
    LINK_STEPS,
    VERDICTS,
    Grouping,
    InMemory,
    component_steps,
    scatter,
    signed_cuts,
)
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
    documents = [Signed(number, rank, text) for number, (text, rank) in enumerate(zip(texts, ranks, strict=True))]
    return signature_table(documents, DeduplicateRecipe())


def clusters_of(table: pa.Table) -> pa.Table:
    """CLUSTERED of one shard, in memory."""
    held = InMemory(Grouping(SETTINGS, partition_count(len(table)), 1))
    documents = numbered([(0, table)])
    held.add(scatter(documents, held.grouping))
    held.add(signed_cuts(documents, held.grouping))
    held.run([*LINK_STEPS, *component_steps(), *LABEL_STEPS])
    return held.whole(VERDICTS)


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
    folded = fold_texts(texts)
    folding = time.process_time() - started
    started = time.process_time()
    values = signatures_of(text_shingles(folded))
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


def main() -> None:
    """Prints Markdown tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    against_datasketch()
    planted()


if __name__ == "__main__":
    main()
