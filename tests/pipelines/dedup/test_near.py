from __future__ import annotations

import random

import numpy as np
import pytest

from pipelines.dedup.fold import fold
from pipelines.dedup.minhash import BINS, shingle_hashes, signature
from pipelines.dedup.near import SHORT_SHINGLES, near_clusters

COMMON = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"


def text(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(COMMON) for _ in range(length))


def edit(rng: random.Random, original: str, share: float) -> str:
    return "".join(rng.choice(COMMON) if rng.random() < share else character for character in original)


def clusters(texts: list[str], jaccard: float = 0.7) -> list[int]:
    hashes = [shingle_hashes(fold(t)) for t in texts]
    short = [np.unique(h.astype(np.uint32)) if len(h) < SHORT_SHINGLES else np.zeros(0, np.uint32) for h in hashes]
    return near_clusters(np.stack([signature(h) for h in hashes]), short, jaccard).tolist()


def jaccard(first: str, second: str) -> float:
    one, other = (set(shingle_hashes(fold(t)).tolist()) for t in (first, second))
    return len(one & other) / len(one | other)


def test_signature_estimates_the_jaccard_similarity() -> None:
    rng = random.Random(2)
    for share in (0.01, 0.03, 0.06, 0.1):
        first = text(rng, 6000)
        second = edit(rng, first, share)
        estimate = np.mean(signature(shingle_hashes(fold(first))) == signature(shingle_hashes(fold(second))))
        true = jaccard(first, second)
        assert abs(estimate - true) < 4 * np.sqrt(true * (1 - true) / BINS)


def test_planted_copies_are_found_and_strangers_left_alone() -> None:
    rng = random.Random(3)
    originals = [text(rng, rng.choice((60, 400, 3000))) for _ in range(120)]
    copies = [edit(rng, original, 0.01) for original in originals]
    found = clusters(originals + copies)
    assert found[: len(originals)] == list(range(len(originals)))
    recalled = sum(found[len(originals) + n] == n for n in range(len(copies)))
    wanted = sum(jaccard(o, c) >= 0.8 for o, c in zip(originals, copies, strict=True))
    assert wanted > 90
    assert recalled >= 0.97 * wanted
    strangers = [n for n in range(len(copies)) if found[len(originals) + n] not in (n, len(originals) + n)]
    assert strangers == []


def test_simplified_and_traditional_twins_meet() -> None:
    simplified = "计算机科学是系统性研究信息与计算的理论基础以及它们在计算机系统中如何实现与应用的实用技术的学科。"
    traditional = "計算機科學是系統性研究信息與計算的理論基礎以及它們在計算機系統中如何實現與應用的實用技術的學科。"
    assert clusters(
        [simplified, traditional, "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"]
    ) == [0, 0, 2]


@pytest.mark.parametrize("short", ["", "猫", "猫犬鳥魚"])
def test_texts_shorter_than_a_shingle_meet_only_their_equals(short: str) -> None:
    assert clusters([short, short, "全然違う文章である"])[:2] == [0, 0]
