"""Both sides of a pair are found though shards are read apart."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.build.report.twins import marked, side_by_side
from hanmill.pipelines.build.twins import Side, Twins
from hanmill.pipelines.dedup.schema import DUPLICATE, NEAR_DUPLICATE


@given(st.integers(1, 60), st.integers(1, 7), st.randoms(use_true_random=False))
def test_pairs_are_the_same_however_documents_lie_in_shards(clusters: int, shards: int, draw: random.Random) -> None:
    uids = list({draw.getrandbits(64) for _ in range(clusters)})
    documents = [(rule, uid) for uid in uids for rule in ("kept", NEAR_DUPLICATE, DUPLICATE)]

    def over(count: int) -> Twins:
        parts = [Twins() for _ in range(count)]
        draw.shuffle(documents)
        for rule, uid in documents:
            part = draw.choice(parts)
            if rule == "kept":
                part.keep(uid, "題", f"本文{uid}")
            else:
                part.leave(rule, uid, "写し", f"本文{uid}の写し")
        whole = Twins()
        draw.shuffle(parts)
        for part in parts:
            whole.add(Twins.from_json(json.loads(json.dumps(part.to_json()))))
        return whole

    found = list(over(shards).pairs())
    assert found == list(over(1).pairs())
    lowest = sorted(uids)[:4]
    assert [(rule, left.kept_uid, kept.kept_uid) for rule, left, kept in found] == [
        (rule, uid, uid) for rule in (NEAR_DUPLICATE, DUPLICATE) for uid in lowest
    ]


def test_a_document_without_its_other_side_is_not_shown() -> None:
    twins = Twins()
    twins.leave(DUPLICATE, 7, "轉載", "臺灣是東亞的島嶼")
    twins.keep(8, "原文", "香港位於珠江口")
    assert list(twins.pairs()) == []
    assert side_by_side(twins) == ""


def test_what_differs_is_marked_and_nothing_of_the_web_is_raw() -> None:
    assert marked("台灣<b>是島嶼", "臺灣<b>是島嶼。") == (
        "<del>台</del>灣&lt;b&gt;是島嶼",
        "<ins>臺</ins>灣&lt;b&gt;是島嶼<ins>。</ins>",
    )
    twins = Twins()
    twins.leave(NEAR_DUPLICATE, 7, "<script>", "他看著窗外的海。")
    twins.keep(7, "\u202e原文", "他看著窗外的山。")
    page = side_by_side(twins)
    assert "<script" not in page
    assert "\u202e" not in page
    assert '<a href="#loss-near_duplicate-1">' in page
    assert "窗外的<del>海</del>。" in page
    assert "窗外的<ins>山</ins>。" in page


def test_only_beginnings_are_held() -> None:
    twins = Twins()
    twins.keep(1, "題" * 100_000, "水" * 100_000)
    assert twins.kept == [Side(1, "題" * 120, "水" * 400)]
