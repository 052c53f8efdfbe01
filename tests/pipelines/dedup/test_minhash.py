from __future__ import annotations

import random

import numpy as np
import pytest

from hanmill.pipelines.dedup.minhash import (
    BANDS,
    BINS,
    Shingles,
    band_keys,
    estimated_jaccard,
    shingle_hashes,
    signatures,
    sketch,
)

KANA_AND_KANJI = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん日本国語大辞典東京都"
)


def points(text: str) -> np.ndarray:
    return np.array([ord(character) for character in text], np.uint32)


def edited(share: float) -> tuple[str, str]:
    rng = random.Random(2)
    first = "".join(rng.choice(KANA_AND_KANJI) for _ in range(6000))
    return first, "".join(rng.choice(KANA_AND_KANJI) if rng.random() < share else c for c in first)


@pytest.mark.parametrize("share", [0.01, 0.03, 0.06, 0.1])
def test_both_forms_estimate_the_jaccard_similarity(share: float) -> None:
    hashes = [shingle_hashes(points(text)) for text in edited(share)]
    one, other = (set(h.tolist()) for h in hashes)
    true = len(one & other) / len(one | other)
    tolerance = 4 * np.sqrt(true * (1 - true) / BINS)
    values = [signatures(Shingles(h, np.array([0, len(h)]))) for h in hashes]
    assert abs(float(np.mean(values[0] == values[1])) - true) < tolerance
    assert abs(float(estimated_jaccard(sketch(values[0]), sketch(values[1]))[0]) - true) < tolerance


def test_shingles_are_counted_as_their_width_says() -> None:
    assert len(shingle_hashes(points("吾輩は猫である"))) == 3
    assert len(shingle_hashes(points("吾輩は猫である"), 2)) == 6
    assert len(shingle_hashes(points("猫"))) == 1
    assert len(shingle_hashes(points(""))) == 0


def test_equal_rows_of_different_bands_are_different_keys() -> None:
    same = np.full((1, BINS), 7, np.uint32)
    assert len(np.unique(band_keys(same))) == BANDS
