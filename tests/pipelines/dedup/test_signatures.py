"""A batch of documents has the signatures that each of them has alone, and those that the definition says."""

from __future__ import annotations

import hashlib
import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.dedup.fold import fold, fold_texts
from hanmill.pipelines.dedup.lines import line_hashes
from hanmill.pipelines.dedup.minhash import BINS, SHORT_SHINGLES, shingle_hashes, signatures, text_shingles
from hanmill.pipelines.dedup.pairs import _Similar
from hanmill.pipelines.dedup.schema import SIGNATURES
from hanmill.pipelines.dedup.signatures import Signed, signature_table
from hanmill.schemas.recipe import DeduplicateRecipe

#: What folds only in its context, what folds to several, marks at the edges of texts, and texts of no letter.
NASTY = "\u3099\u0301\u1161ｶﾞが各㍿½…　 \n\t\0\ud800😀‍👩葛\U000e0100漢字かなカナabc각"
TEXT = st.text(st.one_of(st.characters(), st.sampled_from(NASTY)), max_size=30)
LONG = st.builds(lambda text, times: text * times, TEXT, st.integers(1, 40))
TEXTS = st.lists(st.one_of(TEXT, LONG, st.just("")), max_size=9)
COUNTED = DeduplicateRecipe(lines=2, text_characters=32)


def table(texts: list[str]) -> pa.Table:
    return signature_table([Signed(number, 1, text) for number, text in enumerate(texts)], COUNTED)


@given(TEXTS)
def test_a_batch_is_signed_as_each_document_alone(texts: list[str]) -> None:
    together = table(texts)
    assert together.schema.equals(SIGNATURES)
    alone = [table([text]).drop_columns(["uid"]).to_pylist()[0] for text in texts]
    assert together.drop_columns(["uid"]).to_pylist() == alone


@given(TEXTS)
def test_folding_looks_no_further_than_a_text(texts: list[str]) -> None:
    points, bounds = fold_texts(texts)
    parts = [points[start:end].tolist() for start, end in pairwise(bounds.tolist())]
    assert parts == [fold(text).tolist() for text in texts]
    assert parts == [fold(unicodedata.normalize("NFKC", text)).tolist() for text in texts]


@given(TEXTS)
def test_signatures_are_the_least_hash_of_every_bin_or_the_next_full_one(texts: list[str]) -> None:
    found = signatures(text_shingles(fold_texts(texts)))
    for text, row in zip(texts, found.tolist(), strict=True):
        hashes = shingle_hashes(fold(text)).tolist()
        least: dict[int, int] = {}
        for one in hashes:
            place = (one * BINS) >> 64
            least[place] = min(one, least.get(place, one))
        for place in range(BINS if least else 0):
            distance = next(step for step in range(BINS) if (place + step) % BINS in least)
            assert row[place] == (least[(place + distance) % BINS] + distance * 0x9E3779B1) % (1 << 32)
        assert least or row == [0xFFFFFFFF] * BINS


@given(TEXTS)
def test_shingles_and_fingerprints_of_short_documents(texts: list[str]) -> None:
    for text, row in zip(texts, table(texts).to_pylist(), strict=True):
        folded = fold(text)
        hashes = shingle_hashes(folded)
        short = len(hashes) < SHORT_SHINGLES
        assert row["shingles"] == (np.unique(hashes.astype(np.uint32)).tolist() if short else [])
        assert row["fingerprint"] == hashlib.blake2b(folded.tobytes(), digest_size=16).digest()
        assert row["length"] == len(folded)


@given(TEXTS)
def test_lines_are_hashed_as_each_alone(lines: list[str]) -> None:
    lines = [line.replace("\n", "") for line in lines] or [""]
    assert line_hashes("\n".join(lines)).tolist() == [line_hashes(line).tolist()[0] for line in lines]


@settings(max_examples=40)
@given(
    st.lists(st.text("甲乙丙丁戊", min_size=1, max_size=40), min_size=2, max_size=8), st.sampled_from([0.3, 0.8, 1.0])
)
def test_short_documents_are_compared_exactly(texts: list[str], jaccard: float) -> None:
    rows = table(texts)
    sets = [set(shingles) for shingles in rows["shingles"].to_pylist()]
    first, second = np.triu_indices(len(texts), 1)
    expected = [
        len(sets[one] & sets[other]) / len(sets[one] | sets[other]) >= jaccard
        for one, other in zip(first.tolist(), second.tolist(), strict=True)
    ]
    assert _Similar(rows, jaccard)(first, second).tolist() == expected
