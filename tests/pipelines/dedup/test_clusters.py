from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.dedup.clusters import decide, ends, linked_nodes, links
from hanmill.pipelines.dedup.components import smallest
from hanmill.pipelines.dedup.exchange import (
    MEMBERS,
    ROWS,
    bounded_buckets,
    distinct,
    in_turn,
    key_batches,
    members_of,
    numbered,
)
from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.minhash import shingle_hashes
from hanmill.pipelines.dedup.schema import CLUSTERED
from hanmill.pipelines.dedup.signatures import Signed, signature_table
from hanmill.pipelines.dedup.signed import compared, signed_of
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
from hanmill.pipelines.dedup.verdicts import digest_of, verdict_of
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


def shard(documents: Sequence[tuple[int, int, str] | tuple[int, int, str, str, str]]) -> pa.Table:
    """SIGNATURES of (uid, source rank, text), or of these with address and time."""
    return signature_table([Signed(*document) for document in documents], DeduplicateRecipe())


def clustered(shards: list[pa.Table], partitions: int = 1, together: int = 1, **settings: object) -> pa.Table:
    """CLUSTERED by the steps, of which ``together`` shards are scattered at a time."""
    grouping = Grouping(DeduplicateRecipe(**settings), partitions, partitions)  # type: ignore[arg-type]
    held = InMemory(grouping)
    for start in range(0, len(shards), together):
        documents = numbered(list(enumerate(shards[start : start + together], start)))
        held.add(scatter(documents, grouping))
        held.add(signed_cuts(documents, grouping))
    held.run([*LINK_STEPS, *component_steps(), *LABEL_STEPS])
    found = held.whole(VERDICTS)
    assert found.schema.equals(CLUSTERED)
    return found.sort_by("node").combine_chunks()


def plainly(shards: list[pa.Table], **settings: object) -> pa.Table:
    """CLUSTERED of all links in one place, and no copy left out of the exchange."""
    recipe = DeduplicateRecipe(**settings)  # type: ignore[arg-type]
    documents = numbered(list(enumerate(shards)))
    (batch,) = every_row(documents, address=recipe.address)
    rows = compared(pa.Table.from_batches([batch], ROWS).select(MEMBERS.names), signed_of(documents))
    table = links(rows, recipe)
    nodes = linked_nodes(table)
    ids = nodes["node"].to_numpy()
    first, second = (np.searchsorted(ids, side) for side in ends(table))
    return decide(nodes, ids[smallest(len(ids), first, second)], recipe)


def every_row(documents: pa.Table, *, address: bool = False) -> list[pa.RecordBatch]:
    """ROWS of one partition, copies too."""
    leads = np.ones((len(documents), 3), bool)
    leads[:, 2] = address & (documents["address"].to_numpy() != 0)
    return list(key_batches(documents, 1, leads))


def shard_digests(found: pa.Table) -> dict[int, str]:
    numbers = found["node"].to_numpy() >> np.uint64(32)
    return {n: digest_of(verdict_of(found.filter(pa.array(numbers == n)))) for n in np.unique(numbers).tolist()}


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
    expected = plainly(shards, near=True)
    assert len(expected) > 150
    for partitions in (1, 2, 7, 64):
        for together in (1, 3, len(shards)):
            assert clustered(shards, partitions, together, near=True).equals(expected)
    recipe = DeduplicateRecipe(near=True)
    documents = numbered(list(enumerate(shards)))
    (batch,) = every_row(documents)
    rows = compared(pa.Table.from_batches([batch]).select(MEMBERS.names), signed_of(documents))
    pairs = {tuple(pair) for pair in np.stack(ends(links(rows, recipe)), axis=1).tolist()}
    for seed in range(3):
        shuffled = rows.take(pa.array(np.random.default_rng(seed).permutation(len(rows))))
        assert {tuple(pair) for pair in np.stack(ends(links(shuffled, recipe)), axis=1).tolist()} == pairs


@pytest.mark.parametrize("keep", ["best_source", "longest", "newest", "first"])
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("address", [False, True])
def test_copies_left_out_of_the_exchange_change_nothing(keep: str, exact: bool, address: bool) -> None:
    """Copies of copies with small edits, some under one uid or address: all that a hot key may bring."""
    rng = random.Random(11)
    texts = [text(rng, 300) for _ in range(12)]
    texts += [edit(rng, original, 0.01) for original in texts]
    documents = [
        (rng.randrange(150), rng.randrange(2), rng.choice(texts), rng.choice(["", f"http://例え.jp/{rng.randrange(90)}"]),
         f"2026-0{rng.randrange(1, 10)}-01T00:00:00Z")
        for _ in range(240)
    ]  # fmt: skip
    shards = [shard(documents[start : start + 30]) for start in range(0, 240, 30)]
    expected = plainly(shards, near=True, keep=keep, exact=exact, address=address)
    assert ("same_address@1" in expected["rule"].to_pylist()) == address
    for partitions, together in ((1, 8), (5, 1), (5, 3)):
        settings = {"near": True, "keep": keep, "exact": exact, "address": address}
        assert clustered(shards, partitions, together, **settings).equals(expected)


