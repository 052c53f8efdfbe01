"""What deduplication computes from fixed texts: a changed number changes which documents are duplicates, and this."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hanmill.pipelines.dedup import minhash
from hanmill.pipelines.dedup.fold import FINGERPRINT_BYTES, fingerprint, fold
from hanmill.pipelines.dedup.lines import SHORTEST_LINE, line_hashes
from hanmill.pipelines.dedup.minhash import Shingles, band_keys, estimated_jaccard, shingle_hashes, signatures, sketch
from hanmill.pipelines.dedup.pairs import LEADERS

LONG = "".join(chr(0x4E00 + (place * 7919) % 20902) for place in range(400))
TEXTS = {
    "empty": "",
    "short": "川の町",
    "chinese": "入秋以后水位回落，停了三个月的江心渡口在周五晚上重新开船。第一班船载着二十七名乘客。",
    "japanese": "山あいの小さな駅には、一日に５本しか列車が止まらない。ﾎｰﾑのﾍﾞﾝﾁは㍿の寄付だ。葛\U000e0100飾か\u3099",
    "korean": "바닷가 마을의 아침은 배가 들어오는 소리로 시작된다. 한글",
    "latin": "The Harbour wakes before the town does: İstanbul, ﬁnd, Straße, ÅNGSTRÖM №5 ½",
    "long": LONG,
}


def digest(values: npt.NDArray[Any] | bytes) -> str:
    return hashlib.sha256(values if isinstance(values, bytes) else values.tobytes()).hexdigest()[:12]


def computed(text: str) -> tuple[str, ...]:
    """Digests of the folded text, its fingerprint, shingles, signature, band keys, sketch and line hashes."""
    folded = fold(text)
    hashes = shingle_hashes(folded)
    values = signatures(Shingles(hashes, np.array([0, len(hashes)])))
    return tuple(
        map(
            digest,
            (folded, fingerprint(folded), hashes, values, band_keys(values), sketch(values), line_hashes(text)),
        )
    )


GOLDEN: dict[str, tuple[str, ...]] = {
    "empty": (
        "e3b0c44298fc",
        "ce39ab04a0d2",
        "e3b0c44298fc",
        "ad948f3d279d",
        "55cb95dcc696",
        "ccae1bbb8a05",
        "af5570f5a181",
    ),
    "short": (
        "4e325739da8d",
        "283391f1b4ce",
        "b14fb5438432",
        "2decc59d7c5a",
        "9bb48be5cf71",
        "07bab260e2df",
        "af5570f5a181",
    ),
    "chinese": (
        "b3399d9c7223",
        "cfa0aa0ae850",
        "661fe91a4357",
        "636bec89aeac",
        "62805ad68cc3",
        "0f2e704562e5",
        "c95a3a988d7f",
    ),
    "japanese": (
        "1d74472d83aa",
        "5b0e9cf70751",
        "6f5380af7055",
        "68ceab4fc846",
        "e1be2959023f",
        "309eef544395",
        "bb7436b43ed6",
    ),
    "korean": (
        "8698ed0e3f25",
        "ef21994461a8",
        "394636810eb3",
        "9fe9579355c6",
        "478aeed5b354",
        "fe063f829d06",
        "b2219d228b12",
    ),
    "latin": (
        "65c5c3a5828a",
        "91c47848b02b",
        "e9aa723029b5",
        "bbc1fba2c758",
        "197283006622",
        "5482cab68fdc",
        "99329d7e063c",
    ),
    "long": (
        "92880df2fafe",
        "061ce792b8cc",
        "2beccbb405cc",
        "7e9c696bd0b0",
        "d2fb4a6c717b",
        "0ff413110327",
        "cf178c9dc4e8",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_fixed_texts(name: str) -> None:
    assert computed(TEXTS[name]) == GOLDEN[name]


def test_longer_shingles_as_evaluation_items_have() -> None:
    assert digest(shingle_hashes(fold(LONG), 13)) == "c9b80f194868"
    assert digest(shingle_hashes(fold(LONG), 27)) == "b647bc326219"


def test_numbers_that_decide() -> None:
    assert (minhash.NGRAM, minhash.BANDS, minhash.ROWS, minhash.BINS) == (5, 14, 8, 112)
    assert (minhash.SHORT_SHINGLES, FINGERPRINT_BYTES, SHORTEST_LINE, LEADERS) == (300, 16, 8, 64)


def test_lines_of_seven_characters_and_less_are_nobodys() -> None:
    assert line_hashes("一二三四五六七\n一二三四五六七八").astype(bool).tolist() == [False, True]


def test_estimates() -> None:
    first = np.arange(112, dtype=np.uint8)[None]
    half = first.copy()
    half[0, :56] ^= 1
    assert estimated_jaccard(first, first).tolist() == [1.0]
    assert estimated_jaccard(first, half).tolist() == pytest.approx([(0.5 - 1 / 256) / (1 - 1 / 256)])
    assert estimated_jaccard(first, first ^ 1).tolist() == pytest.approx([-1 / 255])


def test_folding_at_the_edges_of_ranges() -> None:
    """Jamo, variation selectors and voicing marks behind letters, and what stands just outside their ranges."""
    edges = "ᅡᅵᆨᇂ\u1160\u1176\u11a7\u11c3\u180a\u180b\u180f\u1810\ufdff\ufe00\ufe0f\ufe10゙゚か"
    text = "".join(f"{a}{b} " for a in "aかᄀ漢" for b in edges)
    assert digest(fold(text)) == "5d626f4fb1d1"
