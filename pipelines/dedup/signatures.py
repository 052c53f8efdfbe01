"""The signature of a document: all that deduplication ever sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.lines import line_hashes
from hanmill.pipelines.dedup.minhash import BINS, SHORT_SHINGLES, band_keys, shingle_hashes, signature, sketch


def signature_row(uid: int, rank: int, text: str, *, lines: bool) -> dict[str, Any]:
    """The row of SIGNATURES of one document, as ``signature_rows`` gives it."""
    return signature_rows(((uid, rank, text),), lines=lines)[0]


def signature_rows(documents: Sequence[tuple[int, int, str]], *, lines: bool) -> list[dict[str, Any]]:
    """A row of SIGNATURES for every uid, rank of its source, and text; lines are hashed where ``lines`` says so.

    Short texts cost a third of what they cost one by one.
    """
    folded = [fold(text) for _, _, text in documents]
    hashes = [shingle_hashes(one) for one in folded]
    values = np.stack([signature(one) for one in hashes]) if documents else np.zeros((0, BINS), np.uint32)
    bands, sketches = band_keys(values), sketch(values)
    rows = []
    for number, (uid, rank, text) in enumerate(documents):
        hashed_lines = np.unique(line_hashes(text)) if lines else np.zeros(0, np.uint64)
        short = len(hashes[number]) < SHORT_SHINGLES
        rows.append(
            {
                "uid": uid,
                "source_rank": rank,
                "length": len(folded[number]),
                "fingerprint": fingerprint(folded[number]),
                "bands": bands[number].tobytes(),
                "sketch": sketches[number].tobytes(),
                "shingles": np.unique(hashes[number].astype(np.uint32)) if short else (),
                "lines": hashed_lines[hashed_lines != 0],
            }
        )
    return rows
