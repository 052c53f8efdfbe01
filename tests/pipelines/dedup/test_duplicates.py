from __future__ import annotations

import random

from pipelines.dedup.duplicates import DUPLICATES, Candidate, find_duplicates
from schemas.recipe import DeduplicateRecipe

NAMES = ["part-a.parquet", "part-b.parquet"]
WIKIPEDIA, WEB = 0, 1


def candidate(source: int, length: int, shard: int, row: int, uid: int, text: bytes) -> Candidate:
    return Candidate(source, -length, shard, row, uid, text)


def removed(candidates: list[Candidate], *, by_text: bool = True) -> list[tuple[str, int, str, int, int]]:
    table = find_duplicates(candidates, NAMES, DeduplicateRecipe(exact=by_text))
    assert table.schema.equals(DUPLICATES)
    return [(r["shard"], r["row"], r["rule"], r["kept_uid"], r["cluster_size"]) for r in table.to_pylist()]


def test_the_copy_of_the_better_source_is_kept() -> None:
    found = removed([candidate(WEB, 90, 0, 0, 1, b"t"), candidate(WIKIPEDIA, 10, 1, 0, 2, b"t")])
    assert found == [("part-a.parquet", 0, "duplicate@1", 2, 2)]


def test_the_longest_is_kept_then_the_first() -> None:
    found = removed(
        [candidate(WEB, 10, 0, 0, 1, b"t"), candidate(WEB, 12, 0, 1, 2, b"t"), candidate(WEB, 12, 1, 0, 3, b"t")]
    )
    assert found == [("part-a.parquet", 0, "duplicate@1", 2, 3), ("part-b.parquet", 0, "duplicate@1", 2, 3)]


def test_a_document_read_twice_is_kept_once_whatever_the_recipe_says() -> None:
    twice = [candidate(WIKIPEDIA, 5, 0, 3, 7, b"old"), candidate(WIKIPEDIA, 6, 1, 4, 7, b"new")]
    assert removed(twice, by_text=False) == [("part-a.parquet", 3, "same_document@1", 7, 2)]


def test_equal_texts_stay_when_the_recipe_wants_them() -> None:
    assert removed([candidate(WEB, 5, 0, 0, 1, b"t"), candidate(WEB, 5, 0, 1, 2, b"t")], by_text=False) == []


def test_the_order_of_reading_does_not_matter() -> None:
    rng = random.Random(1)
    candidates = [
        candidate(
            rng.randrange(2), rng.randrange(4), rng.randrange(2), row, rng.randrange(60), b"%d" % rng.randrange(40)
        )
        for row in range(100)
    ]
    expected = removed(candidates)
    assert len(expected) > 40
    for _ in range(5):
        rng.shuffle(candidates)
        assert removed(candidates) == expected
