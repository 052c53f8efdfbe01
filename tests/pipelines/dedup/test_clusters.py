from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.dedup.clusters import cluster, links, shard_digests, smallest
from hanmill.pipelines.dedup.exchange import ROWS, exchange_batches
from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.minhash import shingle_hashes
from hanmill.pipelines.dedup.schema import CLUSTERED, SIGNATURES
from hanmill.pipelines.dedup.signatures import signature_row
from hanmill.schemas.recipe import DeduplicateRecipe

WIKIPEDIA, WEB = 0, 1
NEKO = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
    "何でも薄暗いじめじめした所でニャーニャー泣いていた。"
)
SIMPLIFIED = "计算机科学是系统性研究信息与计算的理论基础以及它们在计算机系统中如何实现与应用的实用技术的学科。"
TRADITIONAL = "計算機科學是系統性研究信息與計算的理論基礎以及它們在計算機系統中如何實現與應用的實用技術的學科。"
COMMON = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小"
    "么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"
)


def shard(documents: list[tuple[int, int, str]]) -> pa.Table:
    """SIGNATURES of (uid, source rank, text)."""
    rows = [signature_row(uid, rank, text, lines=False) for uid, rank, text in documents]
    return pa.Table.from_pylist(rows, SIGNATURES)


def clustered(shards: list[pa.Table], partitions: int = 1, **settings: object) -> pa.Table:
    recipe = DeduplicateRecipe(**settings)  # type: ignore[arg-type]
    batches = exchange_batches(list(enumerate(shards)), partitions)
    found = cluster([links(pa.Table.from_batches([batch], ROWS), recipe) for batch in batches], recipe)
    assert found.schema.equals(CLUSTERED)
    return found


def removed(shards: list[pa.Table], **settings: object) -> list[tuple[int, int, str, int, int]]:
    rows = clustered(shards, **settings).to_pylist()
    return [(*divmod(r["node"], 1 << 32), r["rule"], r["kept_uid"], r["cluster_size"]) for r in rows if r["rule"]]


def test_the_copy_of_the_better_source_is_kept() -> None:
    found = removed([shard([(1, WEB, NEKO + "。")]), shard([(2, WIKIPEDIA, NEKO)])])
    assert found == [(0, 0, "duplicate@1", 2, 2)]


def test_of_one_source_the_longest_is_kept_then_the_first() -> None:
    shards = [shard([(1, WEB, NEKO), (2, WEB, NEKO + "しかもあとで聞くとそれは書生だ")]), shard([(3, WEB, NEKO)])]
    assert removed(shards, near=True, jaccard=0.5) == [(0, 0, "near_duplicate@1", 2, 3), (1, 0, "duplicate@1", 2, 3)]


def test_what_is_kept_goes_by_the_policy() -> None:
    longer = NEKO + "しかもあとで聞くとそれは書生だ"
    shards = [shard([(1, WEB, NEKO)]), shard([(2, WIKIPEDIA, NEKO + "。"), (3, WEB, longer)])]
    kept = {
        policy: {row[3] for row in removed(shards, near=True, jaccard=0.5, keep=policy)}
        for policy in ("best_source", "longest", "first")
    }
    assert kept == {"best_source": {2}, "longest": {3}, "first": {1}}


def test_a_document_read_twice_is_kept_once_whatever_the_recipe_says() -> None:
    shards = [shard([(7, WIKIPEDIA, NEKO)]), shard([(7, WIKIPEDIA, SIMPLIFIED * 2)])]
    assert removed(shards, exact=False) == [(0, 0, "same_document@1", 7, 2)]


def test_copies_that_stay_are_still_one_cluster() -> None:
    found = clustered([shard([(1, WEB, SIMPLIFIED), (2, WEB, NEKO), (3, WEB, TRADITIONAL)])], exact=False).to_pylist()
    assert [(row["node"], row["rule"], row["kept_uid"]) for row in found] == [(0, None, 1), (2, None, 3)]
    assert found[0]["cluster"] == found[1]["cluster"] == fingerprint(fold(TRADITIONAL))


