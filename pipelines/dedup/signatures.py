"""The signature of a document: all that deduplication ever sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hanmill.pipelines.dedup.address import address_key, seconds_of
from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.minhash import BINS, SHORT_SHINGLES, band_keys, shingle_hashes, signature, sketch
from hanmill.pipelines.dedup.repeats import repeat_keys
from hanmill.schemas.recipe import DeduplicateRecipe


class Signed(NamedTuple):
    """What is signed of a document; ``rank`` is that of its source."""

    uid: int
    rank: int
    text: str
    url: str = ""
    timestamp: str = ""


def signature_row(document: Signed, settings: DeduplicateRecipe) -> dict[str, Any]:
    """The row of SIGNATURES of one document, as ``signature_rows`` gives it."""
    return signature_rows((document,), settings)[0]


def signature_rows(documents: Sequence[Signed], settings: DeduplicateRecipe) -> list[dict[str, Any]]:
    """A row of SIGNATURES for every document; lines and passages are hashed where the settings count them.

    Short texts cost a third of what they cost one by one.
    """
    folded = [fold(document.text) for document in documents]
    hashes = [shingle_hashes(one) for one in folded]
    values = np.stack([signature(one) for one in hashes]) if documents else np.zeros((0, BINS), np.uint32)
    bands, sketches = band_keys(values), sketch(values)
    rows = []
    for number, document in enumerate(documents):
        short = len(hashes[number]) < SHORT_SHINGLES
        rows.append(
            {
                "uid": document.uid,
                "source_rank": document.rank,
                "length": len(folded[number]),
                "address": address_key(document.url),
                "time": seconds_of(document.timestamp),
                "fingerprint": fingerprint(folded[number]),
                "bands": bands[number].tobytes(),
                "sketch": sketches[number].tobytes(),
                "shingles": np.unique(hashes[number].astype(np.uint32)) if short else (),
                "lines": repeat_keys(document.text, settings) if settings.counts_repeats else (),
            }
        )
    return rows