def test_of_an_address_the_newest_capture_stays() -> None:
    captures = [
        (1, WEB, NEKO, "https://www.example.com/page#top", "2024-05-01T00:00:00Z"),
        (2, WEB, SIMPLIFIED, "http://example.com/page", "2026-05-01T00:00:00Z"),
        (3, WEB, "他看著窗外的海，想起了家鄉的母親。", "http://example.com:80/page", "2025-05-01T09:00:00+09:00"),
        (4, WEB, "甚麼也沒有留下，只剩一張舊照片在桌上。", "http://example.com/page?id=2", "2020-05-01T00:00:00Z"),
        (5, WEB, "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。", "", "2020-05-01T00:00:00Z"),
        (6, WEB, "剛剛剝咗智慧齒，個口仲好痛，乜都食唔到。", "", "2020-05-01T00:00:00Z"),
    ]
    shards = [shard(captures[:1]), shard(captures[1:4]), shard(captures[4:])]
    gone = [(0, 0, "same_address@1", 2, 3), (1, 1, "same_address@1", 2, 3)]
    assert removed(shards, address=True, keep="newest") == gone
    assert [row[3] for row in removed(shards, address=True, keep="longest")] == [1, 1]
    assert removed(shards) == []


def test_a_page_in_two_dumps_is_read_as_it_stood_last() -> None:
    old, new = ((7, 0, text, "https://zh.wikipedia.org/wiki/貓", time) for text, time in (
        (NEKO * 2, "2025-01-01T00:00:00Z"), (NEKO, "2026-01-01T00:00:00Z"),
    ))  # fmt: skip
    assert removed([shard([new]), shard([old])], keep="newest") == [(1, 0, "same_document@1", 7, 2)]
    assert removed([shard([old]), shard([new])], keep="newest") == [(0, 0, "same_document@1", 7, 2)]


def test_a_hot_text_is_one_row_of_a_key_however_often_it_is_there() -> None:
    same = shard([(n, WEB, NEKO) for n in range(500)])
    grouping = Grouping(DeduplicateRecipe(near=True), 1, 1)
    held = InMemory(grouping)
    held.add(scatter(numbered([(0, same)]), grouping))
    kinds = held.whole("rows")["kind"].to_pylist()
    assert sorted(kinds) == [0] * 500 + [1] + [2] * 14


def test_a_bucket_is_compared_once_whatever_its_keys() -> None:
    edited = NEKO.replace("何でも", "どうも")
    found = shard([(1, WEB, NEKO), (2, WEB, NEKO), (3, WEB, edited), (4, WEB, SIMPLIFIED)])
    (batch,) = every_row(numbered([(0, found)]))
    members = members_of(pa.Table.from_batches([batch]))
    once = distinct(members)
    by_key: dict[tuple[int, int], set[int]] = {}
    for row in once.to_pylist():
        by_key.setdefault((row["kind"], row["key"]), set()).add(row["node"])
    buckets = sorted((kind, sorted(nodes)) for (kind, _), nodes in by_key.items())
    # The copies have one text and fourteen bands in common; some of the bands the edited one has too.
    assert buckets == [(1, [0, 1]), (2, [0, 1]), (2, [0, 1, 2])]
    assert members.num_rows > 3 * once.num_rows
    again = distinct(pa.concat_tables([members, members.take(pa.array(range(len(members))[::-1]))]))
    assert again.equals(once)


def test_buckets_are_taken_in_turn_and_whole() -> None:
    keys = [1, 1, 2, 2, 2, 2, 3, 3, 4, 4]
    columns = [pa.array(keys, pa.uint64()), pa.array([2] * 10, pa.uint8()), pa.array(range(10), pa.uint64())]
    members = pa.Table.from_arrays(columns, schema=MEMBERS)
    parts = [part["key"].to_pylist() for part in in_turn(members, 3)]
    assert parts == [[1, 1], [2, 2, 2, 2], [3, 3], [4, 4]]
    assert [len(part) for part in in_turn(members, 4)] == [2, 4, 4]
    assert [len(part) for part in in_turn(members, 100)] == [10]
    assert list(in_turn(members.slice(0, 0))) == []


def test_of_a_hot_band_the_best_are_compared() -> None:
    found = shard([(n, n % 2, NEKO) for n in range(20)])
    (batch,) = every_row(numbered([(0, found)]))
    rows = pa.Table.from_batches([batch])
    bounded = bounded_buckets(rows, "first", 5)
    kinds = bounded["kind"].to_pylist()
    assert (kinds.count(0), kinds.count(1), kinds.count(2)) == (20, 20, 5 * 14)
    assert set(bounded.filter(pc.field("kind") == 2)["node"].to_pylist()) == {0, 1, 2, 3, 4}
    web_last = bounded_buckets(rows, "best_source", 10)
    assert set(web_last.filter(pc.field("kind") == 2)["source_rank"].to_pylist()) == {0}
    assert bounded_buckets(rows, "first") is rows


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