def test_a_mirror_with_a_few_edits_goes_only_where_near_duplicates_do() -> None:
    page = NEKO * 3 + SIMPLIFIED
    shards = [
        shard([(1, WIKIPEDIA, page)]),
        shard([(2, WEB, page.replace("書生", "学生") + "广告"), (3, WEB, NEKO[::-1])]),
    ]
    assert removed(shards) == []
    assert removed(shards, near=True) == [(1, 0, "near_duplicate@1", 1, 2)]
    assert len(clustered(shards)) == 2


@pytest.mark.parametrize("short", ["", "猫", "猫犬鳥魚"])
def test_texts_shorter_than_a_shingle_meet_only_their_equals(short: str) -> None:
    shards = [shard([(1, WEB, short), (2, WEB, short), (3, WEB, "全然違う文章である")])]
    assert [(row, kept) for _, row, _, kept, _ in removed(shards, near=True)] == [(1, 1)]


def text(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(COMMON) for _ in range(length))


def edit(rng: random.Random, original: str, share: float) -> str:
    return "".join(rng.choice(COMMON) if rng.random() < share else character for character in original)


def jaccard(first: str, second: str) -> float:
    one, other = (set(shingle_hashes(fold(t)).tolist()) for t in (first, second))
    return len(one & other) / len(one | other)


def planted() -> tuple[list[str], list[str]]:
    rng = random.Random(3)
    originals = [text(rng, rng.choice((60, 400, 3000))) for _ in range(120)]
    return originals, [edit(rng, original, 0.01) for original in originals]


def test_planted_copies_are_found_and_strangers_left_alone() -> None:
    originals, copies = planted()
    shards = [
        shard([(n, WIKIPEDIA, t) for n, t in enumerate(originals)]),
        shard([(1000 + n, WEB, t) for n, t in enumerate(copies)]),
    ]
    found = removed(shards, near=True, jaccard=0.7)
    assert all(number == 1 and kept == row for number, row, _, kept, _ in found)
    alike = sum(jaccard(o, c) >= 0.8 for o, c in zip(originals, copies, strict=True))
    assert alike > 90
    assert len(found) >= 0.97 * alike


def test_neither_partitions_nor_the_order_of_reading_change_anything() -> None:
    originals, copies = planted()
    everything = [(n, n % 2, t) for n, t in enumerate([*originals, *copies, *originals[:20]])]
    shards = [shard(everything[start : start + 60]) for start in range(0, len(everything), 60)]
    expected = clustered(shards, near=True)
    assert len(expected) > 150
    for partitions in (2, 7, 64):
        assert clustered(shards, partitions, near=True).equals(expected)
    recipe = DeduplicateRecipe(near=True)
    rows = pa.Table.from_batches(exchange_batches(list(enumerate(shards)), 1), ROWS)
    for seed in range(3):
        shuffled = rows.take(pa.array(np.random.default_rng(seed).permutation(len(rows))))
        assert cluster([links(shuffled, recipe)], recipe).equals(expected)


def test_a_corpus_without_copies_has_no_clusters() -> None:
    found = clustered([shard([(1, WEB, NEKO)]), shard([])], partitions=3)
    assert len(found) == 0
    assert shard_digests(found) == {}
    assert len(clustered([shard([])])) == 0


def test_only_shards_whose_documents_are_concerned_hear_of_it() -> None:
    alone, copy = shard([(1, WEB, NEKO)]), shard([(2, WEB, NEKO)])
    stranger = shard([(3, WEB, SIMPLIFIED)])
    before = shard_digests(clustered([alone, copy, stranger]))
    moved = shard_digests(clustered([stranger, alone, copy]))
    assert list(before) == [0, 1]
    assert [moved[1], moved[2]] == [before[0], before[1]]
    assert shard_digests(clustered([alone, copy, stranger], exact=False)) != before


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60))
    )
)
def test_components_are_those_of_the_graph(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    parent = list(range(count))
    for _ in range(count):
        for first, second in edges:
            parent[first] = parent[second] = min(parent[first], parent[second])
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    assert smallest(count, pairs[:, 0], pairs[:, 1]).tolist() == parent


def test_a_long_chain_is_one_component() -> None:
    order = np.random.default_rng(5).permutation(20_000)
    assert not smallest(len(order), order[:-1], order[1:]).any()
